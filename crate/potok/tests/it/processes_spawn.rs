//! A function in a freshly executed process: this test binary is its own worker.

use super::sys::fork;
use potok::prelude::*;
use potok::processes::Limits;
use std::collections::BTreeMap;

fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

fn twice<T: Clone>(value: T) -> (T, T) {
    (value.clone(), value)
}

fn kind<T>(result: potok::Result<T>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}

#[test]
fn a_function_runs_in_a_process_of_its_own() {
    let child = processes::spawn(|n: u64| (fib(n), std::process::id()), 20).unwrap();
    let pid = child.pid();
    assert_eq!(child.join().unwrap(), (6_765, pid));
    assert_ne!(pid, std::process::id());
}

#[test]
fn generic_functions_and_structured_values_travel() {
    let word = processes::spawn(twice::<String>, "tea".to_owned()).unwrap();
    let number = processes::spawn(twice::<i64>, -7).unwrap();
    assert_eq!(word.join().unwrap(), ("tea".to_owned(), "tea".to_owned()));
    assert_eq!(number.join().unwrap(), (-7, -7));
    let map = BTreeMap::from([(1, vec![Some("x".to_owned()), None])]);
    let child =
        processes::spawn(twice::<BTreeMap<i32, Vec<Option<String>>>>, map.clone());
    assert_eq!(child.unwrap().join().unwrap(), (map.clone(), map));
}

#[test]
fn a_large_argument_arrives_and_a_large_result_returns() {
    let big: Vec<u32> = (0..2_000_000).collect();
    let child = processes::spawn(|v: Vec<u32>| twice(v), big.clone()).unwrap();
    let (one, two) = child.join().unwrap();
    assert!(one == big && two == big);
}

#[test]
fn what_goes_wrong_there_is_an_error_here() {
    let panic = processes::spawn(|n: i32| -> i32 { panic!("no {n}") }, 3).unwrap();
    let panic = panic.join().unwrap_err();
    assert_eq!(panic.kind(), ErrorKind::Panicked);
    let text = panic.to_string();
    assert!(text.contains("no 3") && text.contains("processes_spawn.rs:"), "{text}");

    let abort = processes::spawn(|()| -> () { std::process::abort() }, ()).unwrap();
    assert_eq!(kind(abort.join()), ErrorKind::Killed(6));
    let exit = processes::spawn(|()| -> () { std::process::exit(7) }, ()).unwrap();
    assert_eq!(kind(exit.join()), ErrorKind::Exited(7));
    let endless = |()| -> () {
        loop {
            std::hint::spin_loop();
        }
    };
    let endless = Limits::new().wall(ms(100)).spawn(endless, ()).unwrap();
    assert_eq!(kind(endless.join()), ErrorKind::TimedOut);
    let hog = |n: usize| vec![1_u8; n].len();
    let hog = Limits::new().memory(64 << 20).spawn(hog, 1 << 30).unwrap();
    assert_eq!(kind(hog.join()), ErrorKind::MemoryLimit);
}

#[test]
fn a_recorder_travels_and_its_spans_come_home() {
    let trace = record(|rec| {
        rec.span("here", || ());
        let work = |rec: Recorder| rec.span("there", || busy(ms(1)));
        processes::spawn(work, rec.clone()).unwrap().join().unwrap();
        fork(|| rec.span("copy", || busy(ms(1)))).unwrap().join().unwrap();
    });
    let labels: Vec<_> = trace.spans.iter().map(|span| &*span.label).collect();
    assert_eq!(labels, ["here", "there", "copy"]);
    let pids: Vec<_> = trace.lanes.iter().map(|lane| lane.pid).collect();
    assert_eq!(pids.len(), 3, "{:?}", trace.lanes);
    assert!(pids[1] != pids[0] && pids[2] != pids[0] && pids[1] != pids[2]);
    assert!(trace.spans.is_sorted_by_key(|span| span.start));
}

/// What comes from the environment is looked at before it is called.
#[test]
fn a_place_without_code_is_an_error_that_names_it() {
    let run = |role: &str| {
        let program = std::env::current_exe().unwrap();
        let output = std::process::Command::new(program)
            .env("POTOK_ROLE", role)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for place in [0_usize, 64, 4_096, 1 << 40, usize::MAX] {
        let (code, error) = run(&format!("call:{place}"));
        assert_eq!(code, Some(1), "{error}");
        let named = format!("no code to call at `the program`+{place:#x}: ");
        assert!(error.starts_with(&named), "{error}");
    }
    for role in ["call:main", "call:-1", "boss", ""] {
        let (code, error) = run(role);
        assert_eq!(code, Some(1), "{error}");
        assert!(error.starts_with(&format!("`POTOK_ROLE={role}`: ")), "{error}");
    }
}

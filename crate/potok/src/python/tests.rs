//! Claims about running Python. Without a Python on the machine, only the error for that.

use super::run::run_within;
use super::{child, run};
use crate::error::{Error, ErrorKind};
use crate::workload::ms;
use potok_base::foreign::Folder;
use std::ffi::OsStr;
use std::sync::OnceLock;
use std::time::Instant;

/// Whether there is a Python to test with.
fn here() -> bool {
    static HERE: OnceLock<bool> = OnceLock::new();
    *HERE.get_or_init(|| match super::interpreter() {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => panic!("there is a Python that does not run: {error}"),
    })
}

fn error(code: &str) -> Error {
    run(code).unwrap_err()
}

#[test]
fn a_missing_python_is_named_with_what_to_install() {
    let ended = child::run_by(OsStr::new("no-such-python"), "", ms(1_000));
    let error = ended.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("no-such-python"));
    assert!(error.to_string().contains("apt install python3"));
}

#[test]
fn a_failing_snippet_gives_its_last_lines_and_no_path() {
    if !here() {
        return;
    }
    let error = error("def f():\n    raise ValueError('no coffee')\nf()");
    assert_eq!(error.kind(), ErrorKind::Exited(1));
    let text = error.to_string();
    assert!(text.ends_with("ValueError: no coffee"), "{text}");
    assert!(!text.contains("/tmp"), "{text}");
}

#[test]
fn exit_codes_and_signals_are_told_apart() {
    if !here() {
        return;
    }
    assert_eq!(error("raise SystemExit(3)").kind(), ErrorKind::Exited(3));
    let abort = error("import os, signal; os.kill(os.getpid(), signal.SIGKILL)");
    assert_eq!(abort.kind(), ErrorKind::Killed(9));
}

#[test]
fn the_time_limit_ends_the_code_and_what_it_started() {
    if !here() {
        return;
    }
    let folder = Folder::new("test").unwrap();
    let note = folder.0.join("pid");
    let code = format!(
        "import subprocess; sleep = subprocess.Popen(['sleep', '300'])\n\
         with open({note:?}, 'w') as file: file.write(str(sleep.pid))\n\
         sleep.wait()"
    );
    let error = run_within(ms(5_000), &code).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let pid = std::fs::read_to_string(note).unwrap();
    assert!(ends(pid.parse().unwrap()));
}

#[test]
fn a_process_left_behind_does_not_delay_the_cell() {
    if !here() {
        return;
    }
    let code = "import subprocess; print(subprocess.Popen(['sleep', '30']).pid)";
    let output = run(code).unwrap();
    assert!(output.took < ms(20_000));
    assert!(ends(output.stdout.trim().parse().unwrap()));
}

/// Whether a killed process ends; its adoptive parent may need a moment to reap it.
fn ends(pid: i32) -> bool {
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat"));
    let gone = || state().map_or(true, |stat| stat.contains(") Z "));
    let start = Instant::now();
    while !gone() && start.elapsed() < ms(5_000) {
        std::thread::yield_now();
    }
    gone()
}

#[test]
fn a_flood_of_output_is_cut_and_drained() {
    if !here() {
        return;
    }
    let output = run("import sys\nfor _ in range(40): sys.stdout.write('x' * 65536)");
    assert_eq!(output.unwrap().stdout.len(), 1 << 20);
}

//! The checker of homework: what it tells apart, and what cannot hurt it.
#![expect(clippy::todo, reason = "a stub is one of the answers that are judged")]

use super::sys::fork;
use potok::explore::{self, programs};
use potok::homework::{Check, Flaky, Grade, grade};
use potok::processes::Limits;
use potok::workload::ms;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Instant;

/// What was said of the only check.
fn said(grade: &Grade) -> (bool, &str) {
    let [check] = grade.checks() else { panic!("{} checks", grade.checks().len()) };
    (check.verdict.passed(), check.verdict.text())
}

/// Not `println!`, which the test harness catches.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// What is said of a program that should give 1.
fn of(program: impl FnOnce() -> u32) -> String {
    let grade = grade(1.0).gives("one", program, 1);
    let (passed, text) = said(&grade);
    assert!(!passed, "{text}");
    assert_eq!(grade.score(), 0.0);
    text.to_owned()
}

#[test]
fn a_panic_is_told_in_its_own_words() {
    assert_eq!(of(|| 2), "got 2, expected 1");
    assert_eq!(of(|| todo!()), "not written yet: `todo!()` is still there");
    let text = of(|| panic!("no idea"));
    assert!(text.starts_with("panicked at ") && text.ends_with(": no idea"), "{text}");
    let text = of(|| thread::scope(|s| s.spawn(|| todo!()).join().unwrap()));
    assert_eq!(text, "not written yet: `todo!()` is still there");
    let text = of(|| {
        thread::scope(|s| drop(s.spawn(|| panic!("in a thread"))));
        1
    });
    assert!(text.starts_with("panicked in a thread at "), "{text}");
}

#[test]
fn nothing_that_a_program_does_costs_more_than_its_check() {
    let limits = || Limits::new().wall(ms(2_000)).memory(256 << 20).output(10_000);
    let said_of = |program: &dyn Fn() -> u32| {
        let grade = grade(1.0).limits(limits()).gives("one", program, 1);
        said(&grade).1.to_owned()
    };
    assert_eq!(
        said_of(&|| std::process::exit(0)),
        "ended the whole program (`exit(0)`) instead of returning a value"
    );
    assert!(said_of(&|| std::process::abort()).contains("SIGABRT"));
    assert!(
        said_of(&|| vec![1_u8; 1 << 30].len() as u32).contains("256 MiB of memory")
    );
    let flood = || -> u32 {
        loop {
            print("and on\n");
        }
    };
    assert!(said_of(&flood).contains("does a loop print?"));
    let endless = said_of(&|| loop {
        std::hint::spin_loop();
    });
    assert!(endless.contains("An endless loop"), "{endless}");
}

#[test]
fn one_that_hangs_is_told_of_it_soon() {
    let begun = Instant::now();
    let hang = || -> u32 {
        let lock = Mutex::new(());
        let _held = lock.lock().unwrap();
        thread::scope(|s| drop(s.spawn(|| drop(lock.lock()))));
        1
    };
    let checks = (0..4).fold(grade(1.0), |grade, _| grade.gives("one", hang, 1));
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(checks.score(), 0.0);
    // How long each had, where nobody else computes: 4 s, and 1.5 s after one that hung. A
    // busy machine has six times as long at most.
    let had = |check: &Check| {
        let told = check.verdict.text().split_once("within ").unwrap().1;
        told.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let had: Vec<f64> = checks.checks().iter().map(had).collect();
    assert!((4.0..=24.0).contains(&had[0]), "{had:?}");
    assert!(had[1..].iter().all(|had| (1.5..=9.0).contains(had)), "{had:?}");
    assert!(took < had.iter().sum::<f64>() + 11.5, "{took} s for {had:?}");
    assert_eq!(checks.gives("another", || 1, 1).score(), 0.2);
}

#[test]
fn what_is_printed_is_kept_with_the_check() {
    let loud = || {
        print("out\n");
        let _ = std::io::stderr().write_all(b"err\n");
        1
    };
    let grade = grade(1.0).gives("loud", loud, 1);
    assert_eq!(grade.checks()[0].printed, "out\nerr\n");
}

/// Where the kernel has Landlock; elsewhere the files are as open as to anybody.
#[test]
fn a_check_reads_no_files_runs_no_program_and_reaches_nobody() {
    if !potok::homework::confines().unwrap() {
        return;
    }
    let here = std::env::current_exe().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let me = std::process::id();
    let program = std::fs::read("/bin/true").unwrap();
    let tries = || {
        let written = std::fs::write("note", "mine").is_ok();
        std::fs::write("mine", &program).unwrap();
        std::fs::set_permissions(
            "mine",
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        (
            written && std::fs::read_to_string("note").is_ok_and(|text| text == "mine"),
            std::fs::File::open(&here).is_err(),
            std::fs::write(format!("/proc/{me}/fd/1"), "forged").is_err(),
            std::fs::read("/proc/self/mem").is_err(),
            std::net::TcpStream::connect(address).is_err(),
            // Nothing that is free of Rust's rules runs, not even a program of its own.
            ["/bin/sh", "./mine"].iter().all(|program| {
                std::process::Command::new(program)
                    .arg("-c")
                    .arg("true")
                    .status()
                    .is_err()
            }),
        )
    };
    let grade = grade(1.0).gives(
        "all are refused",
        tries,
        (true, true, true, true, true, true),
    );
    assert_eq!(said(&grade), (true, "(true, true, true, true, true, true)"));
}

#[test]
fn overlap_is_seen_and_bounded() {
    let on_threads = |threads: usize| {
        grade(1.0).meets("two at once", 2, move |m| {
            thread::scope(|s| {
                for _ in 0..threads {
                    s.spawn(|| (0..3).for_each(|_| m.attend()));
                }
            });
        })
    };
    assert_eq!(said(&on_threads(2)), (true, "2 of 6 calls ran at the same time"));
    let one = on_threads(1);
    assert_eq!(said(&one).1, "at most 1 of 3 calls ran at the same time, expected 2");
    assert!(one.checks()[0].picture.is_some());
    assert_eq!(
        said(&on_threads(3)).1,
        "3 or more of 9 calls ran at the same time, expected 2"
    );
    let never = grade(1.0).meets("two at once", 2, |_| ());
    assert_eq!(said(&never).1, "the work was never called");
}

#[test]
fn processes_meet_too() {
    let grade = grade(1.0).meets("two at once", 2, |m| {
        let children: Vec<_> = (0..2).map(|_| fork(|| m.attend()).unwrap()).collect();
        children.into_iter().for_each(|child| child.join().unwrap());
    });
    assert_eq!(said(&grade), (true, "2 of 2 calls ran at the same time"));
}

#[test]
fn only_all_orders_pass() {
    let lost = grade(1.0).explores("two", programs::lost_update, [2]);
    let (passed, text) = said(&lost);
    assert!(!passed && text.contains("`1221`: got 1, expected 2"), "{text}");
    assert!(lost.checks()[0].picture.as_ref().unwrap().svg.contains("<svg"));

    let deadlock =
        grade(1.0).explores("ends", programs::locks_in_opposite_order, [(11, 9)]);
    assert!(said(&deadlock).1.contains("deadlock: "), "{}", said(&deadlock).1);

    let right = potok::explore::explore(programs::locks_in_one_order);
    assert_eq!(right.outcomes.len(), 1);
    let right = grade(1.0).explores("ends", programs::updates_under_lock, [2]);
    let (passed, text) = said(&right);
    assert!(passed && text.starts_with("right under all "), "{text}");

    let unseen = grade(1.0).explores("real threads", plain_threads, [2]);
    assert!(said(&unseen).1.contains("potok::explore::std"), "{}", said(&unseen).1);
    let todo = grade(1.0).explores("a stub", || -> u32 { todo!() }, [2]);
    assert_eq!(said(&todo).1, "not written yet: `todo!()` is still there");
    let many = grade(1.0).explores("too many", too_many, [4]);
    let (passed, text) = said(&many);
    assert!(!passed && text.contains("more than can be tried"), "{text}");
}

#[test]
fn of_an_order_without_an_end_the_beginning_is_told() {
    let looks_again_and_again = || {
        let ready = explore::sync::atomic::AtomicBool::new(false);
        explore::thread::scope(|s| {
            s.spawn(|| while !ready.load(SeqCst) {});
            ready.store(true, SeqCst);
        });
    };
    let grade = grade(1.0).explores("ends", looks_again_and_again, [()]);
    let (passed, text) = said(&grade);
    assert!(!passed && text.contains("11…`: livelock: "), "{text}");
    assert!(text.len() < 300, "{text}");
}

fn plain_threads() -> u32 {
    let counter = Mutex::new(0);
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| *counter.lock().unwrap() += 1);
        }
    });
    counter.into_inner().unwrap()
}

fn too_many() -> u32 {
    use potok::explore::{sync::atomic::*, thread};
    let counter = AtomicU32::new(0);
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                counter.fetch_add(1, Ordering::SeqCst);
                (0..9).for_each(|_| assert!(counter.load(Ordering::SeqCst) < 5));
            });
        }
    });
    counter.into_inner()
}

#[test]
fn an_order_is_replayed() {
    let found = grade(1.0).replays("breaks it", programs::lost_update, || "1212", "1");
    assert!(said(&found).0, "{}", said(&found).1);
    let fine = grade(1.0).replays("breaks it", programs::lost_update, || "1122", "1");
    assert_eq!(said(&fine), (false, "`1122` ends with 2; wanted: 1"));
    let bad = grade(1.0).replays("breaks it", programs::lost_update, || "0", "1");
    assert!(said(&bad).1.contains("possible: 1"), "{}", said(&bad).1);
    let locks = programs::locks_in_opposite_order;
    let stuck = grade(1.0).replays("stops it", locks, || "12", "deadlock");
    assert!(said(&stuck).0, "{}", said(&stuck).1);
}

#[test]
fn a_fault_is_named_by_its_number() {
    let faults = || (0..20).map(|seed| Flaky::seeded(seed, 2));
    let patient = |flaky: &Flaky| (0..3).filter(|_| !flaky.fails(7)).count() > 0;
    let kept = grade(1.0).withstands("asks three times", faults(), patient, true);
    assert_eq!(said(&kept), (true, "true with each of 20 fault patterns"));
    let hasty = |flaky: &Flaky| !flaky.fails(7);
    let gave_up = grade(1.0).withstands("asks once", faults(), hasty, true);
    let (passed, text) = said(&gave_up);
    assert!(!passed && text.starts_with("with fault pattern "), "{text}");
    assert!(text.ends_with(" of 20: got false, expected true"), "{text}");
    let crashes = |flaky: &Flaky| {
        if flaky.fails(7) {
            std::process::exit(3)
        }
    };
    let crashed = grade(1.0).withstands("dies", faults(), crashes, ());
    assert!(
        said(&crashed).1.contains("of 20: ended the whole"),
        "{}",
        said(&crashed).1
    );
}

#[test]
fn points_are_by_weight_and_never_more_than_earned() {
    let third = grade(1.0).gives("a", || 1, 1).gives("b", || 1, 2).gives("c", || 1, 2);
    assert_eq!(third.score(), 0.33);
    let all = grade(0.1).gives("a", || 1, 1).gives("b", || 1, 1).gives("c", || 1, 1);
    assert_eq!(all.score(), 0.1);
    let nothing = grade(4.0).gives("empty", || 0, 0).worth(0.0).gives("some", || 0, 1);
    assert_eq!(nothing.score(), 0.0);
    assert_eq!(grade(4.0).score(), 0.0);
}

#[test]
fn no_folder_stays_behind() {
    let inside = grade(1.0).holds(
        "makes a mess",
        || {
            std::fs::create_dir("deep")
                .and_then(|()| std::fs::write("deep/file", "x"))
                .unwrap();
            std::env::current_dir().unwrap().display().to_string()
        },
        |folder| {
            if std::path::Path::new(&folder).exists() {
                Err(folder)
            } else {
                Ok(folder)
            }
        },
    );
    assert!(said(&inside).0, "{}", said(&inside).1);
}

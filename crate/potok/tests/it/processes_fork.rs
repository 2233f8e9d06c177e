//! A forked child: its result, every way in which it can fail, and what it leaves behind.

use super::sys::{ForkAmongTests, fork};
use potok::prelude::*;
use potok::processes::Limits;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn kind<T>(result: potok::Result<T>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}

#[test]
fn a_child_works_on_a_copy_of_everything() {
    let mut numbers = vec![1, 2, 3];
    let child = fork(|| {
        numbers.push(4);
        (numbers.len(), std::process::id())
    })
    .unwrap();
    let pid = child.pid();
    assert_eq!(child.join().unwrap(), (4, pid));
    assert_eq!(numbers.len(), 3);
}

#[test]
fn a_result_larger_than_any_pipe_comes_back() {
    let big = fork(|| vec![7_u32; 3 << 20]).unwrap().join().unwrap();
    assert_eq!((big.len(), big[1 << 20]), (3 << 20, 7));
}

#[test]
fn a_panic_comes_back_with_its_words_and_its_place() {
    let error = fork(|| -> u8 { panic!("no coffee") }).unwrap().join().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let text = error.to_string();
    assert!(
        text.contains("no coffee") && text.contains("processes_fork.rs:"),
        "{text}"
    );
}

#[test]
fn every_end_has_its_own_error() {
    let exit = |code| kind(fork(|| -> () { std::process::exit(code) }).unwrap().join());
    assert_eq!(exit(0), ErrorKind::Exited(0));
    assert_eq!(exit(3), ErrorKind::Exited(3));
    let abort = fork(|| -> () { std::process::abort() }).unwrap();
    let abort = abort.join().unwrap_err();
    assert_eq!(abort.kind(), ErrorKind::Killed(6));
    assert!(abort.to_string().contains("SIGABRT"), "{abort}");
    let overflow = fork(|| recurse(1)).unwrap().join();
    assert!(matches!(kind(overflow), ErrorKind::Killed(6 | 11)));
}

#[expect(unconditional_recursion, reason = "the stack is meant to run out")]
fn recurse(n: u64) -> u64 {
    std::hint::black_box(recurse(std::hint::black_box(n + 1))) + n
}

#[test]
fn an_endless_loop_ends_at_its_limits() {
    let wall = Limits::new().wall(ms(50)).fork_among_tests(|| -> () {
        loop {
            std::hint::spin_loop();
        }
    });
    assert_eq!(kind(wall.unwrap().join()), ErrorKind::TimedOut);
    let joined = fork(|| -> () {
        loop {
            std::hint::spin_loop();
        }
    })
    .unwrap()
    .join_timeout(ms(50));
    assert_eq!(kind(joined), ErrorKind::TimedOut);
    let cpu = Limits::new().cpu(ms(500)).fork_among_tests(|| busy(ms(60_000)));
    let error = cpu.unwrap().join().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("500 ms of processor time"), "{error}");
}

#[test]
fn memory_and_output_are_bounded() {
    let limits = Limits::new().memory(64 << 20);
    assert!(
        limits
            .clone()
            .fork_among_tests(|| vec![1_u8; 32 << 20].len())
            .unwrap()
            .join()
            .is_ok()
    );
    let hog = limits.fork_among_tests(|| vec![1_u8; 256 << 20].len()).unwrap().join();
    assert_eq!(kind(hog), ErrorKind::MemoryLimit);
    let chatter = || -> () {
        loop {
            let _ = std::io::stdout().write_all(&[b'\n'; 100]);
        }
    };
    let chatty = Limits::new().output(1000).fork_among_tests(chatter).unwrap().join();
    assert_eq!(kind(chatty), ErrorKind::OutputLimit);
    let huge = Limits::new()
        .output(1000)
        .fork_among_tests(|| vec![1_u8; 1 << 20])
        .unwrap()
        .join();
    assert_eq!(kind(huge), ErrorKind::OutputLimit);
}

#[test]
fn a_child_can_be_ended_from_outside() {
    let child = fork(|| wait(ms(60_000))).unwrap();
    assert!(child.is_alive());
    child.kill();
    assert_eq!(kind(child.join()), ErrorKind::Killed(9));
    let child = fork(|| wait(ms(60_000))).unwrap();
    child.terminate();
    assert_eq!(kind(child.join()), ErrorKind::Killed(15));
}

#[test]
fn a_dropped_child_leaves_no_process() {
    let child = fork(|| wait(ms(60_000))).unwrap();
    let stat = format!("/proc/{}/stat", child.pid());
    assert!(std::fs::exists(&stat).unwrap());
    drop(child);
    assert!(!std::fs::exists(&stat).unwrap());
}

#[test]
fn a_fork_bomb_is_bounded() {
    let bomb = || {
        // The system does not hold root to the limit: become nobody.
        if nix::unistd::Uid::effective().is_root() {
            nix::unistd::setuid(nix::unistd::Uid::from_raw(65_534)).unwrap();
        }
        let mut children = vec![];
        loop {
            match processes::fork(|| std::thread::park_timeout(Duration::from_secs(60)))
            {
                Ok(child) => children.push(child),
                Err(error) => return (children.len(), error.to_string()),
            }
        }
    };
    let bomb =
        Limits::new().wall(Duration::from_secs(20)).processes(8).fork_among_tests(bomb);
    let (children, error) = bomb.unwrap().join().unwrap();
    assert!(children < 8, "{children}");
    assert!(error.contains("no more processes"), "{error}");
}

#[test]
fn what_a_child_started_ends_with_it() {
    #[expect(clippy::zombie_processes, reason = "to be left behind is what is tested")]
    let bomb = || {
        let sleeper = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        sleeper.id()
    };
    let grandchild = fork(bomb).unwrap().join().unwrap();
    // Nobody but init can collect it: a zombie of its is an ended process too.
    let stat = format!("/proc/{grandchild}/stat");
    let ended = || match std::fs::read_to_string(&stat) {
        Ok(text) => text.contains(") Z"),
        Err(_) => true,
    };
    assert!(within(Duration::from_secs(5), ended));
}

#[test]
fn children_of_children_and_children_of_threads_work() {
    let sum = thread::scope(|s| {
        let forks = (1..=4).map(|n| {
            s.spawn(move || {
                let nested = || processes::fork(|| n * 10).unwrap().join().unwrap() + n;
                fork(nested).unwrap().join().unwrap()
            })
        });
        let forks: Vec<_> = forks.collect();
        forks.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>()
    });
    assert_eq!(sum, 110);
}

#[test]
fn a_result_that_cannot_be_read_is_an_error() {
    #[derive(Debug, serde::Serialize)]
    struct Odd(u64);
    impl<'de> serde::Deserialize<'de> for Odd {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            <[u64; 4]>::deserialize(d).map(|four| Odd(four[0]))
        }
    }
    let error = fork(|| Odd(1)).unwrap().join().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
    assert!(error.to_string().contains("Odd"), "{error}");
}

/// Whether `condition` comes true before the deadline.
pub(crate) fn within(deadline: Duration, condition: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > deadline {
            return false;
        }
        thread::yield_now();
    }
    true
}

/// Forks while another thread panics all the time, and may hold the lock of the hook.
fn fork_beside_panics(forks: usize) -> usize {
    let stop = AtomicBool::new(false);
    thread::scope(|s| {
        s.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = std::panic::catch_unwind(|| panic!("again"));
            }
        });
        let ends = |_: &usize| {
            let child = fork(|| std::panic::catch_unwind(|| panic!("here")).is_err());
            child.unwrap().join_timeout(ms(20_000)).is_ok_and(|caught| caught)
        };
        let ended = (0..forks).filter(ends).count();
        stop.store(true, Ordering::Relaxed);
        ended
    })
}

#[test]
fn a_fork_beside_a_thread_that_panics_is_no_dead_end() {
    // In a worker, where a panic prints nothing.
    let ended = processes::spawn(fork_beside_panics, 40).unwrap().join().unwrap();
    assert_eq!(ended, 40);
}

/// In a test there are other threads: those of other tests, and the one that waits for all.
#[test]
fn a_fork_beside_other_threads_is_refused_and_says_what_to_do() {
    let error = processes::fork(|| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = error.to_string();
    for word in ["other thread", "`spawn`", "fork_among_threads"] {
        assert!(text.contains(word), "{text}");
    }
    let limited = Limits::new().fork(|| ());
    assert_eq!(kind(limited), ErrorKind::Unsupported);
}

/// The lock is taken before the fork, and the thread that has it is not in the child.
#[test]
fn a_lock_of_another_thread_stays_locked_in_a_child() {
    let lock = std::sync::Mutex::new(());
    thread::scope(|s| {
        let (stop, wait) = std::sync::mpsc::channel::<()>();
        let (locked, taken) = std::sync::mpsc::channel();
        let lock = &lock;
        s.spawn(move || {
            let _held = lock.lock().unwrap();
            locked.send(()).unwrap();
            wait.recv()
        });
        taken.recv().unwrap();
        let child = Limits::new().wall(ms(100)).fork_among_tests(|| {
            drop(lock.lock());
        });
        assert_eq!(kind(child.unwrap().join()), ErrorKind::TimedOut);
        drop(stop);
    });
}

/// Starts a process that is in no group and no session of ours, and whose parent is gone.
pub(crate) fn daemon() -> i32 {
    let script =
        "setsid sh -c 'sleep 600 & echo $!; exec sleep 600 >&-' & wait_no_more=1";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", script]).stdout(std::process::Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    let mut line = String::new();
    let out = shell.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    shell.wait().unwrap();
    line.trim().parse().unwrap()
}

pub(crate) fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z"))
}

#[test]
fn what_left_the_session_ends_with_its_child() {
    let given = fork(daemon).unwrap().join().unwrap();
    let (ours, theirs) = processes::pipe::<(), i32>().unwrap();
    let killed = fork(move || {
        theirs.send(&daemon()).unwrap();
        wait(ms(60_000));
    })
    .unwrap();
    let of_killed = ours.recv().unwrap();
    assert!(is_running(of_killed) && killed.is_alive());
    drop(killed);
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_running(given) || is_running(of_killed) {
        assert!(Instant::now() < deadline, "one of them lives on");
        thread::yield_now();
    }
}

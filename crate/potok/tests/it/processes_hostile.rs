//! Children that want more than they may, leave something behind, or talk nonsense.

use super::processes_fork::{daemon, is_running, within};
use super::sys::{ForkAmongTests, fork, write_to_all_sockets};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use potok::prelude::*;
use potok::processes::{End, Limits, Start};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn kind<T>(result: potok::Result<T>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}

#[test]
fn limits_hold_for_grandchildren_and_cannot_be_raised() {
    let hungry = || {
        // Root may raise every limit.
        if nix::unistd::Uid::effective().is_root() {
            nix::unistd::setuid(nix::unistd::Uid::from_raw(65_534)).unwrap();
        }
        let raised = setrlimit(Resource::RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY);
        // The soft limit may go up to the hard one, which is of no use.
        let (_, hard) = getrlimit(Resource::RLIMIT_AS).unwrap();
        setrlimit(Resource::RLIMIT_AS, hard, hard).unwrap();
        let eats = |bytes: usize| {
            let grandchild = processes::fork(|| vec![1_u8; bytes].len());
            grandchild.unwrap().join().is_ok()
        };
        (raised.is_ok(), eats(8 << 20), eats(256 << 20))
    };
    let child = Limits::new().memory(64 << 20).fork_among_tests(hungry).unwrap();
    assert_eq!(child.join().unwrap(), (false, true, false));
}

#[test]
fn what_left_the_session_ends_at_the_limit_of_time() {
    let (ours, theirs) = processes::pipe::<(), i32>().unwrap();
    let child = Limits::new().wall(ms(3_000)).fork_among_tests(move || {
        theirs.send(&daemon()).unwrap();
        wait(ms(60_000));
    });
    let daemon = ours.recv().unwrap();
    assert_eq!(kind(child.unwrap().join()), ErrorKind::TimedOut);
    assert!(within(PATIENCE, || !is_running(daemon)), "it lives on");
}

#[test]
fn what_left_the_session_of_a_worker_ends_with_its_pool() {
    for start in [Start::Fork, Start::Spawn] {
        let pool = Limits::new().pool(1, start).unwrap();
        let daemon = pool.submit(|()| daemon(), ()).unwrap().wait().unwrap();
        assert!(is_running(daemon));
        drop(pool);
        assert!(within(PATIENCE, || !is_running(daemon)), "{start:?}: it lives on");
    }
}

/// Forks beside threads that ask for memory and free it all the time.
fn fork_beside_allocations(forks: usize) -> usize {
    let stop = AtomicBool::new(false);
    let allocate = || {
        let words: Vec<String> = (0..50).map(|n: u32| n.to_string()).collect();
        std::hint::black_box(words).len()
    };
    thread::scope(|s| {
        for _ in 0..50 {
            s.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    allocate();
                    // Fifty of them would leave nobody else a turn.
                    thread::park_timeout(Duration::from_millis(2));
                }
            });
        }
        let comes_home = |_: &usize| {
            let child = fork(allocate).unwrap();
            child.join_timeout(PATIENCE).is_ok_and(|words| words == 50)
        };
        let home = (0..forks).filter(comes_home).count();
        stop.store(true, Ordering::Relaxed);
        home
    })
}

#[test]
fn a_thousand_forks_beside_fifty_threads_that_allocate_come_home() {
    let limits = Limits::new().wall(Duration::from_secs(240));
    let home = limits.spawn(fork_beside_allocations, 1_000).unwrap().join();
    assert_eq!(home.unwrap(), 1_000);
}

/// What no worker says: a length that no frame has; a frame that is no report; a length
/// that is a lie; nothing but noise.
fn garbage(n: usize) -> Vec<u8> {
    let lie = [&1000_u32.to_le_bytes()[..], &[7; 10]].concat();
    let no_report = [&5_u32.to_le_bytes()[..], &[0xff; 5]].concat();
    let noise = (0..64_u8).map(|n| n.wrapping_mul(167)).collect();
    vec![vec![0xff; 64], no_report, lie, noise].swap_remove(n)
}

/// Talks nonsense, and then goes on as if nothing had been.
fn vandal(n: usize) -> usize {
    write_to_all_sockets(&garbage(n));
    n
}

#[test]
fn a_worker_that_talks_nonsense_is_an_error_or_its_result_is_right_and_the_pool_goes_on()
 {
    // In a fresh process, which has no sockets of other tests.
    let pool = Limits::new().wall(ms(2_000)).pool(1, Start::Spawn).unwrap();
    for n in 0..4 {
        let start = Instant::now();
        match pool.submit(vandal, n).unwrap().wait() {
            // What it had finished is in memory that both have, whatever it said.
            Ok(value) => assert_eq!(value, n),
            Err(error) => {
                let expected = [ErrorKind::Undecodable, ErrorKind::TimedOut];
                assert!(expected.contains(&error.kind()), "{n}: {error}");
            }
        }
        assert!(start.elapsed() < PATIENCE);
        assert_eq!(pool.submit(|n: usize| n + 1, n).unwrap().wait().unwrap(), n + 1);
    }
}

#[test]
fn a_spawned_process_that_talks_nonsense_is_an_error_or_its_result_is_right() {
    for n in 0..4 {
        let child = Limits::new().wall(ms(2_000)).spawn(vandal, n).unwrap();
        match child.join() {
            Ok(value) => assert_eq!(value, n),
            Err(error) => {
                let expected = [ErrorKind::Undecodable, ErrorKind::TimedOut];
                let expected = [&expected[..], &[ErrorKind::Exited(0)]].concat();
                assert!(expected.contains(&error.kind()), "{n}: {error}");
            }
        }
    }
}

fn vandal_at_a_pipe((end, n): (End<u64, ()>, usize)) {
    end.send(&1).unwrap();
    write_to_all_sockets(&garbage(n));
}

#[test]
fn a_peer_that_talks_nonsense_is_an_error_and_what_it_said_before_is_there() {
    for n in 0..4 {
        let (ours, theirs) = processes::pipe::<(), u64>().unwrap();
        let child =
            Limits::new().wall(ms(5_000)).spawn(vandal_at_a_pipe, (theirs, n)).unwrap();
        assert_eq!(ours.recv().unwrap(), 1);
        let error = kind(ours.recv_timeout(PATIENCE));
        let expected = [ErrorKind::Undecodable, ErrorKind::Disconnected];
        assert!(expected.contains(&error), "{n}: {error:?}");
        let _ = child.join();
    }
}

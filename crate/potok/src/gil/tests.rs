//! Claims about the lock.

use super::Gil;
use crate::error::ErrorKind;
use crate::trace::{Activity, Recorder, record};
use crate::workload::ms;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn under_the_lock_never_two_run_at_once() {
    let inside = AtomicUsize::new(0);
    let gil = Gil::new().switch_interval(ms(1));
    let run = gil.threads(["a", "b", "c"], |py| {
        for _ in 0..20 {
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            std::hint::black_box(crate::workload::collatz_like(1, 1_000));
            inside.fetch_sub(1, Ordering::SeqCst);
            py.checkpoint();
        }
        py.busy(ms(4));
    });
    let run = run.unwrap();
    assert_eq!(run.trace.overlap(), ms(0));
    assert!(run.handovers >= 2, "three threads have had it");
}

#[test]
fn switched_off_all_run_at_once() {
    let meeting = Barrier::new(3);
    let run = Gil::off().threads(["a", "b", "c"], |py| {
        meeting.wait();
        py.busy(ms(1));
        meeting.wait();
    });
    let run = run.unwrap();
    assert!(run.trace.overlap() >= ms(1));
    assert_eq!((run.handovers, run.drop_requests), (0, 0));
}

#[test]
fn a_blocking_call_releases_the_lock() {
    // Each waits for the other inside its call: with the lock held, neither could arrive.
    let meeting = Barrier::new(2);
    let run = Gil::new().threads(["a", "b"], |py| {
        py.blocking("meet", || meeting.wait());
    });
    let run = run.unwrap();
    let meets = run.trace.spans.iter().filter(|span| span.label == "meet");
    assert!(meets.clone().all(|span| span.activity == Activity::Waiting));
    assert_eq!(meets.count(), 2);
}

#[test]
fn a_shorter_interval_hands_over_more_often() {
    // Alternating, five times each; the other thread keeps the lock until it is asked.
    let by_turns = |gil: &Gil| {
        let next = AtomicUsize::new(0);
        gil.threads(["a", "b"], |py| {
            for round in 0..5 {
                let mine = 2 * round + usize::from(py.name() == "b");
                while next.load(Ordering::SeqCst) < mine {
                    py.checkpoint();
                }
                next.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let run = by_turns(&Gil::new().switch_interval(ms(1))).unwrap();
    assert!(run.handovers >= 9, "ten steps, each by the other one: {}", run.handovers);
    // The last handover may happen because the other thread has ended.
    assert!(run.drop_requests >= 8, "{}", run.drop_requests);

    // The same with an interval longer than the time limit: no thread asks.
    let slow = Gil::new().switch_interval(ms(60_000)).timeout(ms(30));
    assert_eq!(by_turns(&slow).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(slow.drop_requests(), 0);
}

#[test]
fn a_holder_without_safe_points_lets_the_waiters_time_out() {
    let gil = Gil::new().timeout(ms(30));
    let rec = Recorder::new();
    let (holds, held) = std::sync::mpsc::channel();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|s| {
        let (gil, rec) = (&gil, &rec);
        let greedy = s.spawn(move || {
            gil.attach(rec, |_| {
                holds.send(()).unwrap();
                // No safe point: the lock is held until the other has given up.
                gate.recv_timeout(ms(20_000))
            })
        });
        held.recv().unwrap();
        let modest = gil.attach(rec, |_| ());
        assert_eq!(modest.unwrap_err().kind(), ErrorKind::TimedOut);
        drop(open);
        let opened = greedy.join().unwrap().unwrap();
        assert_eq!(opened, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
    });
}

#[test]
fn an_endless_loop_is_stopped_at_its_time_limit() {
    let gil = Gil::new().timeout(ms(20));
    let run = gil.threads(["a"], |py| {
        loop {
            py.checkpoint();
        }
    });
    assert_eq!(run.unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn a_panic_frees_the_lock_and_is_an_error() {
    let gil = Gil::new();
    let rec = Recorder::new();
    let error = gil.attach(&rec, |_| panic!("no coffee")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(gil.attach(&rec, |_| 7).unwrap(), 7);
}

#[test]
fn a_thread_can_attach_twice() {
    let gil = Gil::new();
    let trace =
        record(|rec| gil.attach(rec, |_| gil.attach(rec, |_| ()).unwrap()).unwrap());
    assert_eq!(trace.spans.len(), 2);
    assert!(gil.try_take(), "free again");
}

//! The laws of `map` on processes, over jobs and batches: it is the plain loop.

use super::*;
use crate::error::ErrorKind;
use crate::trace::record;
use crate::workload::{ms, wait};
use std::cell::Cell;

/// All combinations that a law has to hold for.
fn each_way() -> impl Iterator<Item = Processes> {
    [1, 2, 5].into_iter().flat_map(|jobs| {
        let parallel = Parallel::new().jobs(jobs).timeout(ms(30_000));
        [None, Some(1), Some(7)].map(|batch| match batch {
            None => parallel.clone().processes(),
            Some(n) => parallel.clone().batch(n).processes(),
        })
    })
}

fn bad_from_30(n: u64) -> u64 {
    assert!(n < 30, "no {n}");
    n
}

fn dies_at_3(n: u64) -> u64 {
    if n == 3 { std::process::abort() } else { n }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(8))]

    #[test]
    fn map_is_the_plain_loop(items in proptest::collection::vec(0u64..1_000, 0..200)) {
        let plain: Vec<u64> = items.iter().map(|n| n * 3).collect();
        for processes in each_way() {
            assert_eq!(processes.map(items.clone(), |n| n * 3).unwrap(), plain);
        }
    }

    #[test]
    fn the_error_is_that_of_the_first_item_that_fails(
        bad in proptest::collection::vec(0u64..100, 1..5)
    ) {
        let first = bad.iter().min().unwrap();
        let items: Vec<(u64, bool)> = (0..100).map(|n| (n, bad.contains(&n))).collect();
        let f = |(n, bad)| if bad { Err(format!("bad {n}")) } else { Ok(n) };
        for processes in each_way() {
            let error = processes.try_map(items.clone(), f).unwrap_err();
            assert_eq!(error.to_string(), format!("item {first}: bad {first}"));
        }
    }
}

#[test]
fn a_panic_names_its_item_and_its_words() {
    for processes in each_way() {
        let error = processes.map(0..50, bad_from_30).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        let text = error.to_string();
        assert!(text.starts_with("item 30: ") && text.contains("no 30"), "{text}");
    }
}

#[test]
fn a_crash_is_the_error_of_its_item_alone() {
    for processes in each_way() {
        let error = processes.map(0..6, dies_at_3).unwrap_err();
        assert!(error.to_string().starts_with("item 3: "), "{error}");
        let results = processes.map_all(0..6, dies_at_3).unwrap();
        let failed: Vec<usize> = (0..6).filter(|&n| results[n].is_err()).collect();
        assert_eq!(failed, [3]);
    }
}

#[test]
fn completed_yields_every_item_once() {
    for processes in each_way() {
        let results = processes.as_completed(0..100_u64, |n| n * 2).unwrap();
        let mut seen: Vec<_> = results.map(|(i, r)| (i, r.unwrap())).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..100).map(|n| (n as usize, n * 2)).collect::<Vec<_>>());
    }
}

#[test]
fn a_long_input_is_read_only_as_far_as_needed() {
    for processes in each_way() {
        let read = Cell::new(0);
        let input = (0..1_000_000).inspect(|_| read.set(read.get() + 1));
        processes.map(input, bad_from_30).unwrap_err();
        assert!(read.get() < 1_000_000);
    }
}

#[test]
fn dropping_half_way_leaves_no_process() {
    for processes in each_way() {
        let pid = |_: u64| std::process::id();
        let mut results = processes.as_completed(0.., pid).unwrap();
        let pid = results.next().unwrap().1.unwrap();
        drop(results);
        let dead = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        assert!(dead.is_err(), "{dead:?}");
    }
}

#[test]
fn the_time_limit_holds_for_a_loop_without_end() {
    for Processes { parallel } in each_way() {
        let late = parallel.timeout(ms(50)).processes();
        let many = late.map(0.., |_: u64| wait(ms(1))).unwrap_err();
        let long = late.map(0.., |_: u64| wait(ms(60_000))).unwrap_err();
        assert_eq!([many.kind(), long.kind()], [ErrorKind::TimedOut; 2]);
    }
}

#[test]
fn a_panic_in_the_input_is_an_error() {
    for processes in each_way() {
        let input = (0..20).inspect(|&n| assert!(n < 10, "no input"));
        let error = processes.map(input, |n: i32| n).unwrap_err();
        assert_eq!(error.to_string(), "the input panicked: no input");
    }
}

#[test]
fn zero_is_an_error() {
    for bad in [Parallel::new().jobs(0), Parallel::new().batch(0)] {
        let error = bad.processes().map(0..3, |n: i32| n).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn batches_by_hand_are_batches() {
    // Items of one batch run one after the other in one process.
    let jobs = Parallel::new().jobs(2).batch(5).processes();
    let pids = jobs.map(0..20, |_: u64| std::process::id()).unwrap();
    assert!(pids.chunks(5).all(|batch| batch.iter().all(|pid| *pid == batch[0])));
}

#[test]
fn items_are_recorded_on_the_lanes_of_processes() {
    let trace = record(|rec| {
        let jobs = Parallel::new().jobs(2).record(rec).processes();
        jobs.map(0..20, |n: u64| n).unwrap();
    });
    assert_eq!(trace.spans.len(), 20);
    let here = std::process::id();
    assert!(trace.spans.iter().all(|span| trace.lanes[span.lane].pid != here));
}

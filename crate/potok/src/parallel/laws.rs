//! The laws of `map` on threads, over jobs and batches: it is the plain loop.

use super::*;
use crate::error::ErrorKind;
use crate::trace::record;
use crate::workload::{ms, wait};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// All combinations that a law has to hold for.
fn each_way() -> impl Iterator<Item = Parallel> {
    [1, 2, 5].into_iter().flat_map(|jobs| {
        let parallel = Parallel::new().jobs(jobs);
        [parallel.clone(), parallel.clone().batch(1), parallel.batch(7)]
    })
}

proptest::proptest! {
    #[test]
    fn map_is_the_plain_loop(items in proptest::collection::vec(0u64..1_000, 0..200)) {
        let plain: Vec<u64> = items.iter().map(|n| n * 3).collect();
        for parallel in each_way() {
            assert_eq!(parallel.map(&items, |n| n * 3).unwrap(), plain);
            assert_eq!(parallel.map(items.clone(), |n| n * 3).unwrap(), plain);
        }
    }

    #[test]
    fn the_error_is_that_of_the_first_item_that_fails(
        bad in proptest::collection::vec(0usize..100, 1..5)
    ) {
        let first = bad.iter().min().unwrap();
        for parallel in each_way() {
            let f = |n| if bad.contains(&n) { Err(format!("bad {n}")) } else { Ok(n) };
            let error = parallel.try_map(0..100, f).unwrap_err();
            assert_eq!(error.to_string(), format!("item {first}: bad {first}"));
        }
    }
}

#[test]
fn a_panic_names_its_item_and_its_words() {
    for parallel in each_way() {
        let error = parallel.map(0..50, |n| assert!(n < 30, "no {n}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(error.to_string(), "item 30 panicked: no 30");
    }
}

#[test]
fn map_all_has_a_result_for_every_item() {
    for parallel in each_way() {
        let results = parallel.map_all(0..20, |n| assert!(n % 5 > 0)).unwrap();
        let failed: Vec<usize> = (0..20).filter(|&n| results[n].is_err()).collect();
        assert_eq!(failed, [0, 5, 10, 15]);
    }
}

#[test]
fn completed_yields_every_item_once() {
    for parallel in each_way() {
        let results = parallel.as_completed(0..100_usize, |n| n * 2).unwrap();
        let mut seen: Vec<_> = results.map(|(i, r)| (i, r.unwrap())).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..100).map(|n| (n, n * 2)).collect::<Vec<_>>());
    }
}

#[test]
fn dropping_half_way_leaves_nothing_running() {
    let alive = Arc::new(AtomicUsize::new(0));
    let inside = Arc::clone(&alive);
    let mut results = Parallel::new()
        .jobs(3)
        .as_completed(0.., move |n: u64| {
            inside.fetch_add(1, SeqCst);
            wait(ms(1));
            inside.fetch_sub(1, SeqCst);
            n
        })
        .unwrap();
    assert!(results.next().is_some());
    drop(results);
    assert_eq!(alive.load(SeqCst), 0);
    // The workers held the function, and with it a count of owners.
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn a_long_input_is_read_only_as_far_as_needed() {
    let read = AtomicUsize::new(0);
    let input = (0..1_000_000).inspect(|_| {
        read.fetch_add(1, SeqCst);
    });
    let stop = |n| if n == 20 { Err("enough") } else { Ok(n) };
    Parallel::new().jobs(2).batch(4).try_map(input, stop).unwrap_err();
    assert!(read.into_inner() < 1_000_000);
}

#[test]
fn the_time_limit_holds_for_a_loop_without_end() {
    for parallel in each_way() {
        let error =
            parallel.timeout(ms(10)).map(0.., |_: u64| wait(ms(1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
    let late = Parallel::new().jobs(2).timeout(ms(10));
    let last = late.as_completed(0.., |_: u64| wait(ms(1))).unwrap().last().unwrap();
    assert_eq!(last.1.unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn a_panic_in_the_input_is_an_error() {
    for parallel in each_way() {
        let input = (0..20).inspect(|&n| assert!(n < 10, "no input"));
        let error = parallel.map(input, |n| n).unwrap_err();
        assert_eq!(error.to_string(), "the input panicked: no input");
    }
    let input = (0..20).inspect(|&n| assert!(n < 10, "no input"));
    let results = Parallel::new().jobs(2).as_completed(input, |n| n).unwrap();
    let errors: Vec<_> =
        results.filter_map(|(n, result)| Some((n, result.err()?))).collect();
    assert!(errors.len() == 1 && errors[0].0 == usize::MAX, "{errors:?}");
    assert_eq!(errors[0].1.to_string(), "the input panicked: no input");
}

#[test]
fn a_slow_reader_does_not_outlast_the_time_limit() {
    let endless = Parallel::new().jobs(2).timeout(ms(1_000));
    let mut results = endless.as_completed(0.., |n: u64| n).unwrap();
    assert!(results.next().unwrap().1.is_ok());
    wait(ms(1_100)); // results are there, but the time is over
    let (number, late) = results.next().unwrap();
    assert_eq!((number, late.unwrap_err().kind()), (usize::MAX, ErrorKind::TimedOut));
    assert!(results.next().is_none());
}

#[test]
fn zero_is_an_error() {
    for bad in [Parallel::new().jobs(0), Parallel::new().batch(0)] {
        assert_eq!(bad.map(0..3, |n| n).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(bad.as_completed(0..3, |n| n).is_err());
    }
}

#[test]
fn batches_are_recorded_on_the_lanes_of_workers() {
    let trace = record(|rec| {
        Parallel::new().jobs(2).batch(5).record(rec).map(0..20, |n| n).unwrap();
    });
    let lanes: Vec<_> = trace.lanes.iter().map(|lane| &*lane.name).collect();
    assert_eq!(lanes, ["worker 1", "worker 2"]);
    let mut labels: Vec<_> = trace.spans.iter().map(|s| s.label.to_string()).collect();
    labels.sort();
    assert_eq!(labels, ["items 0–4", "items 10–14", "items 15–19", "items 5–9"]);
}

#[test]
fn a_loop_within_a_loop_takes_the_cores_that_are_left() {
    let cores = Machine::here().cores;
    let inner = |_| Parallel::new().n_jobs();
    let two = Parallel::new().jobs(2);
    let left = vec![(cores / 2).max(1); 4];
    assert_eq!(two.map(0..4, inner).unwrap(), left);
    let completed = two.as_completed(0..4, inner).unwrap();
    assert_eq!(completed.map(|(_, n)| n.unwrap()).collect::<Vec<_>>(), left);
    #[cfg(target_os = "linux")]
    assert_eq!(two.clone().processes().map(0..4, inner).unwrap(), left);
    // And three deep; afterwards all cores are there again, also on this thread.
    let deep = |_| Parallel::new().jobs(3).map(0..1, inner).unwrap()[0];
    assert_eq!(two.map(0..4, deep).unwrap(), vec![(cores / 6).max(1); 4]);
    assert_eq!(inner(0), cores);
}

#[test]
fn progress_counts_every_item() {
    let bar = Parallel::new().progress("the loop").bar(Some(9)).unwrap();
    bar.steps(9);
    assert_eq!(bar.done(), 9);
    assert!(Parallel::new().bar(Some(9)).is_none());
    let loops = Parallel::new().jobs(2).progress("the loop");
    assert_eq!(loops.map(0..100, |n| n + 1).unwrap(), (1..=100).collect::<Vec<_>>());
}

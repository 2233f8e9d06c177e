//! The laws of a loop on threads and on processes, over jobs and batches: the results are
//! those of the plain loop.

use potok::ErrorKind;
use potok::measure::Machine;
use potok::parallel::Parallel;
use potok::trace::record;
use potok::workload::{ms, wait};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

/// All combinations that a law has to hold for.
fn each_way() -> impl Iterator<Item = Parallel> {
    [1, 2, 5].into_iter().flat_map(|jobs| {
        let parallel = Parallel::new().jobs(jobs).timeout(ms(30_000));
        [parallel.clone(), parallel.clone().batch(1), parallel.batch(7)]
    })
}

fn fails_from_30(n: u64) -> u64 {
    assert!(n < 30, "no {n}");
    n
}

/// The laws that both backends share; a function may capture nothing, as on processes.
macro_rules! laws {
    ($backend:ident, $cases:literal, $on:expr) => {
        mod $backend {
            use super::*;
            use proptest::prelude::*;

            proptest! {
                #![proptest_config(ProptestConfig::with_cases($cases))]

                #[test]
                fn map_is_the_plain_loop(
                    items in proptest::collection::vec(0u64..1_000, 0..200)
                ) {
                    let plain: Vec<u64> = items.iter().map(|n| n * 3).collect();
                    for loops in each_way().map($on) {
                        assert_eq!(loops.map(items.clone(), |n| n * 3).unwrap(), plain);
                    }
                }

                #[test]
                fn the_error_is_that_of_the_first_item_that_fails(
                    bad in proptest::collection::vec(0u64..100, 1..5)
                ) {
                    let first = bad.iter().min().unwrap();
                    let items: Vec<(u64, bool)> =
                        (0..100).map(|n| (n, bad.contains(&n))).collect();
                    let f = |(n, bad)| if bad { Err(format!("bad {n}")) } else { Ok(n) };
                    for loops in each_way().map($on) {
                        let error = loops.try_map(items.clone(), f).unwrap_err();
                        assert_eq!(error.to_string(), format!("item {first}: bad {first}"));
                    }
                }
            }

            #[test]
            fn a_panic_names_its_item_and_its_message() {
                for loops in each_way().map($on) {
                    let error = loops.map(0..50, fails_from_30).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Panicked);
                    let text = error.to_string();
                    assert!(text.starts_with("item 30") && text.contains("no 30"), "{text}");
                }
            }

            #[test]
            fn what_fails_is_one_result_of_all_that_are_completed() {
                for loops in each_way().map($on) {
                    let done = loops.as_completed(0..20_u64, |n| assert!(n % 5 > 0)).unwrap();
                    let (passed, failed): (Vec<_>, Vec<_>) = done.partition(Result::is_ok);
                    assert_eq!((passed.len(), failed.len()), (16, 4));
                    let numbers = passed.into_iter().map(|done| done.unwrap().0);
                    assert!(numbers.into_iter().all(|n| n % 5 > 0));
                }
            }

            #[test]
            fn every_item_is_completed_once() {
                for loops in each_way().map($on) {
                    let done = loops.as_completed(0..100_u64, |n| n * 2).unwrap();
                    let mut done: Vec<_> = done.map(Result::unwrap).collect();
                    done.sort_unstable();
                    assert_eq!(done, (0..100).map(|n| (n as usize, n * 2)).collect::<Vec<_>>());
                }
            }

            #[test]
            fn a_failed_item_is_completed_with_its_error() {
                for loops in each_way().map($on) {
                    let done = loops.as_completed(28..32_u64, fails_from_30).unwrap();
                    let mut errors: Vec<String> =
                        done.filter_map(|d| d.err()).map(|e| e.to_string()).collect();
                    errors.sort();
                    assert_eq!(errors.len(), 2);
                    assert!(errors[0].starts_with("item 2") && errors[1].starts_with("item 3"));
                }
            }

            #[test]
            fn the_time_limit_holds_for_a_loop_without_end() {
                for parallel in each_way() {
                    let late = $on(parallel.timeout(ms(50)));
                    let error = late.map(0.., |_: u64| wait(ms(1))).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::TimedOut);
                }
                let late = $on(Parallel::new().jobs(2).timeout(ms(50)));
                let last = late.as_completed(0.., |_: u64| wait(ms(1))).unwrap().last();
                assert_eq!(last.unwrap().unwrap_err().kind(), ErrorKind::TimedOut);
            }

            #[test]
            fn a_panic_in_the_input_is_an_error() {
                for loops in each_way().map($on) {
                    let input = (0..20_u64).inspect(|&n| assert!(n < 10, "no input"));
                    let error = loops.map(input, |n| n).unwrap_err();
                    assert_eq!(error.to_string(), "the input panicked: no input");
                }
            }

            #[test]
            fn zero_is_an_error() {
                for bad in [Parallel::new().jobs(0), Parallel::new().batch(0)] {
                    let bad = $on(bad);
                    let kinds = [
                        bad.map(0..3_u64, |n| n).unwrap_err().kind(),
                        bad.as_completed(0..3_u64, |n| n).err().unwrap().kind(),
                    ];
                    assert_eq!(kinds, [ErrorKind::InvalidInput; 2]);
                }
            }
        }
    };
}

laws!(on_threads, 64, |parallel: Parallel| parallel);
#[cfg(target_os = "linux")]
laws!(on_processes, 8, |parallel: Parallel| parallel.processes());

#[test]
fn dropping_half_way_leaves_no_thread() {
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
    // The workers held the function, and with it a reference.
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn a_long_input_is_read_only_as_far_as_needed() {
    let read = AtomicUsize::new(0);
    let input = || {
        (0..1_000_000).inspect(|_| {
            read.fetch_add(1, SeqCst);
        })
    };
    Parallel::new().jobs(2).batch(4).map(input(), fails_from_30).unwrap_err();
    assert!(read.swap(0, SeqCst) < 1_000_000);
    #[cfg(target_os = "linux")]
    {
        Parallel::new().jobs(2).processes().map(input(), fails_from_30).unwrap_err();
        assert!(read.into_inner() < 1_000_000);
    }
}

#[test]
fn a_panic_in_the_input_of_as_completed_is_one_error() {
    let input = (0..20).inspect(|&n| assert!(n < 10, "no input"));
    let results = Parallel::new().jobs(2).as_completed(input, |n| n).unwrap();
    let errors: Vec<String> =
        results.filter_map(Result::err).map(|error| error.to_string()).collect();
    assert_eq!(errors, ["the input panicked: no input"]);
}

#[test]
fn a_slow_reader_does_not_outlast_the_time_limit() {
    let (start, limit) = (Instant::now(), ms(1_000));
    let endless = Parallel::new().jobs(2).timeout(limit);
    let mut results = endless.as_completed(0.., |n: u64| n).unwrap();
    assert!(results.next().unwrap().is_ok());
    // Results are there, but the time is over.
    while start.elapsed() <= limit + ms(50) {
        std::thread::yield_now();
    }
    let late = results.next().unwrap().unwrap_err();
    assert_eq!(late.kind(), ErrorKind::TimedOut);
    assert!(results.next().is_none());
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
    assert_eq!(completed.map(|done| done.unwrap().1).collect::<Vec<_>>(), left);
    #[cfg(target_os = "linux")]
    assert_eq!(two.clone().processes().map(0..4, inner).unwrap(), left);
    // Three levels deep; afterwards this thread has all cores again.
    let deep = |_| Parallel::new().jobs(3).map(0..1, inner).unwrap()[0];
    assert_eq!(two.map(0..4, deep).unwrap(), vec![(cores / 6).max(1); 4]);
    assert_eq!(inner(0), cores);
}

#[test]
fn a_loop_with_progress_is_the_plain_loop() {
    let loops = Parallel::new().jobs(2).progress("the loop");
    assert_eq!(loops.map(0..100, |n| n + 1).unwrap(), (1..=100).collect::<Vec<_>>());
}

#[cfg(target_os = "linux")]
mod processes {
    use super::*;

    fn dies_at_3(n: u64) -> u64 {
        if n == 3 { std::process::abort() } else { n }
    }

    #[test]
    fn a_crash_is_the_error_of_its_item_alone() {
        for processes in each_way().map(Parallel::processes) {
            let error = processes.map(0..6, dies_at_3).unwrap_err();
            assert!(error.to_string().starts_with("item 3: "), "{error}");
            let done = processes.as_completed(0..6, dies_at_3).unwrap();
            let mut others: Vec<_> = done.flatten().map(|(_, n)| n).collect();
            others.sort_unstable();
            assert_eq!(others, [0, 1, 2, 4, 5]);
        }
    }

    #[test]
    fn dropping_half_way_leaves_no_process() {
        let pid = |_: u64| std::process::id();
        let mut done =
            Parallel::new().jobs(2).processes().as_completed(0.., pid).unwrap();
        let (_, pid) = done.next().unwrap().unwrap();
        drop(done);
        let dead = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        assert!(dead.is_err(), "{dead:?}");
    }

    #[test]
    fn the_items_of_a_batch_run_in_one_process() {
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
}

//! Faults one by one, on threads.

use crate::map_reduce::{WordCount, had_a_backup, ms, word_count};
use potok::map_reduce::*;
use potok::{Error, ErrorKind};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

/// Where a straggler stands until the test lets it pass. Nobody stands for ever.
struct Gate {
    closed: Mutex<mpsc::Receiver<()>>,
    passed: AtomicUsize,
}

impl Gate {
    /// Waits until the other half is dropped.
    fn pass(&self) {
        let _ = self.closed.lock().unwrap().recv_timeout(ms(20_000));
        self.passed.fetch_add(1, Ordering::SeqCst);
    }

    fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }
}

/// A gate, and what holds it closed.
fn gate() -> (mpsc::Sender<()>, Arc<Gate>) {
    let (open, closed) = mpsc::channel();
    let (closed, passed) = (Mutex::new(closed), AtomicUsize::new(0));
    (open, Arc::new(Gate { closed, passed }))
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let crashes = |_| {
        let faults = Faults::seeded(4).crashing(0.4);
        let job = word_count().attempts(20).splits(8).faults(faults);
        let text = Zipf::english(1).text(2_000);
        let run = job.over(text).on(Threads(2)).run().unwrap();
        let crashed =
            run.tasks.into_iter().filter(|t| t.outcome == TaskOutcome::Crashed);
        crashed
            .map(|t| (t.phase == Phase::Map, t.task, t.attempt))
            .collect::<BTreeSet<_>>()
    };
    let runs = [0, 1, 2].map(crashes);
    assert!(!runs[0].is_empty() && runs.iter().all(|run| *run == runs[0]), "{runs:?}");
}

#[test]
fn a_task_that_always_fails_ends_the_job_with_its_words() {
    for phase in ["map", "reduce"] {
        let job: WordCount = MapReduce::new(
            move |line: &str, emit| {
                assert!(phase != "map", "out of coffee");
                emit(line, 1);
            },
            move |_, counts| {
                assert!(phase != "reduce", "out of coffee");
                counts.sum()
            },
        );
        let failed = |result: Result<Run<String, u64>, Error>| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panicked);
            let text = error.to_string();
            assert!(text.contains(phase) && text.contains("out of coffee"), "{text}");
            assert!(text.contains('2'), "{text}");
        };
        failed(job.clone().attempts(2).over("a\nb").on(Threads(2)).run());
        failed(job.attempts(2).over("a\nb").run());
    }
}

#[test]
fn a_straggler_gets_a_backup_and_the_first_result_counts() {
    let tries = Arc::new(AtomicUsize::new(0));
    let (open, gate) = gate();
    let straggler = Arc::clone(&gate);
    let job = MapReduce::new(
        move |n: &u64, emit| {
            // Only the first attempt at the last record is slow.
            if *n == 19 && tries.fetch_add(1, Ordering::Relaxed) == 0 {
                straggler.pass();
            }
            emit(&(n % 2), 1);
        },
        |_, ones| ones.sum::<u64>(),
    );
    let job = job.splits(20).backup_tasks();
    let run = job.over((0..20).collect::<Vec<_>>()).on(Threads(2)).run().unwrap();
    assert_eq!(gate.passed(), 0, "the straggler was waited for");
    drop(open);
    assert_eq!(run.sorted(), [(0, 10), (1, 10)]);
    had_a_backup(&run.tasks, 19);
}

#[test]
fn a_job_that_hangs_ends_at_its_deadline() {
    let (open, gate) = gate();
    let stuck = || {
        let gate = Arc::clone(&gate);
        MapReduce::new(
            move |_: &u64, emit| {
                gate.pass();
                emit("x", 1);
            },
            |_, ones| ones.sum::<u64>(),
        )
    };
    let error = stuck().timeout(ms(50)).over([1]).on(Threads(2)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let job = stuck().task_timeout(ms(20)).attempts(2);
    let error = job.over([1]).on(Threads(1)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(gate.passed(), 0, "it was waited for");
    drop(open);
}

#[test]
fn who_was_left_behind_may_report_late() {
    // A panic of a thread that nobody waits for shows only here.
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    const PLACE: &str = "potok-mapreduce/src/coordinator.rs";
    let there = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(PLACE);
    assert!(there.is_file(), "it has another name: {}", there.display());
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|place| place.file().to_owned());
        if place.is_some_and(|file| file.ends_with(PLACE)) {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        usual(info);
    }));
    let (open, gate) = gate();
    let (straggler, tries) = (Arc::clone(&gate), Arc::new(AtomicUsize::new(0)));
    let job = MapReduce::new(
        move |n: &u64, emit| {
            if *n == 3 && tries.fetch_add(1, Ordering::SeqCst) == 0 {
                straggler.pass();
            }
            emit(n, 1);
        },
        |_, ones| ones.sum::<u64>(),
    );
    let job = job.splits(4).backup_tasks();
    let run = job.over([0, 1, 2, 3]).on(Threads(2)).run().unwrap();
    assert_eq!(run.len(), 4);
    // The run is over and its result is here; now the straggler comes back.
    drop(open);
    let again = job.over([0, 1, 2, 3]).on(Threads(2)).run().unwrap();
    assert_eq!(again.partitions, run.partitions);
    // Whoever works at the job has a share of it, and of the gate, until it has reported.
    drop(job);
    let start = Instant::now();
    while Arc::strong_count(&gate) > 1 {
        assert!(start.elapsed() < ms(20_000), "it never came back");
        std::thread::yield_now();
    }
    assert_eq!(gate.passed(), 1);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}

//! Workers that are processes: what they die of, what comes home, what is left.

use super::sys::fork;
use crate::map_reduce::{by_hand, folder, had_a_backup, ms, word_count};
use potok::map_reduce::*;
use potok::prelude::Recorder;
use potok::processes::{Shared, SharedSlice};
use potok::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn counter() -> Arc<Shared<AtomicUsize>> {
    Arc::new(Shared::new().unwrap())
}

/// Ends the calling process from outside.
fn kill_me() {
    let pid = std::process::id().to_string();
    std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
    unreachable!("nothing refuses SIGKILL");
}

#[test]
fn a_task_whose_worker_dies_is_run_again() {
    let deaths: [fn(); 3] =
        [|| std::process::abort(), || std::process::exit(3), kill_me];
    for death in deaths {
        for phase in [Phase::Map, Phase::Reduce] {
            let once = counter();
            let tried = Arc::clone(&once);
            let die = move |here| {
                if here == phase && tried.fetch_add(1, Ordering::SeqCst) == 0 {
                    death();
                }
            };
            let die_too = die.clone();
            let job = MapReduce::new(
                move |line: &str, emit| {
                    line.split(' ').for_each(|word| emit(word, 1));
                    die(Phase::Map);
                },
                move |_, counts| {
                    die_too(Phase::Reduce);
                    counts.sum::<u64>()
                },
            );
            let run = job.over("a b\nb c\nc a").on(Processes(2)).run().unwrap();
            let words = [("a", 2), ("b", 2), ("c", 2)];
            assert_eq!(run.sorted(), words.map(|(word, n)| (word.to_owned(), n)));
            let died: Vec<_> = run
                .tasks
                .iter()
                .filter(|t| t.outcome == TaskOutcome::Crashed)
                .collect();
            assert_eq!((died.len(), died[0].phase), (1, phase));
            // What the dead could not tell is on the timeline all the same.
            assert_eq!(run.trace.spans.len(), run.tasks.len());
            assert!(run.trace.marks.iter().any(|mark| mark.label == "died"));
            // Its task was done by another process; how many there were in all is chance.
            let again = |t: &&Attempt| {
                (t.phase, t.task, t.outcome) == (phase, died[0].task, TaskOutcome::Done)
            };
            let again = run.tasks.iter().find(again).unwrap();
            assert_ne!(again.worker, died[0].worker);
            assert!(run.trace.lanes.len() >= 2, "{:?}", run.trace.lanes);
        }
    }
}

#[test]
fn an_injected_crash_kills_the_process_in_either_phase() {
    let faults = Faults::seeded(4).crashing(0.4);
    let job = word_count().attempts(20).splits(8).faults(faults);
    let text = "to be\nor not\n".repeat(40);
    let run = job.over(&*text).on(Processes(2)).run().unwrap();
    let crashed = |phase| {
        let of_it =
            |t: &&Attempt| t.outcome == TaskOutcome::Crashed && t.phase == phase;
        run.tasks.iter().filter(of_it).count()
    };
    let (map, reduce) = (crashed(Phase::Map), crashed(Phase::Reduce));
    assert!(map > 0);
    let died = run.trace.marks.iter().filter(|mark| mark.label == "died").count();
    assert_eq!(died, map + reduce);
}

#[test]
fn a_job_whose_workers_always_die_ends_with_what_they_died_of() {
    let job = MapReduce::new(
        |line: &str, emit| {
            emit(line, 1);
            std::process::abort();
        },
        |_, counts| counts.sum::<u64>(),
    );
    let error = job.attempts(2).over("a").on(Processes(2)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Killed(6));
    let text = error.to_string();
    assert!(text.contains("map task 0") && text.contains("SIGABRT"), "{text}");
}

#[test]
fn a_panic_in_a_worker_keeps_its_words() {
    let job = MapReduce::new(
        |line: &str, emit| emit(line, line.parse::<u64>().unwrap()),
        |_, counts| counts.sum::<u64>(),
    );
    let error = job.attempts(1).over("1\nx").on(Processes(1)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("InvalidDigit"), "{error}");
}

#[test]
fn a_straggler_gets_a_backup_and_is_ended() {
    let tries = counter();
    let job = MapReduce::new(
        move |n: &u64, emit| {
            if *n == 19 && tries.fetch_add(1, Ordering::SeqCst) == 0 {
                std::thread::park_timeout(ms(20_000));
            }
            emit(&(n % 2), 1);
        },
        |_, ones| ones.sum::<u64>(),
    );
    let job = job.splits(20).backup_tasks();
    let start = Instant::now();
    let run = job.over((0..20).collect::<Vec<_>>()).on(Processes(2)).run().unwrap();
    assert_eq!(run.sorted(), [(0, 10), (1, 10)]);
    had_a_backup(&run.tasks, 19);
    assert!(start.elapsed() < ms(15_000), "the straggler was waited for");
}

#[test]
fn a_job_that_hangs_ends_at_its_deadline() {
    let stuck = MapReduce::new(
        |_: &u64, emit| {
            std::thread::park_timeout(ms(30_000));
            emit("x", 1);
        },
        |_, ones| ones.sum::<u64>(),
    );
    let start = Instant::now();
    let job = stuck.clone().timeout(ms(100));
    let error = job.over([1]).on(Processes(2)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let job = stuck.task_timeout(ms(50)).attempts(2);
    let error = job.over([1]).on(Processes(1)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(start.elapsed() < ms(20_000));
}

/// It neither works nor ends, so only a clock can tell.
#[test]
fn a_worker_that_is_stopped_costs_its_task_one_attempt() {
    let once = counter();
    let job = MapReduce::new(
        move |n: &u64, emit| {
            if once.fetch_add(1, Ordering::SeqCst) == 0 {
                let pid = std::process::id().to_string();
                std::process::Command::new("kill")
                    .args(["-STOP", &pid])
                    .status()
                    .unwrap();
            }
            emit(&(n % 2), 1);
        },
        |_, ones| ones.sum::<u64>(),
    );
    let job = job.splits(4).task_timeout(ms(500)).attempts(3).timeout(ms(60_000));
    let run = job.over((0..20).collect::<Vec<_>>()).on(Processes(2)).run().unwrap();
    assert_eq!(run.sorted(), [(0, 10), (1, 10)]);
    assert!(run.tasks.iter().any(|task| task.outcome != TaskOutcome::Done));
}

#[test]
fn combining_changes_what_is_sent_and_nothing_else() {
    let text = Zipf::russian(4).text(60_000);
    let plain = word_count().over(&text).on(Processes(2)).run().unwrap();
    let job = word_count().combine(|sum, n| *sum += n);
    let combined = job.over(&text).on(Processes(2)).run().unwrap();
    assert_eq!(plain.to_map(), by_hand(&text));
    assert_eq!(plain.partitions, combined.partitions);
    assert!(combined.shuffled().pairs < plain.shuffled().pairs);
    assert!(combined.flow.spilled < plain.flow.spilled);
}

#[test]
fn spans_of_the_job_itself_come_home() {
    let recorder = Recorder::new();
    let rec = recorder.clone();
    let job = MapReduce::new(
        move |line: &str, emit| rec.span("my own", || emit(line, 1)),
        |_, counts| counts.sum::<u64>(),
    );
    let run = job.over("a\nb").on(Processes(2)).run().unwrap();
    let trace = recorder.trace();
    let mine = trace.spans.iter().filter(|span| span.label == "my own");
    assert_eq!(mine.count(), 2);
    let named = |lane: &potok::trace::Lane| lane.name.starts_with("worker ");
    assert!(run.trace.lanes.iter().all(named), "{:?}", run.trace.lanes);
    assert!(run.flow.maps.iter().all(|map| (1..=2).contains(&map.worker)));
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let folder = folder("full");
    std::fs::remove_dir(folder.join("below")).unwrap();
    let text = Zipf::english(4).text(60_000);
    let job = word_count().memory(10_000).scratch(&folder);
    let full = job.clone().disk(2_000);
    let on_threads = full.over(&text).on(Threads(2)).run();
    let on_processes = full.over(&text).on(Processes(2)).run();
    for result in [on_threads, on_processes] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("2000 bytes of disk"), "{error}");
    }
    let run = job.over(&text).on(Processes(2)).run().unwrap();
    assert_eq!(run.to_map(), by_hand(&text));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let none = word_count().scratch(folder.join("none"));
    let error = none.over("a").on(Processes(1)).run().unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    std::fs::remove_dir(folder).unwrap();
}

/// Whether a process runs: one that ended and was not yet collected does not.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

fn within(limit: Duration, what: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !what() {
        if start.elapsed() > limit {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

#[test]
fn a_killed_coordinator_takes_everything_with_it() {
    let folder = folder("killed");
    std::fs::remove_dir(folder.join("below")).unwrap();
    let pids = Arc::new(SharedSlice::<AtomicU32>::new(2).unwrap());
    let theirs = Arc::clone(&pids);
    let job = MapReduce::new(
        move |n: &u64, emit| {
            emit(n, 1);
            theirs[*n as usize].store(std::process::id(), Ordering::SeqCst);
            std::thread::park_timeout(ms(50_000));
        },
        |_, ones| ones.sum::<u64>(),
    );
    let job = job.splits(2).scratch(&folder);
    let coordinator =
        fork(|| job.over([0, 1]).on(Processes(2)).run().map(|run| run.len())).unwrap();
    let pid = |n: usize| pids[n].load(Ordering::SeqCst);
    assert!(within(ms(20_000), || pid(0) != 0 && pid(1) != 0), "no worker began");
    assert!(runs(pid(0)) && runs(pid(1)) && pid(0) != coordinator.pid());
    coordinator.kill();
    let error = coordinator.join().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Killed(9));
    assert!(within(ms(20_000), || !runs(pid(0)) && !runs(pid(1))), "workers live on");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir(folder).unwrap();
}

#[test]
fn types_that_are_not_text_travel_too() -> Result<(), Error> {
    let mean = MapReduce::new(
        |(city, degrees): &(String, f64), emit| emit(city, (*degrees, 1.0)),
        |_city, pairs| {
            let (sum, n) = pairs.fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
            Some(sum / n)
        },
    );
    let measured = [("Omsk", -12.0), ("Sochi", 14.0), ("Omsk", -8.0)];
    let run = mean
        .over(measured.map(|(city, t)| (city.to_owned(), t)))
        .on(Processes(2))
        .run()?;
    assert_eq!(run.get("Omsk"), Some(&Some(-10.0)));
    assert_eq!(run.len(), 2);
    let empty = word_count().over("").on(Processes(2)).run()?;
    assert!(empty.is_empty() && empty.partitions.len() == 4);
    Ok(())
}

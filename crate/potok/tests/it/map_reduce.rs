//! Map-reduce as the tests of MIT's distributed-systems course check it (6.5840, lab 1),
//! and the laws that any engine must keep.

use potok::map_reduce::*;
use potok::{Error, ErrorKind};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

type WordCount = MapReduce<str, str, u64, u64>;

fn word_count() -> WordCount {
    MapReduce::new(
        |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
        |_word, counts| counts.sum(),
    )
}

fn by_hand(text: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_insert(0) += 1;
    }
    counts
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn outcomes(tasks: &[Attempt], outcome: Outcome) -> usize {
    tasks.iter().filter(|task| task.outcome == outcome).count()
}

// The seven of the lab.

#[test]
fn word_count_equals_the_sequential_one() {
    let text = Zipf::english(5).text(200_000);
    let expected = by_hand(&text);
    assert_eq!(
        word_count().over(&text).on(Sequential).run().unwrap().to_map(),
        expected
    );
    for n in [1, 2, 3, 8] {
        let run = word_count().over(&text).on(Threads(n)).run().unwrap();
        assert_eq!(run.to_map(), expected, "{n} threads");
    }
}

#[test]
fn an_indexer_sees_the_values_of_a_key_from_all_splits() {
    let index = MapReduce::new(
        |page: &(&str, &str), emit| {
            page.1.split(' ').for_each(|word| emit(word, page.0));
        },
        |_word, pages| pages.collect::<BTreeSet<&str>>(),
    );
    let pages =
        vec![("p1", "sun moon"), ("p2", "moon"), ("p3", "sun sun"), ("p4", "star")];
    let run = index.splits(4).over(pages).on(Threads(3)).run().unwrap();
    assert_eq!(run.get("sun").unwrap(), &BTreeSet::from(["p1", "p3"]));
    assert_eq!(run.get("moon").unwrap(), &BTreeSet::from(["p1", "p2"]));
    assert_eq!(run.len(), 3);
}

/// Two tasks that wait for each other only end if they run at the same time; that they
/// did is then read from the recorded intervals.
fn overlap(tasks: &[Attempt], phase: Phase) -> bool {
    let mine: Vec<_> = tasks.iter().filter(|task| task.phase == phase).collect();
    let end = |task: &Attempt| task.end.unwrap_or_default();
    mine.len() == 2
        && mine[0].worker != mine[1].worker
        && mine[0].start < end(mine[1])
        && mine[1].start < end(mine[0])
}

#[test]
fn map_tasks_overlap() {
    let both = Arc::new(Barrier::new(2));
    let job = MapReduce::new(
        move |n: &u64, emit| {
            both.wait();
            emit(n, ());
        },
        |_, values| values.count(),
    );
    let run =
        job.splits(2).deadline(ms(20_000)).over([1, 2]).on(Threads(2)).run().unwrap();
    assert!(overlap(&run.tasks, Phase::Map), "{:#?}", run.tasks);
    assert!(run.trace.overlap() > Duration::ZERO);
}

#[test]
fn reduce_tasks_overlap() {
    let both = Arc::new(Barrier::new(2));
    let job = MapReduce::new(
        |n: &usize, emit| emit(n, ()),
        move |_, values| {
            both.wait();
            values.count()
        },
    );
    let job = job.reducers(2).partition(|key, _| *key).deadline(ms(20_000));
    let run = job.over([0, 1]).on(Threads(2)).run().unwrap();
    assert!(overlap(&run.tasks, Phase::Reduce), "{:#?}", run.tasks);
}

#[test]
fn no_task_is_handed_out_twice_without_a_fault() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let job = MapReduce::new(
        move |n: &u64, emit| {
            counter.fetch_add(1, Ordering::Relaxed);
            emit(&(n % 5), *n);
        },
        |_, values| values.sum::<u64>(),
    );
    let run =
        job.splits(50).over((0..50).collect::<Vec<_>>()).on(Threads(4)).run().unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 50);
    assert_eq!(run.tasks.len(), 50 + 4);
    let tasks: BTreeSet<_> =
        run.tasks.iter().map(|t| (t.phase == Phase::Map, t.task)).collect();
    assert_eq!(tasks.len(), 50 + 4);
}

#[test]
fn nobody_leaves_before_the_job_is_finished() {
    let run = word_count().splits(9).over(SLIDE).on(Threads(3)).run().unwrap();
    let last_map =
        run.tasks.iter().filter(|t| t.phase == Phase::Map).map(|t| t.end).max();
    let reduces = run.tasks.iter().filter(|t| t.phase == Phase::Reduce);
    assert!(reduces.map(|t| Some(t.start)).min() >= Some(last_map.unwrap()));
    assert_eq!(outcomes(&run.tasks, Outcome::Done), run.tasks.len());
    assert!(run.tasks.iter().all(|task| task.end.is_some()));
}

#[test]
fn workers_that_crash_or_stall_change_nothing() {
    let text = Zipf::english(9).text(40_000);
    let expected = by_hand(&text);
    let (mut crashed, mut lost) = (0, 0);
    for seed in 0..6 {
        let faults = Faults::seeded(seed).crashing(0.25).stalling(0.1);
        let job = word_count().attempts(20).task_deadline(ms(300)).faults(faults);
        let run = job.over(&text).on(Threads(3)).run().unwrap();
        assert_eq!(run.to_map(), expected, "seed {seed}");
        crashed += outcomes(&run.tasks, Outcome::Crashed);
        lost += outcomes(&run.tasks, Outcome::Lost);
    }
    assert!(crashed > 10 && lost > 3, "{crashed} crashed, {lost} lost");
}

// Faults, one by one.

#[test]
fn the_same_seed_gives_the_same_faults() {
    let crashes = |_| {
        let faults = Faults::seeded(4).crashing(0.4);
        let job = word_count().attempts(20).splits(8).faults(faults);
        let text = Zipf::english(1).text(2_000);
        let run = job.over(text).on(Threads(2)).run().unwrap();
        let crashed = run.tasks.into_iter().filter(|t| t.outcome == Outcome::Crashed);
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
    let job = MapReduce::new(
        move |n: &u64, emit| {
            // Only the first attempt at the last record is slow.
            if *n == 19 && tries.fetch_add(1, Ordering::Relaxed) == 0 {
                std::thread::sleep(ms(2_000));
            }
            emit(&(n % 2), 1);
        },
        |_, ones| ones.sum::<u64>(),
    );
    let job = job.splits(20).backup_tasks();
    let start = Instant::now();
    let run = job.over((0..20).collect::<Vec<_>>()).on(Threads(2)).run().unwrap();
    assert_eq!(run.sorted(), [(0, 10), (1, 10)]);
    let backup = run.tasks.iter().find(|task| task.backup && task.task == 19).unwrap();
    assert_eq!((backup.phase, backup.outcome), (Phase::Map, Outcome::Done));
    assert!(outcomes(&run.tasks, Outcome::Superseded) >= 1);
    assert!(start.elapsed() < ms(1_900), "the straggler was waited for");
}

#[test]
fn a_job_that_hangs_ends_at_its_deadline() {
    let stuck = || {
        MapReduce::new(
            |_: &u64, emit| {
                std::thread::sleep(ms(3_000));
                emit("x", 1);
            },
            |_, ones| ones.sum::<u64>(),
        )
    };
    let start = Instant::now();
    let error = stuck().deadline(ms(50)).over([1]).on(Threads(2)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let job = stuck().task_deadline(ms(20)).attempts(2);
    let error = job.over([1]).on(Threads(1)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(start.elapsed() < ms(2_500));
}

// Options and input.

#[test]
fn bad_options_are_errors_that_say_what_to_do() {
    let kinds = [
        word_count().reducers(0).over("a").run(),
        word_count().splits(0).over("a").run(),
        word_count().attempts(0).over("a").run(),
        word_count().over("a").on(Threads(0)).run(),
        word_count().partition(|_, n| n).over("a").run(),
    ];
    for (n, result) in kinds.into_iter().enumerate() {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{n}: {error}");
    }
}

#[test]
fn an_empty_input_has_an_empty_result() {
    for result in
        [word_count().over("").run(), word_count().over("\n \n").on(Threads(2)).run()]
    {
        let run = result.unwrap();
        assert!(run.is_empty() && run.top(3).is_empty());
        assert_eq!(run.partitions.len(), 4);
    }
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder =
        std::env::temp_dir().join(format!("potok-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("below")).unwrap();
    folder
}

#[test]
fn files_are_read_in_splits_like_one_text() {
    let folder = folder("files");
    let text = Zipf::russian(2).text(50_000);
    let (a, b) = text.split_at(text.find('\n').unwrap() + 1);
    std::fs::write(folder.join("a.txt"), a).unwrap();
    std::fs::write(folder.join("below/b.txt"), b).unwrap();
    std::fs::write(folder.join("below/c.md"), "nothing").unwrap();
    for splits in [1, 2, 7, 100] {
        let input = files(folder.join("**/*.txt"));
        let run = word_count().splits(splits).over(input).on(Threads(2)).run().unwrap();
        assert_eq!(run.to_map(), by_hand(&text), "{splits} splits");
    }
    assert_eq!(files(&folder).list().unwrap().len(), 3);
    assert_eq!(files(folder.join("?.txt")).list().unwrap().len(), 1);

    let lines = MapReduce::new(
        |line: &Line, emit| emit(&line.offset, (line.file.clone(), line.to_string())),
        |_, lines| lines.collect::<Vec<_>>(),
    );
    let run = lines.splits(9).over(files(folder.join("below/b.txt"))).run().unwrap();
    for (offset, lines) in run.iter() {
        assert!(b[*offset as usize..].starts_with(&lines[0].1));
        assert!(lines[0].0.ends_with("b.txt"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn bytes_that_are_no_text_are_an_error_with_their_place_or_are_replaced() {
    let folder = folder("bytes");
    let path = folder.join("bad");
    std::fs::write(&path, b"good\nba\xffd\ngood\n").unwrap();
    let error = word_count().over(files(&path)).on(Threads(2)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undecodable);
    assert!(
        error.to_string().contains("bad") && error.to_string().contains(" 7 "),
        "{error}"
    );
    let run = word_count().over(files(&path).lossy()).run().unwrap();
    assert_eq!(run.top(2), [("good".to_owned(), 2), ("ba\u{fffd}d".to_owned(), 1)]);
    let error = word_count().over(files(folder.join("*.none"))).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_failed_write_leaves_no_part_behind() {
    let folder = folder("write");
    // A directory stands where the second part should go.
    std::fs::create_dir_all(folder.join("part-00001/full")).unwrap();
    let run = word_count().over(SLIDE).run().unwrap();
    let error = run.write(&folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    let left: BTreeSet<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_counts_like_the_plain_loop(
        text in "([a-cж]{1,2}[ \n\r]{0,2}){0,60}",
        splits in 1_usize..9,
        reducers in 1_usize..5,
        threads in 1_usize..4,
        seed in 0_u64..100,
    ) {
        let expected = by_hand(&text);
        let faults = Faults::seeded(seed).crashing(0.2);
        let job = word_count().splits(splits).reducers(reducers).attempts(30).faults(faults);
        let plain = job.over(&text).on(Threads(threads)).run().unwrap();
        let combined = job.combine(|sum, n| *sum += n).over(&text).run().unwrap();
        prop_assert_eq!(&plain.to_map(), &expected);
        prop_assert_eq!(&combined.to_map(), &expected);
        prop_assert_eq!(&plain.partitions, &combined.partitions);
        prop_assert_eq!(plain.flow.emitted(), expected.values().sum::<u64>());
        prop_assert!(combined.shuffled().pairs <= plain.shuffled().pairs);
        prop_assert!(plain.partitions.iter().all(|part| part.is_sorted()));
    }
}

//! The seven tests of MIT's distributed-systems course (6.5840, lab 1) on threads and on
//! processes: one claim each, with the engine as an argument.

use crate::map_reduce::{by_hand, ms, outcomes, word_count};
use potok::map_reduce::*;
use potok::processes::Shared;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Writes each claim as two tests.
macro_rules! laws {
    ($($claim:ident)*) => {$(
        mod $claim {
            use potok::map_reduce::{Processes, Threads};

            #[test]
            fn on_threads() {
                super::on::$claim(Threads);
            }

            #[test]
            fn on_processes() {
                super::on::$claim(Processes);
            }
        }
    )*};
}

laws! {
    word_count_equals_the_sequential_one
    an_indexer_sees_the_values_of_a_key_from_all_splits
    map_tasks_overlap
    reduce_tasks_overlap
    no_task_is_handed_out_twice_without_a_fault
    nobody_leaves_before_the_job_is_finished
    workers_that_crash_or_stall_change_nothing
}

/// Counted in memory that threads and processes have alike.
fn counter() -> Arc<Shared<AtomicUsize>> {
    Arc::new(Shared::new().unwrap())
}

/// Waits for the other one, but not for ever.
fn meet(arrived: &AtomicUsize) {
    arrived.fetch_add(1, Ordering::SeqCst);
    let start = Instant::now();
    while arrived.load(Ordering::SeqCst) < 2 {
        assert!(start.elapsed() < ms(20_000), "nobody came");
        std::thread::yield_now();
    }
}

/// That the two tasks of a phase ran at the same time, read from their intervals.
fn overlap<K, O>(run: &Run<K, O>, phase: Phase) -> bool {
    let mine: Vec<_> = run.tasks.iter().filter(|task| task.phase == phase).collect();
    let end = |task: &Attempt| task.end.unwrap_or_default();
    mine.len() == 2
        && mine[0].worker != mine[1].worker
        && mine[0].start < end(mine[1])
        && mine[1].start < end(mine[0])
        && run.trace.overlap() > Duration::ZERO
}

mod on {
    use super::*;

    pub(super) fn word_count_equals_the_sequential_one<E>(engine: fn(usize) -> E)
    where
        E: Engine<str, str, u64, u64>,
    {
        let text = Zipf::english(5).text(200_000);
        let expected = by_hand(&text);
        let one = word_count().over(&text).on(Sequential).run().unwrap();
        assert_eq!(one.to_map(), expected);
        for n in [1, 2, 3, 8] {
            let run = word_count().over(&text).on(engine(n)).run().unwrap();
            assert_eq!(run.partitions, one.partitions, "{n} workers");
            assert_eq!(run.shuffled(), one.shuffled(), "{n} workers");
            assert_eq!(run.flow.emitted(), one.flow.emitted(), "{n} workers");
        }
    }

    pub(super) fn an_indexer_sees_the_values_of_a_key_from_all_splits<E>(
        engine: fn(usize) -> E,
    ) where
        E: Engine<(String, String), str, String, BTreeSet<String>>,
    {
        let index = MapReduce::new(
            |(page, words): &(String, String), emit| {
                words.split(' ').for_each(|word| emit(word, page.clone()));
            },
            |_word, pages| pages.collect::<BTreeSet<String>>(),
        );
        let page = |name: &str, words: &str| (name.to_owned(), words.to_owned());
        let pages = vec![
            page("p1", "sun moon"),
            page("p2", "moon"),
            page("p3", "sun sun"),
            page("p4", "star"),
        ];
        let run = index.splits(4).over(pages).on(engine(3)).run().unwrap();
        let set = |pages: [&str; 2]| BTreeSet::from(pages.map(String::from));
        assert_eq!(run.get("sun").unwrap(), &set(["p1", "p3"]));
        assert_eq!(run.get("moon").unwrap(), &set(["p1", "p2"]));
        assert_eq!(run.len(), 3);
    }

    pub(super) fn map_tasks_overlap<E: Engine<u64, u64, (), u64>>(
        engine: fn(usize) -> E,
    ) {
        let both = counter();
        let job = MapReduce::new(
            move |n: &u64, emit| {
                meet(&both);
                emit(n, ());
            },
            |_, values| values.count() as u64,
        );
        let job = job.splits(2).timeout(ms(30_000));
        let run = job.over([1, 2]).on(engine(2)).run().unwrap();
        assert!(overlap(&run, Phase::Map), "{:#?}", run.tasks);
    }

    pub(super) fn reduce_tasks_overlap<E: Engine<u64, u64, (), u64>>(
        engine: fn(usize) -> E,
    ) {
        let both = counter();
        let job = MapReduce::new(
            |n: &u64, emit| emit(n, ()),
            move |_, values| {
                meet(&both);
                values.count() as u64
            },
        );
        let job = job.reducers(2).partition(|key, _| *key as usize);
        let run = job.timeout(ms(30_000)).over([0, 1]).on(engine(2)).run().unwrap();
        assert!(overlap(&run, Phase::Reduce), "{:#?}", run.tasks);
    }

    pub(super) fn no_task_is_handed_out_twice_without_a_fault<E>(engine: fn(usize) -> E)
    where
        E: Engine<u64, u64, u64, u64>,
    {
        let (maps, reduces) = (counter(), counter());
        let (mapped, reduced) = (Arc::clone(&maps), Arc::clone(&reduces));
        let job = MapReduce::new(
            move |n: &u64, emit| {
                mapped.fetch_add(1, Ordering::Relaxed);
                emit(&(n % 5), *n);
            },
            move |_, values| {
                reduced.fetch_add(1, Ordering::Relaxed);
                values.sum::<u64>()
            },
        );
        let numbers: Vec<u64> = (0..50).collect();
        let run = job.splits(50).over(numbers).on(engine(4)).run().unwrap();
        assert_eq!(maps.load(Ordering::Relaxed), 50);
        assert_eq!(reduces.load(Ordering::Relaxed), 5);
        assert_eq!(run.tasks.len(), 50 + 4);
        let tasks: BTreeSet<_> =
            run.tasks.iter().map(|t| (t.phase == Phase::Map, t.task)).collect();
        assert_eq!(tasks.len(), 50 + 4);
    }

    pub(super) fn nobody_leaves_before_the_job_is_finished<E>(engine: fn(usize) -> E)
    where
        E: Engine<str, str, u64, u64>,
    {
        let job = word_count().splits(9);
        let run = job.over("a b\n".repeat(9)).on(engine(3)).run().unwrap();
        let of = |phase| run.tasks.iter().filter(move |task| task.phase == phase);
        let last_map = of(Phase::Map).filter_map(|task| task.end).max().unwrap();
        assert!(of(Phase::Reduce).all(|task| task.start >= last_map));
        assert_eq!(outcomes(&run.tasks, TaskOutcome::Done), run.tasks.len());
        assert!(run.tasks.iter().all(|task| task.end.is_some()));
        // Whoever had left would have been replaced, by a worker of a higher number.
        assert!(run.tasks.iter().all(|task| (1..=3).contains(&task.worker)));
    }

    pub(super) fn workers_that_crash_or_stall_change_nothing<E>(engine: fn(usize) -> E)
    where
        E: Engine<str, str, u64, u64>,
    {
        let text = Zipf::english(9).text(40_000);
        let expected = by_hand(&text);
        let (mut crashed, mut lost) = (0, 0);
        for seed in 0..5 {
            let faults = Faults::seeded(seed).crashing(0.25).stalling(0.1);
            let job = word_count().attempts(20).task_timeout(ms(400)).faults(faults);
            let run = job.over(&text).on(engine(3)).run().unwrap();
            assert_eq!(run.to_map(), expected, "seed {seed}");
            crashed += outcomes(&run.tasks, TaskOutcome::Crashed);
            lost += outcomes(&run.tasks, TaskOutcome::Lost);
        }
        assert!(crashed > 8 && lost > 2, "{crashed} crashed, {lost} lost");
    }
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

//! A budget for memory: what is more goes to disk, and nothing else changes.

use crate::map_reduce::{by_hand, word_count};
use potok::map_reduce::*;
use proptest::prelude::*;

/// Which lines a word is in, as a list: the order of the values can be seen.
fn index() -> MapReduce<Line, str, u64, Vec<u64>> {
    MapReduce::new(
        |line: &Line, emit| {
            line.split(' ').for_each(|word| emit(word, line.offset));
        },
        |_word, lines| lines.collect::<Vec<u64>>(),
    )
}

#[test]
fn pairs_stay_in_memory_while_they_fit() {
    let text = Zipf::english(2).text(100_000);
    let run = word_count().memory(64 << 20).over(&text).on(Threads(2)).run().unwrap();
    assert_eq!((run.to_map(), run.flow.spilled), (by_hand(&text), 0));
}

#[test]
fn a_large_table_is_written_more_than_once() {
    let text = Zipf::english(2).text(100_000);
    let job = word_count().splits(1).combine(|sum, n| *sum += n);
    let plain = job.over(&text).run().unwrap();
    let tight = job.memory(40_000).over(&text).run().unwrap();
    assert_eq!(plain.partitions, tight.partitions);
    // The same word in several runs: they were combined by themselves.
    assert!(tight.shuffled().pairs > plain.shuffled().pairs);
    assert!(tight.flow.spilled > 0);
}

#[test]
fn values_on_the_heap_count_too() {
    let job = MapReduce::new(
        |line: &str, emit| emit("key", line.to_owned()),
        |_, lines| lines.map(|line| line.len()).sum::<usize>(),
    );
    let text = format!("{}\n", "x".repeat(20_000)).repeat(50);
    let run = job.splits(4).memory(200_000).over(text).run().unwrap();
    assert_eq!(run.get("key"), Some(&1_000_000));
    assert!(run.flow.spilled > 800_000, "{}", run.flow.spilled);
}

#[test]
fn faults_and_a_budget_go_together() {
    let text = Zipf::english(3).text(60_000);
    let faults = Faults::seeded(3).crashing(0.3);
    let job = word_count().memory(30_000).attempts(20).faults(faults);
    let run = job.over(&text).on(Threads(3)).run().unwrap();
    assert_eq!(run.to_map(), by_hand(&text));
    assert!(run.tasks.iter().any(|task| task.outcome == TaskOutcome::Crashed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_budget_gives_the_same_lists(
        text in "([a-cж]{1,2}|[xy]{14,17}|[ \n]){0,80}",
        splits in 1_usize..6,
        memory in 0_u64..3_000,
    ) {
        let job = index().splits(splits).reducers(3);
        let plain = job.over(&text).run().unwrap();
        let tight = job.memory(memory).over(&text).on(Threads(2)).run().unwrap();
        prop_assert_eq!(plain.partitions, tight.partitions);
    }
}

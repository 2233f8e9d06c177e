//! What the tests of map-reduce share: the slide's job, and the plain loop beside it.

use potok::map_reduce::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) type WordCount = MapReduce<str, str, u64, u64>;

pub(crate) fn word_count() -> WordCount {
    MapReduce::new(
        |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
        |_word, counts| counts.sum(),
    )
}

pub(crate) fn by_hand(text: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_insert(0) += 1;
    }
    counts
}

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub(crate) fn outcomes(tasks: &[Attempt], outcome: TaskOutcome) -> usize {
    tasks.iter().filter(|task| task.outcome == outcome).count()
}

/// Checks that a map task had a backup, that one try counted and the others were late.
/// Which of them was slow is not known: the backup may have come first to where that is.
pub(crate) fn had_a_backup(tasks: &[Attempt], task: usize) {
    let tries = tasks.iter().filter(|a| a.phase == Phase::Map && a.task == task);
    let tries: Vec<Attempt> = tries.cloned().collect();
    assert!(tries.iter().any(|attempt| attempt.backup), "{tries:?}");
    assert_eq!(outcomes(&tries, TaskOutcome::Done), 1, "{tries:?}");
    assert_eq!(outcomes(&tries, TaskOutcome::Superseded), tries.len() - 1, "{tries:?}");
}

/// An empty directory of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("potok-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("below")).unwrap();
    folder
}

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

pub(crate) fn outcomes(tasks: &[Attempt], outcome: Outcome) -> usize {
    tasks.iter().filter(|task| task.outcome == outcome).count()
}

/// An empty directory of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("potok-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("below")).unwrap();
    folder
}

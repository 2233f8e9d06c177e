//! The same in the plainest way: what the fast one must equal.

use std::collections::BTreeMap;

/// Counts words: runs of bytes above a space, with the letters of ASCII in lower case.
pub(super) fn word_count(text: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for word in text.split(|c| c <= ' ').filter(|word| !word.is_empty()) {
        *counts.entry(word.to_ascii_lowercase()).or_insert(0) += 1;
    }
    counts
}

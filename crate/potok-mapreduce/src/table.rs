//! The table that a task groups its pairs in: a hash table in insertion order that finds the
//! entry of a *borrowed* key.
//!
//! *What to notice*: a word that is already there costs one look-up and no memory. Only a
//! new word is copied out of the input. std's `HashMap` cannot say "look up by `&str`,
//! insert a `String` only if it is new" in one step; hashbrown's `HashTable` can.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Entries in the order in which they came, found by the hash of their key.
#[derive(Debug)]
pub(super) struct Table<E> {
    /// Positions of entries.
    positions: HashTable<u32>,
    entries: Vec<(u64, E)>,
}

impl<E> Table<E> {
    pub(super) fn new() -> Self {
        Table { positions: HashTable::new(), entries: vec![] }
    }

    /// The entry with this hash that is the `same`, or a `new` one.
    #[inline]
    pub(super) fn entry(
        &mut self,
        hash: u64,
        same: impl Fn(&E) -> bool,
        new: impl FnOnce() -> E,
    ) -> &mut E {
        let entries = &self.entries;
        let found = self.positions.entry(
            hash,
            |&at| entries[at as usize].0 == hash && same(&entries[at as usize].1),
            |&at| entries[at as usize].0,
        );
        let position = match found {
            Entry::Occupied(position) => *position.get() as usize,
            Entry::Vacant(free) => {
                free.insert(entries.len() as u32);
                self.entries.push((hash, new()));
                self.entries.len() - 1
            }
        };
        &mut self.entries[position].1
    }

    /// The entries with their hashes, in the order in which they came.
    pub(super) fn into_entries(self) -> Vec<(u64, E)> {
        self.entries
    }

    /// The entries with their hashes, in the order in which they came.
    pub(super) fn entries(&self) -> &[(u64, E)] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_key::hash_of;
    use std::collections::{BTreeMap, HashSet};

    proptest::proptest! {
        #[test]
        fn it_counts_like_a_map(words in proptest::collection::vec("[a-f]{0,3}", 0..400)) {
            let mut table = Table::new();
            let mut map = BTreeMap::new();
            for word in &words {
                let entry = table.entry(
                    hash_of(word.as_str()),
                    |(key, _): &(String, u64)| key == word,
                    || (word.clone(), 0),
                );
                entry.1 += 1;
                *map.entry(word.clone()).or_insert(0_u64) += 1;
            }
            let entries = table.into_entries();
            let order: Vec<_> = entries.iter().map(|(_, (key, _))| key).collect();
            let mut seen = HashSet::new();
            let first: Vec<_> = words.iter().filter(|word| seen.insert(*word)).collect();
            assert_eq!(order, first);
            let counted: BTreeMap<_, _> = entries.into_iter().map(|(_, pair)| pair).collect();
            assert_eq!(counted, map);
        }
    }
}

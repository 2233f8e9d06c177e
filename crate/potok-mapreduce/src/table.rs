//! The table that a task groups its pairs in: a hash table that keeps the order in which
//! keys came, and hands back the slot of a *borrowed* key.
//!
//! *What to notice*: a word that is already there costs one look-up and no memory. Only a
//! new word is copied out of the input. std's `HashMap` cannot say "look up by `&str`,
//! insert a `String` only if it is new" in one step; this can.

/// Entries in the order in which they came, found by the hash of their key.
#[derive(Debug)]
pub(super) struct Table<E> {
    /// The upper half of a hash and, below it, an entry's position plus one; 0 is free.
    slots: Vec<u64>,
    entries: Vec<(u64, E)>,
}

impl<E> Table<E> {
    pub(super) fn new() -> Self {
        Table { slots: vec![0; 64], entries: vec![] }
    }

    /// The entry with this hash that is the `same`, or a `new` one.
    pub(super) fn entry(
        &mut self,
        hash: u64,
        same: impl Fn(&E) -> bool,
        new: impl FnOnce() -> E,
    ) -> &mut E {
        if self.entries.len() * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let tag = hash & !LOW;
        let mut at = hash as usize & mask;
        let position = loop {
            let slot = self.slots[at];
            if slot == 0 {
                self.entries.push((hash, new()));
                self.slots[at] = tag | self.entries.len() as u64;
                break self.entries.len() - 1;
            }
            let position = (slot & LOW) as usize - 1;
            if slot & !LOW == tag && same(&self.entries[position].1) {
                break position;
            }
            at = (at + 1) & mask;
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

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.slots = vec![0; size];
        for (position, (hash, _)) in self.entries.iter().enumerate() {
            let mut at = *hash as usize & (size - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = hash & !LOW | (position as u64 + 1);
        }
    }
}

const LOW: u64 = 0xffff_ffff;

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

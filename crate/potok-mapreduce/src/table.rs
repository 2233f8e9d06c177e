//! The table that a task groups its pairs in: a hash table that keeps the order in which
//! keys came, and hands back the slot of a *borrowed* key.
//!
//! *What to notice*: a word that is already there costs one look-up and no memory. Only a
//! new word is copied out of the input. std's `HashMap` cannot say "look up by `&str`,
//! insert a `String` only if it is new" in one step; this can.

use std::hash::{Hash, Hasher};

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

const START: u64 = 0x9e37_79b9_7f4a_7c1e;

/// The hash of a key: the same in every process and every run, so that a key's partition
/// never depends on who computed it.
pub(super) fn hash_of<Q: Hash + ?Sized>(key: &Q) -> u64 {
    let mut hasher = Folded(START);
    key.hash(&mut hasher);
    hasher.finish()
}

/// Multiplies into 128 bits and folds the halves, eight bytes at a time. After "wyhash"
/// by Wang Yi.
struct Folded(u64);

impl Folded {
    fn mix(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word) * 0xe703_7ed1_a0b4_28db;
        self.0 = (wide >> 64) as u64 ^ wide as u64;
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        // The length makes "a" and "a\0" differ.
        let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.mix(last ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, byte: u8) {
        self.0 ^= u64::from(byte).rotate_left(32);
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    fn finish(&self) -> u64 {
        // One more round, so that both halves depend on every byte.
        let mut last = Folded(self.0);
        last.mix(0x8ebc_6af0_9c88_c6e3);
        last.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn keys_spread_evenly_over_partitions() {
        let mut counts = [0; 8];
        for n in 0..8_000_u64 {
            counts[hash_of(&n) as usize % 8] += 1;
            counts[hash_of(format!("word{n}").as_str()) as usize % 8] += 1;
        }
        assert!(counts.iter().all(|&n| (1_800..2_200).contains(&n)), "{counts:?}");
    }

    #[test]
    fn a_string_and_its_slice_have_one_hash() {
        assert_eq!(hash_of("поток"), hash_of(&String::from("поток")));
        assert_ne!(hash_of("a"), hash_of("a\0"));
    }
}

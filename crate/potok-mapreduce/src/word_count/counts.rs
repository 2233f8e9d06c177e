//! Counts by word. A word of up to 16 bytes *is* its slot's key: no pointer to follow.

use crate::flow::Shuffled;
use crate::table::Table;
use crate::table_key::hash_of;

/// How often each word has come.
pub(super) struct Counts {
    /// Open addressing by the upper bits of the hash. A count of 0 is a free slot.
    slots: Vec<Slot>,
    used: usize,
    shift: u32,
    long: Table<(Box<[u8]>, u64)>,
    pub(super) words: u64,
}

/// The bytes of a word, filled up with zeros, and its count. No word has a zero byte.
#[derive(Clone, Copy, Default)]
struct Slot {
    word: [u64; 2],
    count: u64,
}

impl Slot {
    fn hash(&self) -> u64 {
        // After "wyhash" by Wang Yi.
        let wide = u128::from(self.word[0] ^ 0xa076_1d64_78bd_642f)
            * u128::from(self.word[1] ^ 0xe703_7ed1_a0b4_28db);
        (wide >> 64) as u64 ^ wide as u64
    }
}

impl Counts {
    /// Room for `words` different ones before it grows.
    pub(super) fn with_capacity(words: usize) -> Self {
        let slots = (2 * words).next_power_of_two().max(1 << 12);
        Counts {
            slots: vec![Slot::default(); slots],
            used: 0,
            shift: 64 - slots.trailing_zeros(),
            long: Table::new(),
            words: 0,
        }
    }

    /// How many different words there are.
    pub(super) fn len(&self) -> usize {
        self.used + self.long.entries().len()
    }

    /// Counts the word from `start` to `end`.
    #[inline]
    pub(super) fn count(&mut self, text: &[u8], start: usize, end: usize) {
        let length = end - start;
        self.words += 1;
        // Sixteen bytes at once, what is behind the word among them.
        match text.get(start..start + 16).and_then(<[u8]>::first_chunk) {
            Some(bytes) if length <= 16 => self.count_short(*bytes, length),
            _ => self.count_other(&text[start..end]),
        }
    }

    #[inline]
    fn count_short(&mut self, bytes: [u8; 16], length: usize) {
        let word = u128::from_le_bytes(bytes) & (u128::MAX >> (128 - 8 * length));
        let word = [word as u64, (word >> 64) as u64];
        self.add(Slot { word, count: 1 });
    }

    /// A long word, or one with fewer than sixteen bytes from its start to the text's end.
    #[cold]
    #[inline(never)]
    fn count_other(&mut self, word: &[u8]) {
        if word.len() <= 16 {
            let mut bytes = [0; 16];
            bytes[..word.len()].copy_from_slice(word);
            return self.count_short(bytes, word.len());
        }
        let same = |entry: &(Box<[u8]>, u64)| *entry.0 == *word;
        self.long.entry(hash_of(word), same, || (word.into(), 0)).1 += 1;
    }

    #[inline]
    fn add(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = (slot.hash() >> self.shift) as usize;
        loop {
            let found = &mut self.slots[at & mask];
            if found.word == slot.word {
                found.count += slot.count;
                return;
            }
            if found.count == 0 {
                *found = slot;
                break;
            }
            at += 1;
        }
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.slots.len() * 4;
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        self.shift -= 2;
        self.used = 0;
        for slot in old.into_iter().filter(|slot| slot.count > 0) {
            self.add(slot);
        }
    }

    /// Adds the `n`-th of `of` parts of `other`.
    ///
    /// Slots come in the order of their hashes. A table with too little room would fill
    /// from one end and search ever longer: make it large enough beforehand.
    pub(super) fn merge(&mut self, other: &Counts, n: usize, of: usize) {
        for slot in other.slots.iter().filter(|slot| slot.count > 0) {
            if part(slot.hash(), of) == n {
                self.add(*slot);
            }
        }
        for (hash, (word, count)) in other.long.entries() {
            if part(*hash, of) == n {
                let same = |entry: &(Box<[u8]>, u64)| entry.0 == *word;
                self.long.entry(*hash, same, || (word.clone(), 0)).1 += count;
            }
        }
    }

    /// How much there is in each of `of` parts.
    pub(super) fn sizes(&self, of: usize) -> Vec<Shuffled> {
        let mut sizes = vec![Shuffled::default(); of];
        let mut add = |hash, length: usize| {
            let size = &mut sizes[part(hash, of)];
            size.pairs += 1;
            size.bytes += (length + size_of::<u64>()) as u64;
        };
        for slot in self.slots.iter().filter(|slot| slot.count > 0) {
            add(slot.hash(), 16);
        }
        for (hash, (word, _)) in self.long.entries() {
            add(*hash, word.len());
        }
        sizes
    }

    /// All words in their order, each with its count.
    pub(super) fn sorted(self) -> Vec<(Vec<u8>, u64)> {
        let mut slots: Vec<(u128, u64)> = self
            .slots
            .iter()
            .filter(|slot| slot.count > 0)
            .map(|slot| {
                // Read as one big number, words are in the order of their bytes.
                let [low, high] = slot.word.map(u64::swap_bytes);
                ((u128::from(low) << 64) | u128::from(high), slot.count)
            })
            .collect();
        slots.sort_unstable();
        let mut words: Vec<(Vec<u8>, u64)> = Vec::with_capacity(slots.len());
        for (word, count) in slots {
            let length = 16 - word.trailing_zeros() as usize / 8;
            words.push((word.to_be_bytes()[..length].to_vec(), count));
        }
        let long = self.long.into_entries();
        if !long.is_empty() {
            words.extend(
                long.into_iter().map(|(_, (word, count))| (word.into(), count)),
            );
            words.sort_unstable();
        }
        words
    }
}

/// Which of `of` parts a hash is in: by its lower half, as the upper one finds the slot.
fn part(hash: u64, of: usize) -> usize {
    (((hash & 0xffff_ffff) * of as u64) >> 32) as usize
}

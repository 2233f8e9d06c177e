//! A key as a table keeps it: a short text lies in the table itself, without memory of its
//! own elsewhere.
//!
//! *What to notice*: most words have at most 15 letters. As two numbers they are compared,
//! hashed and sorted without following a pointer, and no memory has to be found for them.
//! Every other key is kept as what it is.

use super::sys::{as_key, as_str};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A text of at most 15 bytes. Their order is the order of the texts.
///
/// The bytes from the highest down, then zeros, and the length in the lowest byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ShortText([u64; 2]);

/// A key: short text, or a `K`, which may be a reference to one.
#[derive(Clone, Copy, Debug)]
pub(super) enum TableKey<K> {
    /// Only where keys are `str`.
    Short(ShortText),
    /// Anything else.
    Any(K),
}

impl ShortText {
    const MOST: usize = 15;

    /// The key, if it is a text that fits.
    #[inline]
    pub(super) fn of<Q: ?Sized + 'static>(key: &Q) -> Option<ShortText> {
        let bytes = as_str(key)?.as_bytes();
        let n = bytes.len();
        // Two loads that overlap in the middle: no loop over the letters.
        let (high, low) = match n {
            8..=ShortText::MOST => {
                let last = u64::from_be_bytes(*bytes.last_chunk()?);
                let low = u128::from(last) << (8 * (16 - n));
                (u64::from_be_bytes(*bytes.first_chunk()?), low as u64)
            }
            4..8 => {
                let first = u64::from(u32::from_be_bytes(*bytes.first_chunk()?));
                let last = u64::from(u32::from_be_bytes(*bytes.last_chunk()?));
                (first << 32 | last << (8 * (8 - n)), 0)
            }
            1..4 => {
                let letter = |at: usize| u64::from(bytes[at]) << (56 - 8 * at);
                (letter(0) | letter(n / 2) | letter(n - 1), 0)
            }
            0 => (0, 0),
            _ => return None,
        };
        Some(ShortText([high, low | n as u64]))
    }

    #[inline]
    pub(super) fn hash(self) -> u64 {
        // After "wyhash" by Wang Yi, twice, so that all bits depend on all bytes.
        let mix = |a: u64, b: u64| {
            let wide = u128::from(a) * u128::from(b);
            (wide >> 64) as u64 ^ wide as u64
        };
        let folded = mix(self.0[0] ^ 0xa076_1d64_78bd_642f, self.0[1] ^ START);
        mix(folded ^ 0x8ebc_6af0_9c88_c6e3, 0xe703_7ed1_a0b4_28db)
    }

    pub(super) fn len(self) -> usize {
        (self.0[1] & 0xff) as usize
    }

    fn bytes(self) -> [u8; 16] {
        let number = u128::from(self.0[0]) << 64 | u128::from(self.0[1]);
        number.to_be_bytes()
    }
}

/// Any odd number would do. This one sends the slide's words to four partitions, in order.
const START: u64 = 0xe703_7ed1_a0b4_2ad1;

const SEED: u64 = 0x9e37_79b9_7f4a_7c1e;

/// The hash of a key: the same in every process and every run, so that a key's partition
/// never depends on who computed it.
pub(super) fn hash_of<Q: Hash + ?Sized>(key: &Q) -> u64 {
    let mut hasher = Folded(SEED);
    key.hash(&mut hasher);
    hasher.finish()
}

/// The hash by which a key is found in a table and sent to a partition.
pub(super) fn hash_of_key<Q: Hash + ?Sized + 'static>(key: &Q) -> u64 {
    ShortText::of(key).map_or_else(|| hash_of(key), ShortText::hash)
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

impl<K> TableKey<K> {
    /// The same, without owning it.
    #[inline]
    pub(super) fn as_ref(&self) -> TableKey<&K> {
        match self {
            TableKey::Short(short) => TableKey::Short(*short),
            TableKey::Any(key) => TableKey::Any(key),
        }
    }

    /// A key that is owned already.
    pub(super) fn from_owned<Q>(key: K) -> Self
    where
        Q: ?Sized + 'static,
        K: Borrow<Q>,
    {
        ShortText::of::<Q>(key.borrow()).map_or(TableKey::Any(key), TableKey::Short)
    }
}

impl<K> TableKey<&K> {
    /// Shows the key to `f`.
    #[inline]
    pub(super) fn with<Q, R>(self, f: impl FnOnce(&Q) -> R) -> R
    where
        Q: ?Sized + 'static,
        K: Borrow<Q>,
    {
        match self {
            TableKey::Any(key) => f(key.borrow()),
            TableKey::Short(short) => {
                let bytes = short.bytes();
                let text = str::from_utf8(&bytes[..short.len()]).unwrap_or_default();
                match as_key(text) {
                    Some(key) => f(key),
                    None => unreachable!("only a `str` is made `Short`"),
                }
            }
        }
    }

    /// Whether two keys are equal. The same text always has the same form.
    #[inline]
    pub(super) fn is(self, other: Self) -> bool
    where
        K: Eq,
    {
        match (self, other) {
            (TableKey::Short(one), TableKey::Short(other)) => one == other,
            (TableKey::Any(one), TableKey::Any(other)) => one == other,
            _ => false,
        }
    }

    /// The order of the keys.
    #[inline]
    pub(super) fn order<Q>(self, other: Self) -> Ordering
    where
        Q: Ord + ?Sized + 'static,
        K: Borrow<Q>,
    {
        match (self, other) {
            (TableKey::Short(one), TableKey::Short(other)) => one.cmp(&other),
            _ => self.with(|one: &Q| other.with(|other: &Q| one.cmp(other))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn short_texts_are_ordered_like_texts(a in "[abж\u{0}]{0,9}", b in "[abж\u{0}]{0,9}") {
            let one = TableKey::from_owned::<str>(a.clone());
            let other = TableKey::from_owned::<str>(b.clone());
            let (one, other) = (one.as_ref(), other.as_ref());
            assert_eq!(one.order::<str>(other), a.cmp(&b));
            assert_eq!(one.is(other), a == b);
            assert_eq!(matches!(one, TableKey::Short(_)), a.len() <= 15);
            one.with(|text: &str| assert_eq!(text, a));
        }
    }

    #[test]
    fn a_short_key_takes_no_more_room_than_a_string() {
        assert_eq!(size_of::<TableKey<String>>(), size_of::<String>());
        let number = TableKey::from_owned::<u64>(7);
        assert!(matches!(number, TableKey::Any(7)));
    }

    #[test]
    fn short_texts_spread_evenly_over_partitions() {
        let mut counts = [0; 8];
        for n in 0..16_000 {
            let short = ShortText::of(format!("word{n}").as_str()).unwrap();
            counts[short.hash() as usize % 8] += 1;
        }
        assert!(counts.iter().all(|&n| (1_800..2_200).contains(&n)), "{counts:?}");
        let part = |word: &str| ShortText::of(word).unwrap().hash() % 4;
        assert_eq!(["Bear", "Car", "Deer", "River"].map(part), [0, 1, 2, 3]);
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

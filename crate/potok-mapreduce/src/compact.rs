//! A key as a table keeps it: a short text *is* its place in the table, without memory of
//! its own.
//!
//! *What to notice*: most words have at most 15 letters. As two numbers they are compared,
//! hashed and sorted without following a pointer, and no memory has to be found for them.
//! Every other key is kept as what it is.

use super::sys::{as_key, as_str};
use std::borrow::Borrow;
use std::cmp::Ordering;

/// A text of at most 15 bytes. Their order is the order of the texts.
///
/// The bytes from the highest down, zeros behind them, and the length in the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Short([u64; 2]);

/// A key: short text, or a `K`, which may be a reference to one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Compact<K> {
    /// Only where keys are `str`.
    Short(Short),
    /// Anything else.
    Long(K),
}

impl Short {
    const MOST: usize = 15;

    /// The key, if it is a text that fits.
    #[inline]
    pub(super) fn of<Q: ?Sized + 'static>(key: &Q) -> Option<Short> {
        let bytes = as_str(key)?.as_bytes();
        let n = bytes.len();
        // Two loads that overlap in the middle: no loop over the letters.
        let (high, low) = match n {
            8..=Short::MOST => {
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
        Some(Short([high, low | n as u64]))
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

impl<K> Compact<K> {
    /// The same, without owning it.
    #[inline]
    pub(super) fn as_ref(&self) -> Compact<&K> {
        match self {
            Compact::Short(short) => Compact::Short(*short),
            Compact::Long(key) => Compact::Long(key),
        }
    }

    /// A key that is owned already.
    pub(super) fn from_owned<Q>(key: K) -> Self
    where
        Q: ?Sized + 'static,
        K: Borrow<Q>,
    {
        Short::of::<Q>(key.borrow()).map_or(Compact::Long(key), Compact::Short)
    }
}

impl<K> Compact<&K> {
    /// Shows the key to `f`.
    #[inline]
    pub(super) fn with<Q, R>(self, f: impl FnOnce(&Q) -> R) -> R
    where
        Q: ?Sized + 'static,
        K: Borrow<Q>,
    {
        match self {
            Compact::Long(key) => f(key.borrow()),
            Compact::Short(short) => {
                let bytes = short.bytes();
                let text = str::from_utf8(&bytes[..short.len()]).unwrap_or_default();
                match as_key(text) {
                    Some(key) => f(key),
                    None => unreachable!("only a `str` is made `Short`"),
                }
            }
        }
    }

    /// Whether two keys are one. A text is always short or always long.
    #[inline]
    pub(super) fn is(self, other: Self) -> bool
    where
        K: Eq,
    {
        match (self, other) {
            (Compact::Short(one), Compact::Short(other)) => one == other,
            (Compact::Long(one), Compact::Long(other)) => one == other,
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
            (Compact::Short(one), Compact::Short(other)) => one.cmp(&other),
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
            let one = Compact::from_owned::<str>(a.clone());
            let other = Compact::from_owned::<str>(b.clone());
            let (one, other) = (one.as_ref(), other.as_ref());
            assert_eq!(one.order::<str>(other), a.cmp(&b));
            assert_eq!(one.is(other), a == b);
            assert_eq!(matches!(one, Compact::Short(_)), a.len() <= 15);
            one.with(|text: &str| assert_eq!(text, a));
        }
    }

    #[test]
    fn a_short_key_takes_no_more_room_than_a_string() {
        assert_eq!(size_of::<Compact<String>>(), size_of::<String>());
        let number = Compact::from_owned::<u64>(7);
        assert!(matches!(number, Compact::Long(7)));
    }

    #[test]
    fn short_texts_spread_evenly_over_partitions() {
        let mut counts = [0; 8];
        for n in 0..16_000 {
            let short = Short::of(format!("word{n}").as_str()).unwrap();
            counts[short.hash() as usize % 8] += 1;
        }
        assert!(counts.iter().all(|&n| (1_800..2_200).contains(&n)), "{counts:?}");
        let part = |word: &str| Short::of(word).unwrap().hash() % 4;
        assert_eq!(["Bear", "Car", "Deer", "River"].map(part), [0, 1, 2, 3]);
    }
}

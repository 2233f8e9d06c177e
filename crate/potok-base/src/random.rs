//! Numbers that look like chance and are the same for the same seed, so that a run with
//! them can be repeated.
//!
//! ```
//! use potok_base::random::Random;
//! let (mut one, mut other) = (Random::seeded(7), Random::seeded(7));
//! assert_eq!(one.next_u64(), other.next_u64());
//! assert_ne!(one.next_u64(), Random::seeded(8).next_u64());
//! ```
//!
//! *What to notice*: the crate `rand` promises no fixed sequence for its standard generator.
//! A seed in a lecture has to give the same text and the same faults next year.

/// SplitMix64: Guy Steele, Doug Lea and Christine Flood, "Fast splittable pseudorandom
/// number generators" (2014). Not for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    pub fn seeded(seed: u64) -> Self {
        Random(seed)
    }

    /// The next number; all 2⁶⁴ are equally likely.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the authors' own program, for the seed 1234567.
    #[test]
    fn it_is_the_published_sequence() {
        let mut random = Random::seeded(1_234_567);
        let drawn = [(); 3].map(|()| random.next_u64());
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}

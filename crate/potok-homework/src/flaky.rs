//! Faults by number: the same ones for the same seed, whatever the threads do.

use potok_base::sync::lock;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

/// Something that fails now and then. The seed, the key and how often it was asked for that
/// key decide, never the moment.
///
/// # Examples
/// ```
/// use potok::homework::Flaky;
/// let flaky = Flaky::seeded(3, 2);              // never more than twice in a row
/// for key in 0..100 {
///     assert!((0..3).any(|_| !flaky.fails(key)));
///     assert!(flaky.calls(key) <= 3);
/// }
/// ```
#[derive(Debug)]
pub struct Flaky {
    seed: u64,
    in_a_row: u64,
    asked: Mutex<HashMap<u64, u64>>,
}

impl Flaky {
    /// Faults by this seed, at most so many in a row for one key.
    pub fn seeded(seed: u64, in_a_row: u64) -> Self {
        Flaky { seed, in_a_row, asked: Mutex::default() }
    }

    /// Whether the call that is being made for this key fails.
    pub fn fails(&self, key: u64) -> bool {
        let mut asked = lock(&self.asked);
        let calls = asked.entry(key).or_default();
        let call = *calls;
        *calls += 1;
        // A block of calls fails up to a point that the seed and the key give.
        let block = self.in_a_row + 1;
        let mut hash = DefaultHasher::new();
        (self.seed, key, call / block).hash(&mut hash);
        call % block < hash.finish() % block
    }

    /// How many calls there were for this key.
    pub fn calls(&self, key: u64) -> u64 {
        let asked = lock(&self.asked);
        asked.get(&key).copied().unwrap_or_default()
    }
}

//! Two counters that no two threads share can still slow each other down.
//!
//! ```
//! use potok::prelude::*;
//!
//! let together = measure("on one cache line", 3, || sharing::adjacent_counters(2, 1_000))?;
//! let apart = measure("a cache line each", 3, || sharing::padded_counters(2, 1_000))?;
//! assert_eq!((together.runs().len(), apart.runs().len()), (3, 3));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: each thread writes only its own counter. But what cores pass to each
//! other is not a variable, it is a **cache line**: 64 or 128 bytes of memory. Counters on
//! one line travel between the cores as if they were shared: *false sharing*. The two
//! functions below differ in one type.

use super::contention::{check, on_threads};
use crate::error::Result;
use crossbeam::utils::CachePadded;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Each thread adds one to its own counter `increments` times. The counters stand side by
/// side, eight of them on a cache line of 64 bytes. Returns the counts.
///
/// # Errors
/// No threads, or more than 256.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// assert_eq!(sharing::adjacent_counters(2, 100)?, [100, 100]);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn adjacent_counters(threads: usize, increments: u64) -> Result<Vec<u64>> {
    check(threads)?;
    let counters: Vec<AtomicU64> = (0..threads).map(|_| AtomicU64::default()).collect();
    on_threads(threads, |thread| {
        for _ in 0..increments {
            counters[thread].fetch_add(1, Relaxed);
        }
    });
    Ok(counters.iter().map(|counter| counter.load(Relaxed)).collect())
}

/// The cure of [`adjacent_counters`]: each counter is padded to a cache line of its own.
///
/// # Errors
/// No threads, or more than 256.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// assert_eq!(sharing::padded_counters(2, 100)?, [100, 100]);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn padded_counters(threads: usize, increments: u64) -> Result<Vec<u64>> {
    check(threads)?;
    let counters: Vec<CachePadded<AtomicU64>> = // New: CachePadded.
        (0..threads).map(|_| CachePadded::default()).collect();
    on_threads(threads, |thread| {
        for _ in 0..increments {
            counters[thread].fetch_add(1, Relaxed);
        }
    });
    Ok(counters.iter().map(|counter| counter.load(Relaxed)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_counters_stand_at_least_a_cache_line_apart() {
        let pair = [CachePadded::new(0_u64), CachePadded::new(0)];
        let distance = (&raw const pair[1]).addr() - (&raw const pair[0]).addr();
        assert!(distance >= 64);
        assert_eq!(size_of::<AtomicU64>(), 8);
    }

    #[test]
    fn every_counter_is_its_threads_own() {
        for count in [adjacent_counters, padded_counters] {
            assert_eq!(count(3, 500).unwrap(), [500; 3]);
            assert!(count(0, 1).is_err() && count(300, 1).is_err());
        }
    }
}

//! Two counters that nobody shares can still be in each other's way.
//!
//! ```
//! use potok::prelude::*;
//! use potok::sharing::{Layout, false_sharing};
//!
//! let runs = [Layout::Adjacent, Layout::Padded].map(|layout| {
//!     measure(layout.to_string(), 3, || false_sharing(layout, 2, 1_000))
//! });
//! assert!(runs.iter().all(|run| run.is_ok()));
//! ```
//!
//! *What to notice*: each thread writes its own counter only. What cores pass to each
//! other is not a variable but a **cache line**, 64 or 128 bytes of memory. Counters on
//! the same line travel between the cores as if they were shared: *false sharing*.

use crate::error::{Error, Result};
use crossbeam::utils::CachePadded;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// Where the counters of the threads stand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// Next to each other: eight of them on a cache line of 64 bytes.
    Adjacent,
    /// Each on a cache line of its own.
    Padded,
}

/// Lets each thread add one to its own counter `increments` times; returns the counters.
///
/// # Errors
/// No threads, or more than 256.
///
/// # Examples
/// ```
/// use potok::sharing::{Layout, false_sharing};
/// assert_eq!(false_sharing(Layout::Padded, 2, 100)?, [100, 100]);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn false_sharing(
    layout: Layout,
    threads: usize,
    increments: u64,
) -> Result<Vec<u64>> {
    if threads == 0 || threads > 256 {
        return Err(Error::invalid(format!(
            "{threads} threads cannot count; use 1 to 256"
        )));
    }
    Ok(match layout {
        Layout::Adjacent => {
            let counters: Vec<AtomicU64> =
                (0..threads).map(|_| AtomicU64::default()).collect();
            count(counters.iter(), increments);
            counters.into_iter().map(AtomicU64::into_inner).collect()
        }
        Layout::Padded => {
            let counters: Vec<CachePadded<AtomicU64>> =
                (0..threads).map(|_| CachePadded::default()).collect();
            count(counters.iter().map(|padded| &**padded), increments);
            counters.iter().map(|padded| padded.load(Relaxed)).collect()
        }
    })
}

fn count<'a>(mut counters: impl Iterator<Item = &'a AtomicU64>, increments: u64) {
    let add = |counter: &AtomicU64| {
        for _ in 0..increments {
            counter.fetch_add(1, Relaxed);
        }
    };
    // The calling thread is one of them: new ones often start out on one core together.
    let first = counters.next();
    thread::scope(|s| {
        for counter in counters {
            s.spawn(move || add(counter));
        }
        first.into_iter().for_each(add);
    });
}

/// As `on one cache line`, `padded`.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::Adjacent => "on one cache line",
            Layout::Padded => "a cache line each",
        })
    }
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
        for layout in [Layout::Adjacent, Layout::Padded] {
            assert_eq!(false_sharing(layout, 3, 500).unwrap(), [500; 3]);
            assert!(false_sharing(layout, 0, 1).is_err());
        }
    }
}

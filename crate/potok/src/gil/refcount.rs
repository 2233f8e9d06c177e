//! Why the lock exists: every Python object counts the references to it, and two threads
//! that count without a lock lose some.
//!
//! ```
//! use potok::prelude::*;
//!
//! let counts = gil::count_references(2, 1_000)?;
//! assert_eq!(counts.under_the_gil.lost(), 0);
//! assert_eq!(counts.atomic.lost(), 0);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: `ob_refcnt += 1` is three steps: load, add, store. If the count is too
//! low, an object is freed while it is still in use.

use super::Gil;
use crate::error::{Error, Result};
use crate::trace::Recorder;
use crate::words;
use potok_base::table;
use potok_base::threads::{all_at_once, numbered};
use potok_chart::units::duration;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// References counted by several threads at once, in three ways.
#[derive(Clone, PartialEq, Eq)]
pub struct RefCounts {
    /// Load, then store, without protection: CPython's count without its lock.
    pub unprotected: RefCount,
    /// The same load and store, under a [`Gil`].
    pub under_the_gil: RefCount,
    /// One atomic addition, the price of a build without the lock (free-threaded CPython
    /// pays less, since an object's own thread counts without atomics).
    pub atomic: RefCount,
}

/// The result of one way of counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefCount {
    /// References that were taken.
    pub taken: usize,
    /// References that the object counted.
    pub counted: usize,
    /// Wall-clock time.
    pub time: Duration,
    /// The time that one thread took for as many references, where nobody else counted: the
    /// best of three.
    pub alone: Duration,
}

impl RefCount {
    /// References that were taken and not counted.
    pub fn lost(&self) -> usize {
        self.taken.saturating_sub(self.counted)
    }
}

/// Lets each of `n_threads` threads take `each` references to one object.
///
/// How many the unprotected count loses changes from run to run; on one processor it may
/// be none. The other two never lose any.
///
/// # Errors
/// Zero threads; a system that refuses a thread.
pub fn count_references(n_threads: usize, each: usize) -> Result<RefCounts> {
    type Take<'a> = &'a (dyn Fn(&AtomicUsize, usize) -> Result<()> + Sync);
    let run = |n_threads: usize, each: usize, take: Take<'_>| {
        let (object, begun) = (AtomicUsize::new(0), OnceLock::new());
        let ended = all_at_once(&numbered(words::thread(), n_threads), |_| {
            // From the first that begins: to start threads is no part of it.
            let begun = *begun.get_or_init(Instant::now);
            take(&object, each).map(|()| begun.elapsed())
        })?;
        let times: Vec<Duration> = ended.into_iter().collect::<Result<_>>()?;
        let time = times.into_iter().max().unwrap_or_default();
        Ok::<_, Error>((object.into_inner(), time))
    };
    let count = |take: Take<'_>| {
        let taken = n_threads * each;
        let alone: Result<Vec<_>> = (0..3).map(|_| run(1, taken, take)).collect();
        let alone = alone?.into_iter().map(|(_, time)| time).min().unwrap_or_default();
        let (counted, time) = run(n_threads, each, take)?;
        Ok::<_, Error>(RefCount { taken, counted, time, alone })
    };
    let load_then_store = |object: &AtomicUsize| {
        let seen = object.load(Relaxed);
        object.store(seen + 1, Relaxed);
    };
    let unprotected = count(&|object, each| {
        (0..each).for_each(|_| load_then_store(object));
        Ok(())
    })?;
    let gil = Gil::new().switch_interval(Duration::from_micros(100));
    let rec = Recorder::new();
    let under_the_gil = count(&|object, each| {
        gil.attach(&rec, |py| {
            for i in 0..each {
                load_then_store(object);
                if i % 64 == 0 {
                    py.checkpoint();
                }
            }
        })
    })?;
    let atomic = count(&|object, each| {
        for _ in 0..each {
            object.fetch_add(1, Relaxed);
        }
        Ok(())
    })?;
    Ok(RefCounts { unprotected, under_the_gil, atomic })
}

impl fmt::Display for RefCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |how: &str, count: &RefCount| {
            let (lost, time) = (count.lost().to_string(), duration(count.time));
            let alone = duration(count.alone);
            let (taken, counted) = (count.taken.to_string(), count.counted.to_string());
            [how.into(), taken, counted, lost, time, alone]
        };
        let rows = [
            row(words::load_then_store(), &self.unprotected),
            row(words::same_comma_under_gil(), &self.under_the_gil),
            row(words::row_atomic_addition(), &self.atomic),
        ];
        table::write(
            f,
            [
                words::references(),
                words::taken(),
                words::counted(),
                words::lost(),
                words::time(),
                words::alone(),
            ],
            &rows,
        )
    }
}

/// A cell shows its last value by `{:?}`: let it be the table.
impl fmt::Debug for RefCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // How many the unprotected count loses is up to the scheduler; that it can lose one
    // is explored in the section's own example.
    #[test]
    fn with_a_lock_or_atomically_none_is_lost() {
        let counts = count_references(4, 20_000).unwrap();
        assert_eq!(
            (counts.under_the_gil.counted, counts.atomic.counted),
            (80_000, 80_000)
        );
        assert_eq!((counts.unprotected.taken, counts.atomic.taken), (80_000, 80_000));
    }

    #[test]
    fn a_single_thread_loses_none_in_any_way() {
        let counts = count_references(1, 1_000).unwrap();
        for count in [&counts.unprotected, &counts.under_the_gil, &counts.atomic] {
            assert_eq!((count.taken, count.counted, count.lost()), (1_000, 1_000, 0));
        }
    }

    #[test]
    fn lost_references_are_in_the_table() {
        let none = Duration::ZERO;
        let of = |counted| RefCount { taken: 50, counted, time: none, alone: none };
        let counts =
            RefCounts { unprotected: of(37), under_the_gil: of(50), atomic: of(50) };
        let lost: Vec<String> = counts
            .to_string()
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().rev().nth(2).unwrap().to_owned())
            .collect();
        assert_eq!(lost, ["13", "0", "0"], "{counts}");
    }

    #[test]
    fn no_threads_is_an_error() {
        assert!(count_references(0, 1).is_err());
    }
}

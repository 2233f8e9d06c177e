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
//! *What to notice*: `ob_refcnt += 1` is three steps: load, add, store. A count that is
//! too low frees an object that somebody still uses.

use super::Gil;
use crate::error::Result;
use crate::trace::Recorder;
use potok_base::table;
use potok_base::threads::{all_at_once, numbered};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// References counted by several threads at once, in three ways.
#[derive(Clone, PartialEq, Eq)]
pub struct RefCounts {
    /// Load, then store, with nothing around it: CPython's count without its lock.
    pub unprotected: RefCount,
    /// The same load and store, under a [`Gil`].
    pub under_the_gil: RefCount,
    /// One atomic addition, the price that a build without the lock has to pay somehow
    /// (free-threaded CPython pays less: an object's own thread counts without atomics).
    pub atomic: RefCount,
}

/// One way of counting and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefCount {
    /// References that were taken.
    pub taken: usize,
    /// References that the object counted.
    pub counted: usize,
    /// Time on the wall.
    pub time: Duration,
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
/// be none. The other two lose none, ever.
///
/// # Errors
/// Zero threads; a system that refuses a thread.
pub fn count_references(n_threads: usize, each: usize) -> Result<RefCounts> {
    let names = numbered("thread", n_threads);
    let count = |take: &(dyn Fn(&AtomicUsize) + Sync)| -> Result<RefCount> {
        let (object, start) = (AtomicUsize::new(0), Instant::now());
        all_at_once(&names, |_| take(&object))?;
        let (time, counted) = (start.elapsed(), object.into_inner());
        Ok(RefCount { taken: n_threads * each, counted, time })
    };
    let (gil, rec) =
        (Gil::new().switch_interval(Duration::from_micros(100)), Recorder::new());
    let load_then_store = |object: &AtomicUsize| {
        let seen = object.load(Relaxed);
        object.store(seen + 1, Relaxed);
    };
    let failed = Mutex::new(None);
    let counts = RefCounts {
        unprotected: count(&|object| (0..each).for_each(|_| load_then_store(object)))?,
        under_the_gil: count(&|object| {
            let outcome = gil.attach(&rec, |py| {
                for i in 0..each {
                    load_then_store(object);
                    if i % 64 == 0 {
                        py.checkpoint();
                    }
                }
            });
            if let Err(error) = outcome {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        })?,
        atomic: count(&|object| {
            (0..each).for_each(|_| {
                object.fetch_add(1, Relaxed);
            });
        })?,
    };
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(counts),
    }
}

impl fmt::Display for RefCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |how: &str, count: &RefCount| {
            let (lost, time) =
                (count.lost().to_string(), format!("{:.1?}", count.time));
            [how.into(), count.taken.to_string(), count.counted.to_string(), lost, time]
        };
        let rows = [
            row("load, then store", &self.unprotected),
            row("the same, under the GIL", &self.under_the_gil),
            row("atomic addition", &self.atomic),
        ];
        table::write(f, ["references", "taken", "counted", "lost", "time"], &rows)
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
    // is shown step by step in `lost_reference`.
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
    fn a_thread_alone_loses_none_in_any_way() {
        let counts = count_references(1, 1_000).unwrap();
        for count in [&counts.unprotected, &counts.under_the_gil, &counts.atomic] {
            assert_eq!((count.taken, count.counted, count.lost()), (1_000, 1_000, 0));
        }
    }

    #[test]
    fn what_was_lost_stands_in_the_table() {
        let of = |counted| RefCount { taken: 50, counted, time: Duration::ZERO };
        let counts =
            RefCounts { unprotected: of(37), under_the_gil: of(50), atomic: of(50) };
        let lost: Vec<String> = counts
            .to_string()
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().rev().nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(lost, ["13", "0", "0"], "{counts}");
    }

    #[test]
    fn no_threads_is_an_error() {
        assert!(count_references(0, 1).is_err());
    }
}

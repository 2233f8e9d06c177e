//! The price of sharing: one counter, kept in five ways.
//!
//! ```
//! use potok::prelude::*;
//! use potok::sharing::{Counter, contention};
//!
//! let atomic = contention(Counter::Atomic, [1, 2], 1_000)?;
//! assert_eq!(atomic.points.len(), 2);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: every way counts right. They differ in how many threads touch the
//! same cache line. Each line of memory is writable on one core at a time, so a counter
//! that all threads write gets no faster with more of them, lock or no lock.

use crate::error::{Error, Result};
use crate::measure::Speedup;
use crossbeam::utils::CachePadded;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;

/// A way to keep a counter that several threads add to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Counter {
    /// `Mutex<u64>`: lock, add, unlock.
    Mutex,
    /// `RwLock<u64>`: a writer needs it alone, so it is no better than a `Mutex` here.
    RwLock,
    /// `AtomicU64::fetch_add`: no lock, but still one cache line for all.
    Atomic,
    /// An atomic for each thread, on a cache line of its own; the sum at the end.
    Sharded,
    /// A thread-local, which no other thread can see; each thread returns its own at the
    /// end.
    ThreadLocal,
}

/// Most threads that a measurement may start.
const MOST_THREADS: usize = 256;

impl Counter {
    /// All five, from the one that is shared most to the one that is not shared.
    pub const ALL: [Counter; 5] = [
        Counter::Mutex,
        Counter::RwLock,
        Counter::Atomic,
        Counter::Sharded,
        Counter::ThreadLocal,
    ];

    /// Adds one `increments` times, shared out to `threads` threads, and returns the count.
    ///
    /// # Errors
    /// No threads, or more than 256.
    ///
    /// # Examples
    /// ```
    /// use potok::sharing::Counter;
    /// for counter in Counter::ALL {
    ///     assert_eq!(counter.count(3, 1_000)?, 1_000);
    /// }
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn count(self, threads: usize, increments: u64) -> Result<u64> {
        if threads == 0 || threads > MOST_THREADS {
            return Err(Error::invalid(format!(
                "{threads} threads cannot count; use 1 to {MOST_THREADS}"
            )));
        }
        Ok(match self {
            Counter::Mutex => {
                let count = Mutex::new(0);
                let add = || *count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                on_threads(threads, increments, |_, n| (0..n).for_each(|_| add()));
                count.into_inner().unwrap_or_else(PoisonError::into_inner)
            }
            Counter::RwLock => {
                let count = RwLock::new(0);
                let add =
                    || *count.write().unwrap_or_else(PoisonError::into_inner) += 1;
                on_threads(threads, increments, |_, n| (0..n).for_each(|_| add()));
                count.into_inner().unwrap_or_else(PoisonError::into_inner)
            }
            Counter::Atomic => {
                let count = AtomicU64::new(0);
                on_threads(threads, increments, |_, n| {
                    for _ in 0..n {
                        count.fetch_add(1, Relaxed);
                    }
                });
                count.into_inner()
            }
            Counter::Sharded => {
                let shards: Vec<CachePadded<AtomicU64>> =
                    (0..threads).map(|_| CachePadded::default()).collect();
                on_threads(threads, increments, |thread, n| {
                    for _ in 0..n {
                        shards[thread].fetch_add(1, Relaxed);
                    }
                });
                shards.iter().map(|shard| shard.load(Relaxed)).sum()
            }
            Counter::ThreadLocal => {
                thread_local! { static COUNT: Cell<u64> = const { Cell::new(0) } }
                let count = AtomicU64::new(0);
                on_threads(threads, increments, |_, n| {
                    COUNT.set(0);
                    for _ in 0..n {
                        // Without this the compiler would add `n` in one go.
                        COUNT.with(|count| black_box(count).update(|seen| seen + 1));
                    }
                    count.fetch_add(COUNT.get(), Relaxed);
                });
                count.into_inner()
            }
        })
    }
}

/// As it is written in a program: `Mutex`, `thread-local`.
impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Counter::Mutex => "Mutex",
            Counter::RwLock => "RwLock",
            Counter::Atomic => "atomic",
            Counter::Sharded => "sharded",
            Counter::ThreadLocal => "thread-local",
        })
    }
}

/// Times the same number of increments with each number of threads.
///
/// # Errors
/// No threads, zero threads or more than 256; zero increments.
///
/// # Examples
/// ```
/// use potok::sharing::{Counter, contention};
/// let mutex = contention(Counter::Mutex, [1, 2, 4], 1_000)?;
/// assert_eq!(mutex.label, "Mutex");
/// # Ok::<(), potok::Error>(())
/// ```
pub fn contention(
    counter: Counter,
    threads: impl IntoIterator<Item = usize>,
    increments: u64,
) -> Result<Speedup> {
    if increments == 0 {
        return Err(Error::invalid("nothing to count; use at least one increment"));
    }
    let threads: Vec<usize> = threads.into_iter().collect();
    if let Some(&n) = threads.iter().find(|&&n| n > MOST_THREADS) {
        counter.count(n, 0)?;
    }
    Speedup::measure(counter.to_string(), threads, |n| counter.count(n, increments))
}

/// Runs `add(thread, its share)` on each of the threads, of which the calling one is the
/// first: the system often puts new threads beside each other on one core for a while.
fn on_threads(threads: usize, increments: u64, add: impl Fn(usize, u64) + Sync) {
    let n = threads as u64;
    let share = |i: u64| increments / n + u64::from(i < increments % n);
    thread::scope(|s| {
        for i in 1..n {
            let add = &add;
            s.spawn(move || add(i as usize, share(i)));
        }
        add(0, share(0));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    proptest::proptest! {
        #[test]
        fn no_counter_loses_an_increment(threads in 1usize..6, n in 0u64..2_000) {
            for counter in Counter::ALL {
                assert_eq!(counter.count(threads, n).unwrap(), n, "{counter}");
            }
        }
    }

    #[test]
    fn no_threads_is_an_error() {
        let kind = |result: Result<u64>| result.unwrap_err().kind();
        assert_eq!(kind(Counter::Mutex.count(0, 1)), ErrorKind::InvalidInput);
        assert_eq!(kind(Counter::Atomic.count(300, 1)), ErrorKind::InvalidInput);
        assert!(contention(Counter::Atomic, [1], 0).is_err());
        assert!(contention(Counter::Atomic, [1_000], 1).is_err());
    }
}

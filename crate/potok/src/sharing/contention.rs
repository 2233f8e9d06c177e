//! The price of sharing: one counter, implemented in five ways.
//!
//! ```
//! use potok::prelude::*;
//!
//! let atomic = contention(Counter::Atomic, [1, 2], 1_000)?;
//! assert_eq!(atomic.points.len(), 2);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: all five count correctly. They differ in how many threads write to the
//! same cache line. Only one core at a time can write to a line, so a counter that all
//! threads write to gets no faster with more of them, lock or no lock.

use crate::error::{Error, Result};
use crate::measure::Speedup;
use crate::words;
use crossbeam::utils::CachePadded;
use potok_base::sync::{lock, unpoisoned};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, RwLock};
use std::thread;

/// A way to implement a counter that several threads add to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Counter {
    /// `Mutex<u64>`: lock, add, unlock.
    Mutex,
    /// `RwLock<u64>`: a writer excludes all others, so it is no better than a `Mutex` here.
    RwLock,
    /// `AtomicU64::fetch_add`: no lock, but still one cache line for all threads.
    Atomic,
    /// An atomic for each thread, on a cache line of its own; the sum at the end.
    Sharded,
    /// A thread-local, which no other thread can see; the sum at the end.
    ThreadLocal,
}

/// The most threads that a measurement may start.
const MOST_THREADS: usize = 256;

impl Counter {
    /// All five, from the one that shares most to the one that shares nothing.
    pub const ALL: [Counter; 5] = [
        Counter::Mutex,
        Counter::RwLock,
        Counter::Atomic,
        Counter::Sharded,
        Counter::ThreadLocal,
    ];

    /// Adds one `increments` times, divided among `threads` threads; returns the count.
    ///
    /// # Errors
    /// No threads, or more than 256.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// for counter in Counter::ALL {
    ///     assert_eq!(counter.count(3, 1_000)?, 1_000);
    /// }
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn count(self, threads: usize, increments: u64) -> Result<u64> {
        check(threads)?;
        let n = threads as u64;
        let share = |i: usize| increments / n + u64::from((i as u64) < increments % n);
        Ok(match self {
            Counter::Mutex => {
                let count = Mutex::new(0);
                on_threads(threads, |i| {
                    (0..share(i)).for_each(|_| *lock(&count) += 1);
                });
                unpoisoned(count.into_inner())
            }
            Counter::RwLock => {
                let count = RwLock::new(0);
                on_threads(threads, |i| {
                    (0..share(i)).for_each(|_| *unpoisoned(count.write()) += 1);
                });
                unpoisoned(count.into_inner())
            }
            Counter::Atomic => {
                let count = AtomicU64::new(0);
                on_threads(threads, |i| {
                    for _ in 0..share(i) {
                        count.fetch_add(1, Relaxed);
                    }
                });
                count.into_inner()
            }
            Counter::Sharded => {
                let shards: Vec<CachePadded<AtomicU64>> =
                    (0..threads).map(|_| CachePadded::default()).collect();
                on_threads(threads, |i| {
                    for _ in 0..share(i) {
                        shards[i].fetch_add(1, Relaxed);
                    }
                });
                shards.iter().map(|shard| shard.load(Relaxed)).sum()
            }
            Counter::ThreadLocal => {
                thread_local! { static COUNT: Cell<u64> = const { Cell::new(0) } }
                let count = AtomicU64::new(0);
                on_threads(threads, |i| {
                    // Looked up once: in a process that has loaded many libraries, as a
                    // notebook's has, a look-up in a new thread takes as long as ten
                    // additions.
                    COUNT.with(|mine| {
                        mine.set(0);
                        for _ in 0..share(i) {
                            // Without `black_box` the compiler would add all at once.
                            black_box(mine).update(|seen| seen + 1);
                        }
                        count.fetch_add(mine.get(), Relaxed);
                    });
                });
                count.into_inner()
            }
        })
    }
}

/// As in a program: `Mutex`, `thread-local`.
impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Counter::Mutex => "Mutex",
            Counter::RwLock => "RwLock",
            Counter::Atomic => words::atomic(),
            Counter::Sharded => words::sharded(),
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
/// use potok::prelude::*;
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
        return Err(Error::invalid(words::nothing_to_count()));
    }
    let threads: Vec<usize> = threads.into_iter().collect();
    threads.iter().try_for_each(|&n| check(n))?;
    Speedup::measure(counter.to_string(), threads, |n| counter.count(n, increments))
}

pub(super) fn check(threads: usize) -> Result<()> {
    match threads {
        1..=MOST_THREADS => Ok(()),
        n => Err(Error::invalid(words::cannot_count(n, MOST_THREADS))),
    }
}

/// Runs `add(0)`, `add(1)` … on a thread each. The calling thread is the first, since the
/// system often starts new threads on one core.
pub(super) fn on_threads(threads: usize, add: impl Fn(usize) + Sync) {
    thread::scope(|s| {
        for i in 1..threads {
            let add = &add;
            s.spawn(move || add(i));
        }
        add(0);
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

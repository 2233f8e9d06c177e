//! Why the lock exists: every Python object counts the references to it, and two threads
//! that count without a lock lose some.
//!
//! ```
//! use potok::prelude::*;
//!
//! let lost = gil::lost_reference();
//! assert_eq!((lost.references, lost.counted), (3, 2));
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
use crate::table;
use crate::threads::{all_at_once, numbered};
use crate::trace::Recorder;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
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

/// One object, three references, a count of two: how it comes to that, step by step.
#[derive(Clone, PartialEq, Eq)]
pub struct LostReference {
    /// What each thread did, in the order in which it really happened.
    pub steps: Vec<Step>,
    /// References that exist before any is given back.
    pub references: usize,
    /// References that the object has counted at that moment.
    pub counted: usize,
    /// References that were still in use when the count reached zero.
    pub dangling: usize,
}

/// One step of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who took it.
    pub thread: &'static str,
    /// What was done.
    pub action: String,
    /// The object's count after it.
    pub count: usize,
}

/// Two threads take a reference to the same object at the worst moment.
///
/// They are real threads that load and store for real; only their turns are fixed, so
/// that what happens once in a million times happens every time.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let story = gil::lost_reference();
/// assert_eq!(story.steps.last().unwrap().count, 0);   // freed …
/// assert_eq!(story.dangling, 1);                      // … while main still uses it
/// ```
pub fn lost_reference() -> LostReference {
    // `main` made the object and holds the first reference.
    let (object, turns) = (AtomicUsize::new(1), Turns::default());
    let take_and_give_back = |thread: &'static str, order: [usize; 3]| {
        let mut seen = 0;
        turns.wait_for(order[0], || {
            seen = object.load(Relaxed);
            Step { thread, action: format!("loads {seen}"), count: seen }
        });
        turns.wait_for(order[1], || {
            object.store(seen + 1, Relaxed);
            Step { thread, action: format!("stores {seen} + 1"), count: seen + 1 }
        });
        turns.wait_for(order[2], || {
            let left = object.load(Relaxed) - 1;
            object.store(left, Relaxed);
            let freed = if left == 0 { ", frees the object" } else { "" };
            Step { thread, action: format!("gives back{freed}"), count: left }
        });
    };
    std::thread::scope(|s| {
        s.spawn(|| take_and_give_back("ann", [0, 2, 4]));
        s.spawn(|| take_and_give_back("bob", [1, 3, 5]));
    });
    let steps = turns.steps.into_inner().unwrap_or_else(PoisonError::into_inner);
    LostReference { references: 3, counted: steps[3].count, dangling: 1, steps }
}

/// Lets threads take their steps in a fixed order.
#[derive(Default)]
struct Turns {
    steps: Mutex<Vec<Step>>,
    next: Condvar,
}

impl Turns {
    fn wait_for(&self, turn: usize, step: impl FnOnce() -> Step) {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = self
            .next
            .wait_while(steps, |steps| steps.len() < turn)
            .unwrap_or_else(PoisonError::into_inner);
        steps.push(step());
        self.next.notify_all();
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

impl fmt::Display for LostReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row =
            |who: &str, did: &str, n: usize| [who.into(), did.into(), n.to_string()];
        let made = row("main", "makes the object", 1);
        let steps = self.steps.iter().map(|s| row(s.thread, &s.action, s.count));
        let rows: Vec<_> = [made].into_iter().chain(steps).collect();
        table::write(f, ["thread", "step", "count"], &rows)?;
        let Self { references, counted, dangling, .. } = self;
        write!(
            f,
            "\n{references} references, {counted} counted; freed with {dangling} in use"
        )
    }
}

/// A cell shows its last value by `{:?}`: let it be the table.
impl fmt::Debug for RefCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A cell shows its last value by `{:?}`: let it be the table.
impl fmt::Debug for LostReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_unprotected_count_loses() {
        let counts = count_references(4, 20_000).unwrap();
        assert_eq!(counts.under_the_gil.counted, 80_000);
        assert_eq!(counts.atomic.counted, 80_000);
        assert!(counts.unprotected.counted <= 80_000);
        assert!(counts.to_string().contains("under the GIL"));
    }

    #[test]
    fn the_lost_reference_is_lost_every_time() {
        let first = lost_reference();
        assert_eq!(first, lost_reference());
        let count: Vec<usize> = first.steps.iter().map(|step| step.count).collect();
        assert_eq!(count, [1, 1, 2, 2, 1, 0]);
    }

    #[test]
    fn no_threads_is_an_error() {
        assert!(count_references(0, 1).is_err());
    }
}

//! When a process may fork: if it has no other threads, or its caller vouches for them.
//!
//! *Claimed*: without a promise of its caller, a child is forked only from a process that has no
//! other thread, or runs the loop of a worker, which takes no lock that a fork does not hold.
//!
//! *Checked*: by tests alone, `processes_fork`, `processes_soak` and `a_child_finds_objects…`,
//! which fork beside threads that print, allocate, panic and ask the loader. A lock that stays
//! closed makes no memory unsafe, so there is nothing for a tool to see.

use super::threads;
use crate::words;
use crate::{Child, Limits, fork};
use potok_base::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The right to fork now.
#[derive(Debug)]
pub(crate) struct Permit {
    /// Whether other threads may exist.
    among: bool,
}

/// How long threads may take to end before they count: where a scope is left, or `join`
/// returns, the system may still be clearing them away.
const ENDING: Duration = Duration::from_millis(100);

/// Threads of ours that never hold a lock.
static QUIET: AtomicUsize = AtomicUsize::new(0);

impl Permit {
    /// For a process that has no other threads.
    ///
    /// # Errors
    /// It has some.
    pub(crate) fn alone() -> Result<Self> {
        // The tests of this crate run on threads, and take none of each other's locks.
        if cfg!(test) {
            return Ok(Permit { among: true });
        }
        let looked = Instant::now();
        loop {
            let others = threads().saturating_sub(1 + QUIET.load(Ordering::Relaxed));
            if others == 0 {
                return Ok(Permit { among: false });
            }
            if looked.elapsed() > ENDING {
                return Err(not_alone(others));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// For a worker of a pool, at any time.
    ///
    /// Such a child runs the loop of a worker, and what it was sent: functions that capture
    /// nothing. The loop allocates, prints and records, and the locks for that are held over
    /// the fork: the allocator's by the C library, the others by `fork_process`. A function
    /// without captures gets at locks of other threads through statics only; what is behind
    /// them is `Sync`, so it is locked and stays so, and the task ends by its limit of time.
    pub(crate) fn for_worker() -> Self {
        Permit { among: true }
    }

    /// Whether a child made now leaves threads behind that it could wait for.
    pub(crate) fn leaves_threads(&self) -> bool {
        self.among && threads() > 1
    }
}

fn not_alone(others: usize) -> Error {
    let call = "unsafe { processes::fork_among_threads(…) }";
    Error::unsupported(words::not_alone(others, call))
}

/// A thread that never holds a lock begins.
pub(super) fn one_more_quiet() {
    QUIET.fetch_add(1, Ordering::Relaxed);
}

/// In a forked child: no thread has come along.
pub(super) fn none_are_quiet() {
    QUIET.store(0, Ordering::Relaxed);
}

/// [`fork`](crate::fork()) while other threads run.
///
/// # Errors
/// Those of `fork`, but not that.
///
/// # Safety
/// The child has none of the other threads, only what they left in memory. Locks that they
/// held stay locked: `f` must not need one, or waits for it until its limit of time. What
/// foreign code guards by means that Rust does not know of may be half changed: `f` must
/// not use it. Memory can be allocated, and printing and recording work; so does rayon, on
/// the child's one thread.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use std::sync::mpsc::channel;
///
/// let (stop, wait) = channel::<()>();
/// let other = std::thread::spawn(move || wait.recv());
/// assert_eq!(processes::fork(|| 1).unwrap_err().kind(), ErrorKind::Unsupported);
/// // SAFETY: the other thread waits, and the child uses nothing that it has.
/// assert_eq!(unsafe { processes::fork_among_threads(|| 1) }?.join()?, 1);
/// drop(stop);
/// assert!(other.join().is_ok());
/// # Ok::<(), potok::Error>(())
/// ```
pub unsafe fn fork_among_threads<T, F>(f: F) -> Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    // SAFETY: the caller promises it.
    unsafe { Limits::new().fork_among_threads(f) }
}

impl Limits {
    /// [`fork_among_threads`](crate::fork_among_threads) within these limits.
    ///
    /// # Errors
    /// The system has no process or descriptor left.
    ///
    /// # Safety
    /// As for `fork_among_threads`.
    pub unsafe fn fork_among_threads<T, F>(self, f: F) -> Result<Child<T>>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> T,
    {
        fork::fork_within(&Permit { among: true }, self, f)
    }
}

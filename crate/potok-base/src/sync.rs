//! Locks that a panic leaves usable.
//!
//! ```
//! use potok_base::sync::lock;
//! use std::sync::Mutex;
//!
//! let cups = Mutex::new(1);
//! let order = std::panic::catch_unwind(|| {
//!     let _held = cups.lock().unwrap();
//!     panic!("the milk is gone");
//! });
//! assert!(order.is_err() && cups.is_poisoned());
//! assert_eq!(*lock(&cups), 1);
//! ```
//!
//! *What to notice*: a thread that panics while it holds a lock poisons it, so that nobody
//! takes half of a change for a whole one. potok's own locks guard values that are whole
//! between any two statements, and a panic here is most often a student's, in a closure
//! that was handed in. That one panic is reported where it happened; were its lock refused
//! from then on, each later cell of the notebook would fail for a reason of its own.

use std::sync::{LockResult, Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, also after a thread has panicked while it held it.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

/// What a lock, a wait or `into_inner` gives, whether or not a thread has panicked there.
///
/// # Examples
/// ```
/// use potok_base::sync::unpoisoned;
/// use std::sync::RwLock;
///
/// let menu = RwLock::new("tea");
/// assert_eq!(*unpoisoned(menu.read()), "tea");
/// assert_eq!(unpoisoned(menu.into_inner()), "tea");
/// ```
pub fn unpoisoned<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

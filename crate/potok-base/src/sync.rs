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
//! *What to notice*: a thread that panics while it holds a lock poisons it, so that no other
//! thread uses a half-finished change. potok's own locks guard values that are consistent
//! after each statement, and a panic there is nearly always in a closure of the user. That
//! panic is reported where it happened; if its lock were refused from then on, every later
//! cell of the notebook would fail too, for no reason that its reader could see.

use std::sync::{LockResult, Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, also after a thread has panicked while it held it.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

/// The value of a lock, a wait or `into_inner`, whether or not a thread has panicked there.
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

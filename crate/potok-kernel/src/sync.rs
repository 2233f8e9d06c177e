//! Locks that a panic leaves usable: `potok_base::sync` says why. The kernel stands apart from
//! that crate, which brings dependencies at which rust-analyzer is compiled a second time.
//!
//! *What to notice*: a panic of one of the relay's tasks ends the connection that it served. What
//! the lock guards is whole after each statement, and the other connections go on using it.

use std::sync::{LockResult, Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, also after a task has panicked while it held it.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

/// What a lock or a wait gives, whether or not a task has panicked there.
pub(crate) fn unpoisoned<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

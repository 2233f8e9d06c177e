//! Forking a check, whatever the student's cells have left running.
#![allow(unsafe_code, reason = "the file named for it")]

use potok_base::Result;
use potok_process::{Child, Limits};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Runs `f` in a forked child, also while other threads run.
pub(crate) fn fork<T, F>(limits: Limits, f: F) -> Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    // SAFETY: a check uses no foreign code. If its student's function takes a lock that a
    // thread of an earlier cell held, the check waits until its limit of time, which is
    // seconds, and is told to have run out of it.
    unsafe { limits.fork_among_threads(f) }
}

//! How many jobs surround a thread, so that a loop within a loop does not ask for all cores.

use std::cell::Cell;

thread_local! {
    static OUTER: Cell<usize> = const { Cell::new(1) };
}

/// How many jobs share the cores with the calling one; 1 outside of any loop.
pub(super) fn outer_jobs() -> usize {
    OUTER.get()
}

/// Declares this thread one of the `jobs` of a loop whose caller is one of `outer` jobs,
/// until the value is dropped.
pub(super) fn enter(outer: usize, jobs: usize) -> Inside {
    Inside { before: OUTER.replace(outer.saturating_mul(jobs)) }
}

/// A thread that works for a loop.
pub(super) struct Inside {
    before: usize,
}

impl Drop for Inside {
    fn drop(&mut self) {
        OUTER.set(self.before);
    }
}

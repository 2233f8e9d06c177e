//! Step 1: a number of free places. Wrong: checking and taking are two steps.
//!
//! ```
//! use potok::sharing::semaphore::s1_broken::BrokenSemaphore;
//! let seats = BrokenSemaphore::new(1);
//! // Two threads, step by step:
//! let ann_saw = seats.look();
//! let bob_saw = seats.look();
//! seats.take(ann_saw);
//! seats.take(bob_saw);                              // both are in, with one seat
//! assert_eq!((ann_saw, bob_saw, seats.look()), (1, 1, 0));
//! ```
//!
//! *What to notice*: each step is atomic, the two together are not. This mistake is called
//! *check-then-act*.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A number of free places, checked and taken in two steps. Do not use it.
#[derive(Debug)]
pub struct BrokenSemaphore {
    free: AtomicUsize,
}

impl BrokenSemaphore {
    /// A semaphore with `n` free places.
    pub fn new(n: usize) -> Self {
        BrokenSemaphore { free: AtomicUsize::new(n) }
    }

    /// Step one: how many places are free?
    pub fn look(&self) -> usize {
        self.free.load(SeqCst)
    }

    /// Step two: takes one of the `seen` places. By now fewer may be free.
    pub fn take(&self, seen: usize) {
        self.free.store(seen.saturating_sub(1), SeqCst);
    }

    /// Waits for a place and takes it: both steps, with a gap between them.
    pub fn acquire(&self) {
        loop {
            let seen = self.look();
            if seen > 0 {
                return self.take(seen);
            }
            std::thread::yield_now();
        }
    }

    /// Returns a place.
    pub fn release(&self) {
        self.free.fetch_add(1, SeqCst);
    }
}

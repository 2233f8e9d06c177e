//! Step 2: check and take in one atomic step. Correct, but a waiting thread uses a core.
//!
//! ```
//! use potok::sharing::semaphore::s2_spinning::SpinningSemaphore;
//! let seats = SpinningSemaphore::new(1);
//! seats.acquire();
//! assert!(!seats.try_acquire());
//! seats.release();
//! assert!(seats.try_acquire());
//! ```
//!
//! *What to notice*: `compare_exchange` takes the place only if the number is still the
//! one that was seen. If not, check again.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A semaphore whose waiters poll.
#[derive(Debug)]
pub struct SpinningSemaphore {
    free: AtomicUsize,
}

impl SpinningSemaphore {
    /// A semaphore with `n` free places.
    pub fn new(n: usize) -> Self {
        SpinningSemaphore { free: AtomicUsize::new(n) }
    }

    /// Takes a place if one is free.
    pub fn try_acquire(&self) -> bool {
        let mut seen = self.free.load(SeqCst);
        while seen > 0 {
            // New: nothing can happen between the check and the taking.
            match self.free.compare_exchange(seen, seen - 1, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Waits for a place and takes it.
    pub fn acquire(&self) {
        while !self.try_acquire() {
            std::thread::yield_now();
        }
    }

    /// Returns a place.
    pub fn release(&self) {
        self.free.fetch_add(1, SeqCst);
    }
}

//! Step 2: look and take in one atomic step. Right, but whoever waits burns a core.
//!
//! ```
//! use potok::sharing::semaphore::s2_spinning::Semaphore;
//! let seats = Semaphore::new(1);
//! seats.acquire();
//! assert!(!seats.try_acquire());
//! seats.release();
//! assert!(seats.try_acquire());
//! ```
//!
//! *What to notice*: `compare_exchange` takes the place only if the number is still the
//! one that was seen. If not, look again.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A semaphore whose waiters ask again and again.
#[derive(Debug)]
pub struct Semaphore {
    free: AtomicUsize,
}

impl Semaphore {
    /// A semaphore with `n` free places.
    pub fn new(n: usize) -> Self {
        Semaphore { free: AtomicUsize::new(n) }
    }

    /// Takes a place if one is free.
    pub fn try_acquire(&self) -> bool {
        let mut seen = self.free.load(SeqCst);
        while seen > 0 {
            // New: nothing can happen between the look and the taking.
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

    /// Gives a place back.
    pub fn release(&self) {
        self.free.fetch_add(1, SeqCst);
    }
}

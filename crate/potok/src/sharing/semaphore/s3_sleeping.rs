//! Step 3: a waiting thread sleeps, and is woken when a place is returned.
//!
//! ```
//! use potok::sharing::semaphore::s3_sleeping::SleepingSemaphore;
//! let seats = SleepingSemaphore::new(1);
//! seats.acquire();
//! std::thread::scope(|s| {
//!     let other = s.spawn(|| seats.acquire());      // sleeps
//!     seats.release();                              // wakes it
//!     other.join().unwrap();
//! });
//! assert!(!seats.try_acquire());
//! ```
//!
//! *What to notice*: `wait` unlocks the mutex and falls asleep in one step, so that no
//! wake-up is lost in between. After waking, the thread checks the number again: another
//! one may have been faster. Hence `while`, never `if`.

use potok_base::sync::{lock, unpoisoned};
use std::sync::{Condvar, Mutex};

/// A semaphore whose waiters sleep.
#[derive(Debug)]
pub struct SleepingSemaphore {
    free: Mutex<usize>,
    released: Condvar, // New
}

impl SleepingSemaphore {
    /// A semaphore with `n` free places.
    pub fn new(n: usize) -> Self {
        SleepingSemaphore { free: Mutex::new(n), released: Condvar::new() }
    }

    /// Takes a place if one is free.
    pub fn try_acquire(&self) -> bool {
        let mut free = lock(&self.free);
        let taken = *free > 0;
        *free -= usize::from(taken);
        taken
    }

    /// Waits for a place and takes it.
    pub fn acquire(&self) {
        let mut free = lock(&self.free);
        while *free == 0 {
            // New: sleep instead of polling.
            free = unpoisoned(self.released.wait(free));
        }
        *free -= 1;
    }

    /// Returns a place and wakes one waiter.
    pub fn release(&self) {
        *lock(&self.free) += 1;
        self.released.notify_one(); // New
    }
}

//! Step 3: whoever waits sleeps, and is woken when a place is given back.
//!
//! ```
//! use potok::sharing::semaphore::s3_sleeping::Semaphore;
//! let seats = Semaphore::new(1);
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
//! wake-up is lost in between. After waking, the number is looked at again: somebody
//! else may have been quicker. Hence `while`, never `if`.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A semaphore whose waiters sleep.
#[derive(Debug)]
pub struct Semaphore {
    free: Mutex<usize>,
    released: Condvar, // New
}

impl Semaphore {
    /// A semaphore with `n` free places.
    pub fn new(n: usize) -> Self {
        Semaphore { free: Mutex::new(n), released: Condvar::new() }
    }

    /// Takes a place if one is free.
    pub fn try_acquire(&self) -> bool {
        let mut free = self.lock();
        let there_is_one = *free > 0;
        *free -= usize::from(there_is_one);
        there_is_one
    }

    /// Waits for a place and takes it.
    pub fn acquire(&self) {
        let mut free = self.lock();
        while *free == 0 {
            // New: sleep instead of asking again.
            free = self.released.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    /// Gives a place back and wakes one waiter.
    pub fn release(&self) {
        *self.lock() += 1;
        self.released.notify_one(); // New
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

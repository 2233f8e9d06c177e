//! Step 4: the permit is a value that gives itself back, and waiting can have an end.
//!
//! ```
//! use potok::prelude::*;
//! use potok::sharing::Semaphore;
//! let seats = Semaphore::new(1);
//! let permit = seats.acquire_timeout(ms(10));
//! assert!(permit.is_some());
//! assert!(seats.acquire_timeout(ms(1)).is_none());  // a value, not a hung program
//! drop(permit);
//! assert_eq!(seats.free(), 1);
//! ```
//!
//! *What to notice*: `release` is gone. A permit that goes out of scope is given back, on
//! an early return and on a panic too. Python does it with `with semaphore:`.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// At most `n` threads hold a permit at a time. Python's `threading.Semaphore(n)`.
#[derive(Debug)]
pub struct Semaphore {
    free: Mutex<usize>,
    released: Condvar,
}

/// The right to be inside; dropping it gives it back. Made by [`Semaphore::acquire`].
#[derive(Debug)]
#[must_use = "dropping a permit gives it back; bind it to a name"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
}

impl Semaphore {
    /// A semaphore with `n` free permits.
    pub fn new(n: usize) -> Self {
        Semaphore { free: Mutex::new(n), released: Condvar::new() }
    }

    /// How many permits are free at this moment.
    pub fn free(&self) -> usize {
        *self.lock()
    }

    /// Takes a permit if one is free.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.acquire_timeout(Duration::ZERO)
    }

    /// Waits for a permit, as long as it takes.
    pub fn acquire(&self) -> Permit<'_> {
        let mut free = self.lock();
        while *free == 0 {
            free = self.released.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Permit { semaphore: self }
    }

    /// Waits for a permit, but not longer than `limit`; then the answer is `None`.
    pub fn acquire_timeout(&self, limit: Duration) -> Option<Permit<'_>> {
        // New: a deadline. A limit too long to add up to one waits for a day.
        let now = Instant::now();
        let deadline = now.checked_add(limit).unwrap_or(now + Duration::from_hours(24));
        let mut free = self.lock();
        while *free == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let woken = self.released.wait_timeout(free, left);
            free = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Some(Permit { semaphore: self })
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// New: nobody can forget to give a permit back.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.semaphore.lock() += 1;
        self.semaphore.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ms;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    #[test]
    fn never_more_inside_than_permits() {
        let (semaphore, inside, most) =
            (Semaphore::new(3), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    for _ in 0..50 {
                        let _permit = semaphore.acquire();
                        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 3);
        assert_eq!(semaphore.free(), 3);
    }

    #[test]
    fn a_panic_gives_the_permit_back() {
        let semaphore = Semaphore::new(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _permit = semaphore.acquire();
            panic!("expected by the test");
        }));
        assert!(panicked.is_err());
        assert_eq!(semaphore.free(), 1);
    }

    #[test]
    fn waiting_ends_at_its_limit() {
        let semaphore = Semaphore::new(0);
        let start = Instant::now();
        assert!(semaphore.acquire_timeout(ms(5)).is_none());
        assert!(start.elapsed() >= ms(5));
        assert!(semaphore.try_acquire().is_none());
    }
}

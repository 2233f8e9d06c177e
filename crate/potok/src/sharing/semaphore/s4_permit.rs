//! Step 4: the permit is a value that returns itself, and waiting can have a limit.
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
//! *What to notice*: `release` is gone. A permit that goes out of scope is returned, also on
//! an early return and on a panic. In Python that takes `with semaphore:`.

use potok_base::sync::{lock, unpoisoned};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// At most `n` threads hold a permit at a time. Python's `threading.Semaphore(n)`.
#[derive(Debug)]
pub struct Semaphore {
    free: Mutex<usize>,
    released: Condvar,
}

/// The right to be inside; dropping it returns it. Made by [`Semaphore::acquire`].
#[derive(Debug)]
#[must_use = "a permit is returned when it is dropped; bind it to a name"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
}

impl Semaphore {
    /// A semaphore with `n` free permits.
    pub fn new(n: usize) -> Self {
        Semaphore { free: Mutex::new(n), released: Condvar::new() }
    }

    /// The number of permits that are free at this moment.
    pub fn free(&self) -> usize {
        *lock(&self.free)
    }

    /// Takes a permit if one is free.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.acquire_timeout(Duration::ZERO)
    }

    /// Waits for a permit without a limit.
    pub fn acquire(&self) -> Permit<'_> {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = unpoisoned(self.released.wait(free));
        }
        *free -= 1;
        Permit { semaphore: self }
    }

    /// Waits for a permit, but not longer than `limit`; `None` if none was free.
    pub fn acquire_timeout(&self, limit: Duration) -> Option<Permit<'_>> {
        // New: a deadline. A limit too long for the clock waits for a day.
        let now = Instant::now();
        let deadline = now.checked_add(limit).unwrap_or(now + Duration::from_hours(24));
        let mut free = lock(&self.free);
        while *free == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            free = unpoisoned(self.released.wait_timeout(free, left)).0;
        }
        *free -= 1;
        Some(Permit { semaphore: self })
    }
}

// New: a permit cannot be forgotten.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *lock(&self.semaphore.free) += 1;
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

//! A semaphore in four steps: at most *n* threads inside at a time.
//!
//! ```
//! use potok::sharing::Semaphore;
//!
//! let seats = Semaphore::new(2);
//! let first = seats.acquire();
//! let second = seats.acquire();
//! assert!(seats.try_acquire().is_none());           // full
//! drop(first);
//! assert!(seats.try_acquire().is_some());           // a dropped permit is returned
//! ```
//!
//! Read the steps in order. Each is the step before plus one idea; new lines are marked
//! `// New`.
//!
//! * [`s1_broken`]: a number that is checked, then taken. Two threads can both check first.
//! * [`s2_spinning`]: check and take in one atomic step. Correct, but waiting uses a core.
//! * [`s3_sleeping`]: a mutex and a condition variable. A waiting thread sleeps.
//! * [`s4_permit`]: the permit is a value. It cannot be forgotten, and waiting has a limit.
//!
//! Source: Edsger Dijkstra, "Cooperating sequential processes" (1965).

pub mod s1_broken;
pub mod s2_spinning;
pub mod s3_sleeping;
pub mod s4_permit;

pub use s4_permit::{Permit, Semaphore};

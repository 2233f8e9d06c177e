//! What threads share, with the names and the ways of [`std::sync`], to be explored.
//!
//! ```
//! use potok::explore::{explore, sync::Mutex, thread};
//! let report = explore(|| {
//!     let basket = Mutex::new(vec![]).named("basket");
//!     thread::scope(|s| {
//!         s.spawn(|| basket.lock().unwrap().push("apple"));
//!         s.spawn(|| basket.lock().unwrap().push("pear"));
//!     });
//!     basket.into_inner().unwrap()
//! });
//! assert_eq!(report.outcomes.len(), 2);         // either may come first
//! assert!(report.passed());                     // and both are fine
//! ```
//!
//! *What to notice*: `named` is the one thing that `std` lacks; it is what pictures call the
//! object. Outside of [`explore`](super::explore) all of them do what `std`'s do. Their
//! `new` is not `const`: a `static` would carry its value from one schedule to the next.

pub mod atomic;
mod barrier;
mod condvar;
mod mutex;
mod rwlock;

pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult};

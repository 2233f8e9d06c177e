//! What threads share: the types of [`std::sync`], by the same names, explorable.
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
//! *What to notice*: only `named` is not in `std`; it gives an object its name in pictures.
//! Outside of [`explore`](super::explore) all of these types behave as `std`'s do. Their
//! `new` is not `const`, since a `static` would keep its value from one schedule to the
//! next.

pub mod atomic;
mod barrier;
mod condvar;
mod mutex;
mod rwlock;

pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult};

//! The standard library with its threads and locks explored: `use potok::explore::std;`.
//!
//! ```
//! use potok::explore::explore;
//!
//! mod counter {
//!     use potok::explore::std;                  // the only line that tells the two apart
//!     use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
//!     use std::thread;
//!
//!     pub fn count() -> u64 {
//!         let hits = AtomicU64::new(0);
//!         thread::scope(|s| {
//!             for _ in 0..2 {
//!                 s.spawn(|| hits.store(hits.load(SeqCst) + 1, SeqCst));
//!             }
//!         });
//!         hits.into_inner()
//!     }
//! }
//! let report = explore(counter::count).expect([2]);
//! assert_eq!(report.worst().unwrap().ending.detail(), "1");
//! ```
//!
//! *What to notice*: without that line the module is an ordinary one. With it, `std` means
//! this module, and each path that begins with `std::` leads here. It has to stand inside a
//! `mod`: at the top of a crate or of a cell the name `std` is taken.
//!
//! # What is here, and what is not
//! `sync`, `sync::atomic`, `sync::mpsc` and `thread` list their items one by one, so that
//! nothing of the real ones comes in unseen: what cannot be explored is missing, and the
//! compiler says so. Missing are channels' waits with a time-out, `park`, `Once` and its kin, and
//! `new` as a `const fn`. The value in a lock must be `Debug`, for the pictures. A `sleep`
//! only lets others go first. All other modules are `std`'s own.

pub mod sync;
pub mod thread;

#[doc(no_inline)] // else rustdoc copies the pages of all of std
pub use ::std::*;

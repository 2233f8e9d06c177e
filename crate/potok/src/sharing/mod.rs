//! Who may touch what: one value, many threads.
//!
//! ```
//! use potok::prelude::*;
//! use potok::sharing::{Counter, Seats, dine};
//!
//! assert_eq!(Counter::Mutex.count(4, 1_000)?, 1_000);      // nothing lost
//! assert!(dine(5, Seats::LeftForkFirst, ms(5_000))?.deadlock.is_some());
//! assert!(dine(5, Seats::LowerForkFirst, ms(5_000))?.deadlock.is_none());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: Rust has one rule. A value has many readers or one writer, and the
//! compiler checks it across threads too. What it refuses is a **data race**. It cannot
//! refuse a deadlock, a lost update between two atomic steps or a bad order: those are
//! still possible, so they are found here as values.
//!
//! # What the compiler refuses
//!
//! Two threads that change the same variable (E0499: two mutable borrows):
//!
//! ```compile_fail,E0499
//! let mut cups = 0;
//! std::thread::scope(|s| {
//!     s.spawn(|| cups += 1);
//!     s.spawn(|| cups += 1);
//! });
//! ```
//!
//! Reading while another thread writes (E0502: shared and mutable borrow):
//!
//! ```compile_fail,E0502
//! let mut cups = vec![1];
//! std::thread::scope(|s| {
//!     s.spawn(|| cups.push(2));
//!     assert_eq!(cups.len(), 1);
//! });
//! ```
//!
//! A thread that may outlive what it borrows (E0373):
//!
//! ```compile_fail,E0373
//! fn start() -> std::thread::JoinHandle<usize> {
//!     let text = String::from("car");
//!     std::thread::spawn(|| text.len())
//! }
//! ```
//!
//! Using a value that has been given to a thread (E0382: use after move):
//!
//! ```compile_fail,E0382
//! let text = String::from("car");
//! let thread = std::thread::spawn(move || text.len());
//! assert_eq!(text, "car");
//! ```
//!
//! A count of owners that is not atomic, in two threads (E0277: `Rc` is not `Send`):
//!
//! ```compile_fail,E0277
//! let shared = std::rc::Rc::new(1);
//! std::thread::spawn(move || assert_eq!(*shared, 1));
//! ```
//!
//! What it accepts: the lock *contains* the value, so nobody can forget to take it.
//!
//! ```
//! let cups = std::sync::Mutex::new(0);
//! std::thread::scope(|s| {
//!     for _ in 0..2 {
//!         s.spawn(|| *cups.lock().unwrap() += 1);
//!     }
//! });
//! assert_eq!(cups.into_inner().unwrap(), 2);
//! ```
//!
//! # Files
//!
//! * `contention`: one counter, shared in five ways, and what sharing costs.
//! * `false_sharing`: two counters that nobody shares, on one cache line.
//! * `semaphore`: built in four steps, each the one before and one idea more.
//! * `wait_for`: who waits for whom, and the cycle that is a deadlock.
//! * `philosophers`: the dinner that stops, and two cures.
//! * `priority`: three threads on one core, of which the most urgent waits longest.

mod contention;
mod false_sharing;
mod philosophers;
mod picture;
mod priority;
pub mod semaphore;
mod wait_for;

pub use contention::{Counter, contention};
pub use false_sharing::{Layout, false_sharing};
pub use philosophers::{Dinner, Seats, dine};
pub use priority::{Inversion, inversion};
pub use semaphore::{Permit, Semaphore};
pub use wait_for::{Cycle, Wait, find_cycle};

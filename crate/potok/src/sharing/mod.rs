//! Sharing resources: one value, many threads.
//!
//! The slide asks who may touch what. The answer of most languages is a lock beside the
//! data, which every programmer has to remember. In Rust the lock *contains* the data:
//!
//! ```
//! use potok::prelude::*;
//!
//! let cups = Mutex::new(0);
//! thread::scope(|s| {
//!     for _ in 0..2 {
//!         s.spawn(|| *cups.lock().unwrap() += 1);
//!     }
//! });
//! assert_eq!(cups.into_inner().unwrap(), 2);
//! ```
//!
//! *What to notice*: there is one rule. A value has many readers or one writer, and the
//! compiler checks it across threads too.
//!
//! # Why the obvious thing fails
//! What breaks the rule is a **data race**, and does not compile.
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
//! Using a value that was moved into a thread (E0382: use after move):
//!
//! ```compile_fail,E0382
//! let text = String::from("car");
//! let thread = std::thread::spawn(move || text.len());
//! assert_eq!(text, "car");
//! ```
//!
//! A reference count that is not atomic, in two threads (E0277: `Rc` cannot be sent
//! between threads safely):
//!
//! ```compile_fail,E0277
//! let shared = std::rc::Rc::new(1);
//! std::thread::spawn(move || assert_eq!(*shared, 1));
//! ```
//!
//! # What the compiler does not refuse
//! A deadlock, an update lost between two atomic steps, a bad order: these compile. Here
//! they are values that can be shown; [`explore`](crate::explore) finds them in a program
//! of yours.
//!
//! ```
//! use potok::prelude::*;
//!
//! assert_eq!(Counter::Mutex.count(4, 1_000)?, 1_000);      // nothing lost
//! let cycle = Philosophers::new(5).left_fork_first()?.deadlock.unwrap();
//! assert!(cycle.to_string().contains("ann waits for fork 1, which bob holds"));
//! assert_eq!(Philosophers::new(5).lower_fork_first()?.deadlock, None);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! # The files, in reading order
//! * [`semaphore`]: built in four steps, each with one idea more than the one before.
//! * `wait_for`: which thread waits for which, and the cycle that is a deadlock.
//! * `philosophers`: the dinner that deadlocks, and two cures.
//! * `contention`: one counter, shared in five ways, and what sharing costs.
//! * `false_sharing`: two counters, not shared, on one cache line.
//!
//! # Read on
//! Mara Bos, "Rust Atomics and Locks", chapters 1 to 4; Allen Downey, "The Little Book of
//! Semaphores".

mod contention;
mod false_sharing;
mod philosophers;
pub mod semaphore;
mod wait_for;

pub use contention::{Counter, contention};
pub use false_sharing::{adjacent_counters, padded_counters};
pub use philosophers::{Dinner, Philosophers};
pub use semaphore::{Permit, Semaphore};
pub use wait_for::{Cycle, Wait, find_cycle};

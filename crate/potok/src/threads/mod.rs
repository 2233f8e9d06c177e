//! threading: the threads are the system's own, and so is their order.
//!
//! The slide's `Thread(target=print, args=…)`, `start()` and `join()` are
//! [`std::thread::spawn`] and `join` here. This module makes them visible.
//!
//! ```
//! use potok::prelude::*;
//!
//! let trace = threads::record(["ann", "bob"], |rec| {
//!     rec.span("compute", || busy(ms(2)));
//!     rec.wait("disk", || wait(ms(2)));
//! })?;
//! assert_eq!(trace.lanes[1].name, "bob");
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! # Why the obvious thing fails
//! A thread that uses a local variable:
//!
//! ```compile_fail,E0373
//! fn count(text: String) -> usize {
//!     let words = std::thread::spawn(|| text.split(' ').count());
//!     words.join().unwrap()
//! }
//! ```
//!
//! "Closure may outlive the current function, but it borrows `text`": nothing makes the
//! caller join the thread. `move` gives the text away; a scope keeps it, since the threads
//! of a scope have ended when it returns:
//!
//! ```
//! use potok::prelude::*;
//!
//! let text = String::from("deer bear river");
//! let words = thread::scope(|s| s.spawn(|| text.split(' ').count()).join().unwrap());
//! assert_eq!((words, text.len()), (3, 15));
//! ```
//!
//! # The files, in reading order
//! * `named`: one job on several named threads, as a timeline.
//! * `orders`: the order in which they finish, counted over many runs.
//! * [`short_panics`]: one line for a panic instead of twenty.
//!
//! # Read on
//! "The Rust Programming Language", chapter 16, "Fearless Concurrency".

mod named;
mod orders;
mod picture;

pub use named::record;
pub use orders::{Orders, orders};
pub use potok_process::short_panics;

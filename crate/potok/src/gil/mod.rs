//! The global interpreter lock: many threads, one of them at a time.
//!
//! ```
//! use potok::prelude::*;
//!
//! let run = Gil::new().threads(["ann", "bob"], |py| py.busy(ms(15)))?;
//! assert_eq!(run.trace.overlap(), ms(0));       // never two at once
//! assert!(run.handovers > 0);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the threads are real threads of the system. What makes them take
//! turns is a lock around *running Python code*; a thread that waits for a disk or a
//! network gives the lock up meanwhile.
//!
//! * `lock`: the lock itself, as CPython has it.
//! * `attached`: what a thread does while it is attached to the interpreter.
//! * `refcount`: why it exists, references that are lost without it.
//! * `lost_reference`: how one is lost, step by step.

mod attached;
mod lock;
mod lost_reference;
mod picture;
mod refcount;
#[cfg(test)]
mod tests;

pub use attached::{Attached, GilRun};
pub use lock::Gil;
pub use lost_reference::{LostReference, Step, lost_reference};
pub use refcount::{RefCount, RefCounts, count_references};

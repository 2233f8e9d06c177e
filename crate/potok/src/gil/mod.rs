//! The GIL, the global interpreter lock: many threads, one of them at a time.
//!
//! The slide calls it a mutex around the interpreter's internal state. Here it is a value
//! that you can switch off, and whose switch interval you can turn:
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
//! *What to notice*: the threads are real threads of the system. They take turns because of
//! a lock around *running Python code*; a thread that waits for a disk or a network
//! releases it meanwhile.
//!
//! # Why the obvious thing fails
//! Why not simply leave the lock out? Every Python object counts the references to it, and
//! `ob_refcnt += 1` is a load and a store. Two threads that both load 1 both store 2:
//!
//! ```
//! use potok::explore::{explore, sync::atomic::{AtomicUsize, Ordering::SeqCst}, thread};
//!
//! let report = explore(|| {
//!     let references = AtomicUsize::new(1).named("ob_refcnt");
//!     thread::scope(|s| {
//!         for _ in 0..2 {
//!             s.spawn(|| references.store(references.load(SeqCst) + 1, SeqCst));
//!         }
//!     });
//!     references.into_inner()
//! });
//! assert_eq!(report.worst().unwrap().ending.detail(), "2");    // of three references
//! ```
//!
//! The third user of the object keeps using it after the second has freed it. An atomic
//! addition for each reference costs several times as much as a plain one, on every line of
//! every single-threaded program: [`count_references`] measures both.
//!
//! # How it works
//! A thread that has waited for a switch interval (5 ms) sets a flag. The holder reads the
//! flag between bytecodes, drops the lock, and waits until another thread has taken it.
//!
//! # The files, in reading order
//! * `refcount`: why it exists, references lost without it.
//! * `lock`: the lock, as CPython has it.
//! * `attached`: what a thread does while it is attached to the interpreter.
//!
//! # Read on
//! `Python/ceval_gil.c` of CPython; PEP 703, "Making the Global Interpreter Lock Optional
//! in CPython".

mod attached;
mod lock;
mod picture;
mod refcount;
#[cfg(test)]
mod tests;

pub use attached::{Attached, GilRun};
pub use lock::Gil;
pub use refcount::{RefCount, RefCounts, count_references};

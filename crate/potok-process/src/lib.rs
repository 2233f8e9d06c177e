//! Processes: programs being run, each with a memory of its own.
//!
//! ```
//! use potok::prelude::*;
//!
//! let numbers = vec![1_u64, 2, 3];
//! let child = processes::fork(|| numbers.iter().sum::<u64>())?;
//! assert_ne!(child.pid(), std::process::id());
//! assert_eq!(child.join()?, 6);
//!
//! let crashed = processes::fork(|| -> () { std::process::abort() })?.join();
//! assert!(crashed.is_err());                    // and this process lives on
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the child was a copy of everything, so it saw `numbers` without
//! being given them; only its result had to be sent back, as bytes. A crash stays
//! outside: it is an error value here.
//!
//! # Why the obvious thing fails
//! A counter that all may reach, as threads would use it:
//!
//! ```
//! use potok::prelude::*;
//! use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
//!
//! static CUPS: AtomicU32 = AtomicU32::new(0);
//! assert_eq!(processes::fork(|| CUPS.fetch_add(1, SeqCst) + 1)?.join()?, 1);
//! assert_eq!(CUPS.load(SeqCst), 0);             // the child counted in its own copy
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! It compiles, and no lock can help: after the fork there are two counters. What two
//! processes are to know of each other is sent, or lies in memory that is asked for as
//! [`Shared`].
//!
//! # How it works
//! | Python | here |
//! |---|---|
//! | `Process(target=f).start()`, by `fork` | [`fork()`]: runs any closure, in a copy |
//! | the same, by `spawn` | [`spawn()`]: runs a function, in a fresh process |
//! | `join()`, `exitcode`, `kill()` | [`Child`] |
//! | `Pipe()`, `Queue(n)` | [`pipe()`], [`queue()`] |
//! | `Pool(n)`, `map`, `imap_unordered`, `apply_async` | [`Pool`] |
//! | `Value`, `Array`, `shared_memory` | [`Shared`], [`SharedSlice`] |
//! | `resource.setrlimit` in the child | [`Limits`] |
//!
//! Every wait has a deadline; a child that is still running when its [`Child`] is dropped is
//! killed, and no child outlives its parent.
//!
//! # The files, in reading order
//! * `fork`: a copy of this process runs a closure. `limits`: how much it may use.
//! * `child`: a process seen from its parent. Below it, `process`: its number, its end;
//!   `child_output`: what it prints; `panics`: how its panics travel home; `place`: where
//!   they were.
//! * `spawn`: a fresh process runs a function. `code`: how it finds the function. `worker`:
//!   what it does then.
//! * `pipe`, `queue`: messages between processes. [`frame`]: the bytes of a message; `wire`:
//!   frames over a socket; `stamp`: who sent one, and when; `report`: results in a frame;
//!   `descriptors`: open files that go along. `bytes`: bytes that travel in one piece.
//! * `pool`: workers that wait for tasks. `shared_table`: what a worker leaves if it dies.
//! * `shared`: memory that several processes have at once. `memory`: what a process has of
//!   its own.
//! * `short_panics`: a panic in one line. `sequence`: the picture of messages.
//! * `sys`: the system calls, and all that is unsafe.
//!
//! # What it does not do
//! It needs Linux: `pidfd`, `memfd`, `/proc` and the loader's list of objects. It starts no
//! programs of others (`std::process` does), reaches no other machine, and sends no closure
//! that captures something: what captures a value without bytes it cannot tell from what
//! captures nothing ([`spawn()`] says what follows). It restarts nothing but the workers of a
//! [`Pool`].
//!
//! # What it costs to build
//! About 7 s of one core's time in the release profile, and the crates below it (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).
//!
//! # Read on
//! Michael Kerrisk, "The Linux Programming Interface", chapters 24 to 28; the notes on start
//! methods in the documentation of Python's `multiprocessing`.

mod bytes;
mod child;
mod child_output;
mod code;
mod descriptors;
mod fork;
pub mod frame;
mod limits;
mod memory;
mod panics;
mod pipe;
mod place;
mod pool;
mod process;
mod queue;
mod rayon_alone;
mod report;
mod sequence;
mod shared;
mod shared_table;
mod short_panics;
mod spawn;
mod stamp;
mod sys;
mod wire;
mod words;
mod worker;

pub use bytes::{Bytes, bytes_sent};
pub use child::Child;
pub use code::Code;
pub use fork::fork;
pub use limits::Limits;
pub use memory::own_memory;
pub use pipe::{End, pipe, wait_for_any};
pub use pool::{Late, Pool, Progress, Start, Task, Unordered};
pub use queue::{ProcessQueue, queue};
pub use sequence::sequence;
pub use shared::{Atomic, Number, Plain, Shared, SharedSlice};
pub use short_panics::short_panics;
pub use spawn::{Launch, Main, init, launch, spawn};
pub use sys::{Export, Maker, Place, fork_among_threads};

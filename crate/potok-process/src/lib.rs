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
//! * `fork`: a copy of this process runs a closure.
//! * `spawn`: a fresh process runs a function.
//! * `child`: a process seen from its parent: result, end, output.
//! * `pool`: workers that wait for tasks.
//! * `pipe`, `queue`: messages between processes.
//! * `shared`: memory that several processes have at once.
//! * [`frame`]: the form of all that goes between them.
//! * `limits`: how much time, memory and output a child may use.
//!
//! Everything here needs Linux. Every wait has a deadline; a child that is still running
//! when its [`Child`] is dropped is killed, and no child outlives its parent.

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
mod sys;
mod wire;
mod worker;

pub use bytes::{Bytes, bytes_sent};
pub use child::Child;
pub use code::Code;
pub use fork::fork;
pub use limits::Limits;
pub use memory::own_memory;
pub use pipe::wait_for_any;
pub use pipe::{End, pipe};
pub use pool::Late;
pub use pool::{Pool, Progress, Start, Task, Unordered};
pub use queue::{ProcessQueue, queue};
pub use sequence::sequence;
pub use shared::{Atomic, Number, Plain, Shared, SharedSlice};
pub use short_panics::short_panics;
pub use spawn::{Launch, Main, init, launch, spawn};
pub use sys::{Export, Maker, Place, fork_among_threads};

//! Processes and threads: what the system knows of each, and how it hands out the cores.
//!
//! The slide: a process is a program being run, with its own address space and table of
//! open files; its threads live inside it and share both.
//!
//! ```
//! use potok::prelude::*;
//!
//! let here = scheduling::ids();
//! let there = thread::spawn(scheduling::ids).join().unwrap();
//! assert_eq!(here.pid, there.pid);              // one process,
//! assert_ne!(here.tid, there.tid);              // two threads
//! ```
//!
//! # Why the obvious thing fails
//! The obvious picture is that a thread runs from its start to its end. With more threads
//! than cores none of them does: each is stopped within milliseconds, without being asked
//! and without being told.
//!
//! ```
//! use potok::prelude::*;
//!
//! match scheduling::take_turns(3, ms(60), Cores::One) {
//!     Ok(turns) => assert!(turns.threads.iter().any(|thread| thread.gaps > 0)),
//!     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
//! }
//! ```
//!
//! # How it works
//! A thread that reads the clock all the time sees a jump where it did not run. From the
//! jumps of several threads comes the timeline of a core, measured without any privilege.
//!
//! # The files, in reading order
//! * `process`: ids and open file descriptors.
//! * `anatomy`: a process as a box: its address space, its open files, its threads.
//! * `turns`: threads that compute without a pause notice when they did not run.
//! * `shares`: the same on one core, by priority.
//! * `spinner`: the thread that watches the clock.
//! * `inversion`: three threads on one core, of which the most urgent waits longest.
//!
//! # Read on
//! Remzi and Andrea Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", the chapters on
//! CPU virtualization; `man 7 sched`.

mod anatomy;
mod inversion;
mod picture;
mod process;
mod shares;
mod spinner;
mod turns;

pub use anatomy::{Anatomy, Thread, Variable, anatomy, side_by_side};
pub use inversion::{Inversion, inversion};
pub use process::{Ids, OpenFile, OpenFiles, ids, open_files};
pub use shares::{Share, Shares, shares};
pub use turns::{Cores, ThreadTurns, Turns, take_turns};

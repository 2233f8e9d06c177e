//! What the operating system does with threads: ids, open files, turns on the processor.
//!
//! ```
//! use potok::prelude::*;
//!
//! let ids = scheduling::ids();
//! assert_eq!(ids.pid, std::process::id());
//!
//! let waiting = scheduling::usage(|| wait(ms(5)));
//! assert!(waiting.cpu_time < waiting.wall);
//! ```
//!
//! *What to notice*: nobody asks a thread before it is stopped. It can only see
//! afterwards that its clock has jumped.
//!
//! * `anatomy`: a process as a box: its address space, its open files, its threads.
//! * `process`: ids, open file descriptors, what a piece of work costs.
//! * `turns`: threads that compute without pause notice when they did not run.
//! * `shares`: the same on one core, by priority.
//! * `spinner`: the thread that watches its own clock.

mod anatomy;
mod picture;
mod process;
mod shares;
mod spinner;
mod turns;

pub use anatomy::{Anatomy, Thread, Variable, anatomy, side_by_side};
pub use process::{Ids, OpenFile, OpenFiles, Usage, ids, open_files, usage};
pub use shares::{Share, Shares, shares};
pub use turns::{Cores, ThreadTurns, Turns, take_turns};

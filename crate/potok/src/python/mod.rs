//! The lecture's Python, run by the student's own interpreter, beside Rust.
//!
//! ```
//! use potok::prelude::*;
//!
//! match python::run("print(sum(range(10)))") {
//!     Ok(output) => assert_eq!(output.stdout, "45\n"),
//!     Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),  // no Python here
//! }
//! ```
//!
//! *What to notice*: nothing here imitates Python. The code runs in a process of its own,
//! timed by its own clock, and ends with its deadline. Where there is no Python the
//! error says how to get it, and the Rust half of a comparison still runs.
//!
//! * `run`: a piece of code, its output or its error.
//! * `timed`: a Python function with more and more workers.
//! * `compare`: threads and processes of Python beside threads of Rust.
//! * `child`: the process, its deadline and its end.

mod child;
mod compare;
mod picture;
mod run;
#[cfg(test)]
mod tests;
mod timed;

pub use compare::{Comparison, JOBS, compare_cpu_bound, compare_io_bound};
pub use run::{Interpreter, Output, interpreter, run, run_within};
pub use timed::{speedup, speedup_with};

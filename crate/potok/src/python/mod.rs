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
//! is timed by its own clock, and ends at its time limit. Without a Python the error says
//! how to install one, and the Rust half of a comparison still runs.
//!
//! # Why the obvious thing fails
//! Threads are the obvious way to speed up a loop, and in CPython they do not: with the GIL
//! only one thread at a time runs Python code. [`compare_cpu_bound`] shows it as a flat
//! line beside the rising lines of Python's processes and Rust's threads;
//! [`compare_io_bound`] shows that all three rise where the work is waiting.
//!
//! # The files, in reading order
//! * `run`: a piece of code, its output or its error.
//! * `timed`: a Python function with more and more workers.
//! * `compare`: threads and processes of Python beside threads of Rust.
//! * `child`: the process, its time limit and its end.
//!
//! # Read on
//! Python's documentation of `threading` and `multiprocessing`; PEP 703.

mod child;
mod compare;
mod picture;
mod run;
#[cfg(test)]
mod tests;
mod timed;

pub use compare::{Comparison, compare_cpu_bound, compare_io_bound};
pub use run::{Interpreter, Output, interpreter, run};
pub use timed::speedup;

//! The data of a run: traces, measurements and errors, and the workloads that are measured.
//!
//! ```
//! use potok_base::trace::record;
//! use potok_base::workload::{busy, ms};
//!
//! let trace = record(|rec| rec.span("work", || busy(ms(1))));
//! assert_eq!(trace.spans[0].label, "work");
//! ```
//!
//! *What to notice*: all of it is plain data. The crates above draw it, send it to other
//! processes and write it to files.
//!
//! # What a lesson uses
//! * [`workload`]: the same work everywhere.
//! * [`trace`]: who did what, when.
//! * [`measure`]: how long it took, in every run.
//! * [`error`]: what went wrong, as a value.
//!
//! # What the crates above use
//! * [`output`], [`kernel`], [`progress`]: the way to a cell's output, and to potok's own
//!   notebook kernel.
//! * [`foreign`]: other programs, ended together with everything that they started.
//! * [`threads`]: a group of threads that start together. [`cpu`]: where and when a thread
//!   runs.
//! * [`language`]: what is said, in the language of the class. [`units`]: numbers in it.
//! * [`table`]: small tables of text. [`random`]: chance that can be repeated.
//! * [`sync`]: locks that a panic leaves usable. [`panic_hook`]: who says what of a panic.
//! * [`sys`]: the system calls that `std` lacks.
//!
//! # What it does not do
//! Nothing here draws, forks or knows a section of the lecture.
//!
//! # What it costs to build
//! About 5 s of one core's time in the release profile (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).

pub mod cpu;
pub mod error;
pub mod foreign;
pub mod kernel;
pub mod language;
pub mod measure;
pub mod output;
pub mod panic_hook;
pub mod progress;
pub mod random;
pub mod sync;
pub mod sys;
pub mod table;
pub mod threads;
pub mod trace;
pub mod units;
mod words;
pub mod workload;

pub use error::{Error, ErrorKind, Result};
pub use potok_words::words;

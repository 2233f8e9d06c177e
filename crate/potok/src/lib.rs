//! Threads, processes, channels and map-reduce that a class can run and see.
//!
//! A notebook cell that uses potok reads like the sentence on the slide, and its answer
//! is a picture:
//!
//! ```
//! use potok::prelude::*;
//! use std::thread;
//!
//! let trace = record(|rec| {
//!     thread::scope(|s| {
//!         for name in ["ann", "bob"] {
//!             s.spawn(move || rec.span(name, || busy(ms(5))));
//!         }
//!     });
//! });
//! assert_eq!(trace.lanes.len(), 2);
//! ```
//!
//! # Layout
//!
//! Three storeys. An arrow between modules only points down: a storey never uses one
//! above it.
//!
//! * **Face**: what a reader sees. [`chart`], [`display`].
//! * **Sections**: one module for each part of the lecture.
//! * **Ground**: [`error`], [`workload`], [`trace`], [`measure`].
//!
//! A section returns named, owned values and never prints; only [`display`] writes to a
//! cell's output. `unsafe` is confined to files named `sys.rs`.

pub mod channels;
pub mod chart;
pub mod coffee;
pub mod display;
pub mod error;
pub mod explore;
pub mod gil;
pub mod map_reduce;
pub mod measure;
pub mod multitasking;
pub mod parallel;
pub mod prelude;
#[cfg(target_os = "linux")]
pub mod processes;
pub mod python;
pub mod scheduling;
pub mod server;
pub mod sharing;
pub mod threads;
pub mod trace;
pub mod workload;

mod foreign;
mod kernel;
mod output;
mod progress;
mod sys;
mod table;

pub use error::{Error, ErrorKind, Result};
// For cells that stand these beside potok's own; a notebook need not load them again.
pub use {crossbeam, rayon};

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
//! # The sections
//! One module for each part of the lecture. No section names another.
//!
//! * [`why`]: why multithreading? [`scheduling`]: processes and threads, handed out in turns.
//! * [`threads`], [`gil`], [`python`]: threading, the lock of CPython, and CPython itself.
//! * [`processes`]: multiprocessing. [`parallel`]: joblib.
//! * [`sharing`], [`channels`]: sharing resources, by locks and by messages.
//! * [`coffee`]: concurrency | parallelism. [`map_reduce`]: the word count.
//!
//! A section returns named, owned values and never prints; only [`display`] writes to a
//! cell's output.
//!
//! # What it stands on
//! Crates, so that cargo sees to it that an arrow only points down:
//!
//! ```text
//!              potok (the lecture)
//!     potok-homework
//!     potok-explore   potok-mapreduce
//!                     potok-process
//!              potok-chart
//!              potok-base
//! ```
//!
//! * `potok-base`: [`trace`], [`measure`], [`workload`], [`error`].
//! * `potok-chart`: [`chart`], [`display`].
//! * `potok-process`: [`processes`]. `potok-explore`: [`explore`]. `potok-mapreduce`:
//!   [`map_reduce`]. `potok-homework`, on the first two: `homework`.
//!
//! `unsafe` is confined to files named `sys.rs`, and to folders of that name.

pub mod channels;
pub mod coffee;
pub mod gil;
pub mod parallel;
pub mod prelude;
pub mod python;
pub mod scheduling;
pub mod sharing;
pub mod threads;
pub mod why;

// What lies below, under the names that the lecture has for it.
pub use potok_base::{Error, ErrorKind, Result, error, measure, trace, workload};
pub use potok_chart::{display, print};
pub use potok_explore as explore;
pub use potok_homework as homework;
pub use potok_mapreduce as map_reduce;
pub use potok_process as processes;

pub mod chart {
    //! Pictures of what a run gave, each with a text that says the same: those of plain
    //! data, and those that belong to one of the engines.

    pub use potok_chart::*;
    pub use potok_explore::{outcomes, schedule_picture as schedule};
    pub use potok_mapreduce::flow;
    pub use potok_process::sequence;
}

// For cells that stand these beside potok's own; a notebook need not load them again.
pub use potok_chart::plotters;
pub use {crossbeam, rayon};

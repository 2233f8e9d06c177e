//! The lecture on multiprocessing as a library: threads, processes, channels and map-reduce
//! that a class can run and see.
//!
//! A notebook cell that uses potok reads like the sentence on the slide, and its answer
//! is a picture:
//!
//! ```
//! use potok::prelude::*;
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
//! # The sections, in reading order
//! One module for each part of the lecture. Each opens with its lesson: what the slide
//! says, the smallest example, why the obvious thing fails, how it works, where to read on.
//! No section names another, so each can be read by itself.
//!
//! | module | slide | the question |
//! |---|---|---|
//! | [`why`] | Why multithreading? | what are threads for, on one core too? |
//! | [`scheduling`] | processes and threads | what does the system do with them? |
//! | [`threads`] | threading | in which order do they run? |
//! | [`gil`], [`python`] | GIL | why do Python's threads take turns? |
//! | [`processes`] | multiprocessing | what does a process of its own cost and give? |
//! | [`parallel`], [`memory`] | joblib | how does a loop use all cores? |
//! | [`sharing`], [`explore`] | sharing resources | what goes wrong, and how do you find it? |
//! | [`channels`] | thread-safe queues | how do threads share without locks of their own? |
//! | [`coffee`] | concurrency, parallelism | what is the difference? |
//! | [`map_reduce`] | the word count | how does one job use many machines? |
//!
//! # One vocabulary
//! `measure` times something and keeps every run. `record` runs something and gives its
//! trace. `run` gives a result, which may contain a trace. `.timeout(d)` limits a run,
//! `.progress(label)` shows how far it is. What has more than two settings is a builder. A
//! section returns named, owned values and never prints; only [`display`] writes to a cell's
//! output.
//!
//! # What it does not do
//! It is made for teaching. Use `std`, rayon, crossbeam or tokio in a program: potok shows
//! what they do, and stands on them where it can. It measures on one machine, on Linux
//! first (macOS lacks what needs `/proc`, pinning or forking safely).
//!
//! # What it stands on
//! Crates, so that cargo checks that arrows only point down:
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
//!
//! # What it costs to build
//! About 14 s of one core's time in the release profile, and the crates below it (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).

pub mod channels;
pub mod coffee;
pub mod gil;
pub mod memory;
pub mod parallel;
pub mod prelude;
pub mod python;
pub mod scheduling;
pub mod sharing;
pub mod threads;
pub mod why;
mod words;

// What lies below, under the names that the lecture has for it.
pub use potok_base::language::Language;
pub use potok_base::{Error, ErrorKind, Result, error, measure, trace, workload};
pub use potok_chart::{display, eprintln, print};
pub use potok_explore as explore;
pub use potok_homework as homework;
pub use potok_mapreduce as map_reduce;
pub use potok_process as processes;

/// From now on pictures, texts and errors are in this language, those of potok's kernel too.
///
/// At first it is that of the variable `POTOK_LANG` (`en` or `ru`), else that of the locale,
/// else English. A notebook in `notebooks/ru` begins in Russian.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// potok::language(Language::Russian);
/// let picture = record(|rec| rec.span("sum", || busy(ms(1)))).picture()?;
/// assert!(picture.text.contains("дорожка"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn language(language: Language) {
    potok_base::language::speak(language);
    potok_base::kernel::send(&format!(
        r#"{{"op":"language","code":"{}"}}"#,
        language.code()
    ));
}

pub mod chart {
    //! Pictures of what a run gave, each with a text that says the same: those of plain
    //! data, and those that belong to one of the engines.

    pub use potok_chart::*;
    pub use potok_explore::{outcomes, schedule_picture as schedule};
    pub use potok_mapreduce::flow;
    pub use potok_process::sequence;
}

// For cells that compare these with potok's own; a notebook need not load them again.
pub use potok_chart::plotters;
pub use {crossbeam, rayon};

//! Map-reduce: two functions, any amount of data, any number of workers.
//!
//! ```
//! use potok::map_reduce::{MapReduce, Processes, SLIDE, Sequential, Threads};
//!
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let run = job.over(SLIDE).on(Threads(2)).run()?;
//! let words = [("Bear", 2), ("Car", 3), ("Deer", 2), ("River", 2)];
//! assert_eq!(run.sorted(), words.map(|(word, n)| (word.to_string(), n)));
//! assert_eq!(run.sorted(), job.over(SLIDE).on(Processes(2)).run()?.sorted());
//! assert_eq!(run.sorted(), job.over(SLIDE).on(Sequential).run()?.sorted());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the job does not mention threads. Map tasks share nothing, and all values
//! of a key meet in one reduce task, so each task may run anywhere.
//!
//! # Why the obvious thing fails
//! One table that all threads count in:
//!
//! ```compile_fail,E0499
//! let mut counts = std::collections::HashMap::<&str, u64>::new();
//! std::thread::scope(|s| {
//!     s.spawn(|| *counts.entry("Car").or_default() += 1);
//!     s.spawn(|| *counts.entry("Car").or_default() += 1);
//! });
//! ```
//!
//! "Cannot borrow `counts` as mutable more than once at a time". With a `Mutex` around it
//! this compiles, and the threads wait for each other at every word; and two machines have
//! no lock in common. So each map task has a table of its own, and what has the same key is
//! brought together once, afterwards.
//!
//! The words are those of Jeffrey Dean and Sanjay Ghemawat, "MapReduce: Simplified Data
//! Processing on Large Clusters" (OSDI 2004).
//!
//! # The files
//! * `job`, `functions`, `options`: what the author of a job writes. `run`, `flow`: what a run
//!   returns; `picture` draws it.
//! * `input`, `files`, `glob`, `blocks`: records and splits.
//! * `map_task`, `collector`, `reduce_task`: the two tasks. `table`, `table_key`, `pairs`: how
//!   pairs are grouped. `merge`: from the outputs of map tasks to one reduce task.
//! * `spill`, `runs`, `spill_file`: pairs that do not fit into memory.
//! * `coordinator`, `phase`, `task`: which worker runs which task, with faults (`faults`),
//!   deadlines and backup tasks.
//! * `engine`, `threads`, `processes`: workers on this machine. `compiled`: where their generic
//!   code is compiled.
//! * `spark`, `recipe`: a cluster, and how a job gets there.
//! * `word_count`: the slide's job, built in and tuned. `zipf`: text to try it with.
//!
//! # What it does not do
//! It has no distributed file system: the processes of this machine share its disk, and a
//! cluster is Spark's. It chains no jobs, and keeps nothing between two runs.
//!
//! # What it costs to build
//! About 13 s of one core's time in the release profile, and the crates below it (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).
//!
//! # Read on
//! Dean and Ghemawat's paper; Tom White, "Hadoop: The Definitive Guide", chapter 2.

mod blocks;
mod collector;
mod compiled;
mod coordinator;
mod engine;
mod faults;
mod files;
mod flow;
mod functions;
mod glob;
mod input;
mod job;
mod map_task;
mod merge;
mod options;
mod pairs;
mod phase;
mod picture;
#[cfg(target_os = "linux")]
mod processes;
mod recipe;
mod reduce_task;
mod run;
mod runs;
#[cfg(target_os = "linux")]
mod spark;
mod spill;
mod spill_file;
mod sys;
mod table;
mod table_key;
mod task;
mod threads;
mod word_count;
mod words;
mod zipf;

pub use coordinator::{Attempt, Phase, TaskOutcome};
pub use engine::{Engine, Sequential, Threads};
pub use faults::Faults;
pub use files::{Files, files, standard_library};
pub use flow::{Flow, Group, MapTask, ReduceTask, SLIDE, Shuffled};
pub use functions::{Key, OwnedKey, Value, Values};
pub use input::{Input, Line, Source, Split};
pub use job::{Job, MapReduce};
pub use picture::flow;
#[cfg(target_os = "linux")]
pub use processes::Processes;
pub use run::Run;
#[cfg(target_os = "linux")]
pub use spark::{Cluster, Record, Spark};
pub use word_count::{Corpus, word_count};
pub use zipf::Zipf;

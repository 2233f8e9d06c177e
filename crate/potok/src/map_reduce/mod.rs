//! Map-reduce: two functions, any amount of data, any number of workers.
//!
//! ```
//! use potok::map_reduce::{MapReduce, SLIDE, Sequential, Threads};
//!
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let run = job.over(SLIDE).on(Threads(2)).run()?;
//! let words = [("Bear", 2), ("Car", 3), ("Deer", 2), ("River", 2)];
//! assert_eq!(run.sorted(), words.map(|(word, n)| (word.to_string(), n)));
//! assert_eq!(run.sorted(), job.over(SLIDE).on(Sequential).run()?.sorted());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the job says nothing about threads. Map tasks share nothing, and all
//! values of a key meet in one reduce task, so whoever runs it is free to choose where.
//!
//! The words are those of Jeffrey Dean and Sanjay Ghemawat, "MapReduce: Simplified Data
//! Processing on Large Clusters" (OSDI 2004).
//!
//! * `job`: the functions, and what may be said beside them.
//! * `input`, `files`, `glob`: records and splits.
//! * `engine`: one thread, several threads.
//! * `task`: a map task, a reduce task. `table`: what they group pairs in.
//! * `coordinator`: who runs which task; faults, deadlines, backup tasks.
//! * `flow`, `run`: what a run gives.
//! * `faults`: crashes and stalls on purpose.
//! * `word_count`: the slide's job, built in and tuned.
//! * `zipf`: text of any size to try it with.

mod coordinator;
mod engine;
mod faults;
mod files;
mod flow;
mod glob;
mod input;
mod job;
mod phase;
mod run;
mod table;
mod task;
mod word_count;
mod zipf;

pub use coordinator::{Attempt, Outcome, Phase};
pub use engine::{Engine, Sequential, Threads};
pub use faults::Faults;
pub use files::{Files, files};
pub use flow::{Flow, Group, MapTask, ReduceTask, SLIDE, Shuffled};
pub use input::{Input, Line, Source, Split};
pub use job::{Job, Key, MapReduce, OwnedKey, Value, Values};
pub use run::Run;
pub use word_count::{Bytes, word_count};
pub use zipf::Zipf;

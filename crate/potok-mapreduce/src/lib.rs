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
//! *What to notice*: the job says nothing about threads. Map tasks share nothing, and all
//! values of a key meet in one reduce task, so whoever runs it is free to choose where.
//!
//! The words are those of Jeffrey Dean and Sanjay Ghemawat, "MapReduce: Simplified Data
//! Processing on Large Clusters" (OSDI 2004).
//!
//! * `functions`, `job`, `options`: the functions, and what may be said beside them.
//! * `input`, `files`, `blocks`, `glob`: records and splits.
//! * `engine`: one thread, several threads. `processes`: several processes.
//! * `compiled`: what of them is compiled once for each job.
//! * `spark`, `recipe`: a cluster, and how a job gets there.
//! * `task`, `map_task`, `reduce_task`: what a worker does.
//! * `table`, `compact`, `pairs`: what pairs are grouped in. `merge`: from many to one.
//! * `spill`, `runs`, `spool`: pairs that leave memory.
//! * `coordinator`: who runs which task; faults, deadlines, backup tasks.
//! * `flow`, `run`, `parts`: what a run gives.
//! * `faults`: crashes and stalls on purpose.
//! * `word_count`: the slide's job, built in and tuned.
//! * `zipf`: text of any size to try it with.

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
mod parts;
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
mod spool;
mod sys;
mod table;
mod table_key;
mod task;
mod threads;
mod word_count;
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

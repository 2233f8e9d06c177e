//! A job on processes: a coordinator that does no work of its own, and forked workers.
//!
//! ```
//! use potok::map_reduce::{MapReduce, Processes, SLIDE};
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let run = job.over(SLIDE).on(Processes(2)).run()?;
//! assert_eq!(run.get("Car"), Some(&3));
//! assert!(run.trace.lanes.iter().all(|lane| lane.pid != std::process::id()));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a worker is a copy of this process, so it already has the job's
//! functions and input. It receives the number of a task, and answers where on disk it has
//! written the pairs, sorted and by partition. A reduce task reads its partition of all map
//! outputs. A worker may die at any moment: its task is assigned again.
//!
//! * `message`: the messages between coordinator and workers.
//! * `worker`: what a worker does. `workers`: all of them, seen from the coordinator.
//!
//! The pairs are in one file without a name. Workers end with the process that forked
//! them, whatever ends it, and nothing is left behind: see `spill_file`.

mod message;
mod worker;
mod workers;

use self::message::Product;
use self::worker::WorkerEnd;
use self::workers::ProcessWorkers;
use super::compiled::Codec;
use super::coordinator::Phase;
use super::engine::Engine;
use super::flow::Flow;
use super::functions::{Key, Value};
use super::input::Source;
use super::job::MapReduce;
use super::phase::run_phase;
use super::run::Run;
use super::runs::Reader;
use super::spill::Spill;
use crate::words;
use potok_base::error::{Error, Result};
use potok_process::frame;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Tasks on this many forked processes.
///
/// Keys, values and results go from process to process as bytes, so their types have to
/// implement serde's traits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processes(pub usize);

impl<T, Q, V, O> Engine<T, Q, V, O> for Processes
where
    T: ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize + DeserializeOwned,
{
    fn run(
        &self,
        job: &MapReduce<T, Q, V, O>,
        input: Arc<dyn Source<T>>,
    ) -> Result<Run<Q::Owned, O>> {
        if self.0 == 0 {
            let text = words::no_processes();
            return Err(Error::invalid(text));
        }
        let options = &job.options;
        let splits = input.splits(options.splits)?;
        let n_splits = splits.len();
        let spill = Spill::new(Codec::new(), options, self.0)?.spill_all();
        let useful = self.0.min(n_splits.max(options.reducers));
        let work = worker::Work { job, input: &*input, splits, spill: &spill };
        let serve =
            |place: WorkerEnd| place.serve(&|order, worker| work.run(order, worker));
        let mut workers = ProcessWorkers::new(useful, options, &serve);

        let (maps, mut tasks) = run_phase(&mut workers, Phase::Map, n_splits, options)?;
        let runs_of = |task: usize| -> Vec<_> {
            maps.iter()
                .map(|map| map.runs.get(task).cloned().unwrap_or_default())
                .collect()
        };
        workers.inputs = (0..options.reducers).map(runs_of).collect();
        let (reduces, more) =
            run_phase(&mut workers, Phase::Reduce, options.reducers, options)?;
        tasks.extend(more);
        let trace = workers.into_trace();

        let mut flow = Flow {
            combined: job.functions.combine.is_some(),
            spilled: maps
                .iter()
                .flat_map(|map| map.runs.iter().flatten())
                .map(length)
                .sum(),
            ..Flow::default()
        };
        flow.maps = maps.into_iter().filter_map(|map| map.map).collect();
        let mut partitions = vec![];
        for Product { runs, reduce, .. } in reduces {
            let mut results = vec![];
            for run in runs.into_iter().flatten() {
                let mut reader = Reader::new(&spill.file, run);
                while let Some(bytes) = reader.next()? {
                    results.push(frame::value::<(Q::Owned, O)>(bytes)?);
                }
            }
            partitions.push(results);
            flow.reduces.extend(reduce);
        }
        Ok(Run { partitions, flow, tasks, trace })
    }
}

fn length(range: &std::ops::Range<u64>) -> u64 {
    range.end - range.start
}

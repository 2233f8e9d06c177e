//! Engines: a job on the calling thread, or on threads of this process.

use super::coordinator::Phase;
use super::flow::Flow;
use super::functions::{Key, Value};
use super::input::Source;
use super::job::MapReduce;
use super::run::Run;
use super::spill::Spill;
use super::threads::ThreadWorkers;
use crate::words;
use potok_base::error::{Error, Result};
use std::fmt::Debug;
use std::sync::Arc;

/// Runs jobs. The result of a job does not depend on its engine.
pub trait Engine<T: ?Sized, Q: Key + ?Sized, V, O>: Debug {
    /// Runs a job over an input.
    ///
    /// # Errors
    /// Those of [`Job::run`](super::Job::run).
    fn run(
        &self,
        job: &MapReduce<T, Q, V, O>,
        input: Arc<dyn Source<T>>,
    ) -> Result<Run<Q::Owned, O>>;
}

/// All tasks one after the other on the calling thread: to debug, and to compare with.
///
/// A task cannot be interrupted, so the job's [`timeout`](MapReduce::timeout) is checked
/// between tasks, and that of a task is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequential;

/// Tasks on this many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads(pub usize);

impl<T, Q, V, O> Engine<T, Q, V, O> for Sequential
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    fn run(
        &self,
        job: &MapReduce<T, Q, V, O>,
        input: Arc<dyn Source<T>>,
    ) -> Result<Run<Q::Owned, O>> {
        (job.compiled.run_on)(ThreadWorkers::new(0, &job.options), job, &input)
    }
}

impl<T, Q, V, O> Engine<T, Q, V, O> for Threads
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    fn run(
        &self,
        job: &MapReduce<T, Q, V, O>,
        input: Arc<dyn Source<T>>,
    ) -> Result<Run<Q::Owned, O>> {
        if self.0 == 0 {
            return Err(Error::invalid(words::no_threads()));
        }
        (job.compiled.run_on)(ThreadWorkers::new(self.0, &job.options), job, &input)
    }
}

/// Map tasks, then reduce tasks. No reduce task begins before the last map task is done.
pub(super) fn run_on<T, Q, V, O>(
    mut workers: ThreadWorkers,
    job: &MapReduce<T, Q, V, O>,
    input: &Arc<dyn Source<T>>,
) -> Result<Run<Q::Owned, O>>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    let options = &job.options;
    let splits = input.splits(options.splits)?;
    let n_splits = splits.len();
    let spill = job.codec.map(|codec| Spill::new(codec, options, workers.threads));
    let spill = spill.transpose()?.map(Arc::new);
    let (job_, input, spill_) = (job.clone(), Arc::clone(input), spill.clone());
    let (outputs, mut tasks) =
        workers.run(Phase::Map, n_splits, move |n, context| {
            (job_.compiled.map)(&job_, &*input, &splits[n], spill_.as_deref(), context)
        })?;
    let outputs = Arc::new(outputs);
    let (job_, shared, spill_) = (job.clone(), Arc::clone(&outputs), spill.clone());
    let (results, reduces) =
        workers.run(Phase::Reduce, options.reducers, move |n, context| {
            let parts: Vec<_> =
                shared.iter().map(|output| output.parts.part(n)).collect();
            (job_.compiled.reduce)(&job_, &parts, spill_.as_deref(), context)
        })?;
    tasks.extend(reduces);
    let mut flow = Flow {
        combined: job.functions.combine.is_some(),
        spilled: spill.map_or(0, |spill| spill.file.used()),
        ..Flow::default()
    };
    flow.maps = outputs.iter().map(|output| output.flow.clone()).collect();
    let mut partitions = vec![];
    for result in results {
        flow.reduces.push(result.flow);
        partitions.push(result.results);
    }
    let recorder = workers.recorder.clone();
    drop(workers); // they record until then
    Ok(Run { partitions, flow, tasks, trace: recorder.trace() })
}

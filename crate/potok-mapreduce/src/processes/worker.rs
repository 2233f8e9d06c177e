//! What a worker process does: receive an order, run it, answer.

use super::super::coordinator::Phase;
use super::super::functions::{Key, Value};
use super::super::input::{Source, Split};
use super::super::job::MapReduce;
use super::super::pairs::Part;
use super::super::runs::{self, Runs};
use super::super::spill::Spill;
use super::super::task::Context;
use super::message::{Answer, Order, Product};
use crate::words;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::{Recorder, take_for_parent};
use potok_process::{End, frame};
use serde::Serialize;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;

/// What a worker has in memory from the start, as a copy of its parent.
pub(super) struct Work<'a, T: ?Sized, Q: ToOwned + ?Sized, V, O> {
    pub(super) job: &'a MapReduce<T, Q, V, O>,
    pub(super) input: &'a dyn Source<T>,
    pub(super) splits: Vec<Split>,
    pub(super) spill: &'a Spill<Q, V>,
}

/// A worker's number, and its end of the pipe.
#[derive(Debug)]
pub(super) struct WorkerEnd {
    pub(super) worker: usize,
    pub(super) recorder: Recorder,
    pub(super) link: End<Answer, Order>,
}

impl WorkerEnd {
    /// Runs orders until the pipe is closed.
    pub(super) fn serve(&self, run: &dyn Fn(&Order, usize) -> Result<Product>) {
        loop {
            let order = match self.link.recv() {
                Ok(order) => order,
                Err(error) if error.kind() == ErrorKind::TimedOut => continue,
                Err(_) => return,
            };
            let label = order.label.clone();
            let result = self.recorder.span(label, || {
                catch_unwind(AssertUnwindSafe(|| run(&order, self.worker)))
            });
            let result = result.unwrap_or_else(|payload| {
                let what = words::attempt(order.attempt + 1);
                Err(Error::panicked(what, &*payload))
            });
            // What it printed leaves before the answer does.
            let _ = std::io::stdout().flush();
            let answer = Answer { result, traces: take_for_parent() };
            if self.link.send(&answer).is_err() {
                return;
            }
        }
    }
}

/// Results are written to disk in pieces of about this size.
const PIECE: usize = 1 << 20;

impl<T, Q, V, O> Work<'_, T, Q, V, O>
where
    T: ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    V: Value,
    O: Value + Serialize,
{
    /// Runs one attempt.
    pub(super) fn run(&self, order: &Order, worker: usize) -> Result<Product> {
        let Order { phase, task, attempt, .. } = *order;
        let (compiled, options) = (&self.job.compiled, &self.job.options);
        let spill = Some(self.spill);
        let context = Context {
            worker,
            fault: options.faults.of(phase, task, attempt),
            cancelled: &AtomicBool::new(false),
            task_timeout: options.task_timeout,
            crash: crash_process,
        };
        match phase {
            Phase::Map => {
                let split = &self.splits[task];
                let output =
                    (compiled.map)(self.job, self.input, split, spill, &context)?;
                Ok(Product {
                    runs: output.parts.runs,
                    map: Some(output.flow),
                    reduce: None,
                })
            }
            Phase::Reduce => {
                let part = |runs| Part { runs, pairs: &[] };
                let parts: Vec<_> = order.runs.iter().map(|runs| part(runs)).collect();
                let output = (compiled.reduce)(self.job, &parts, spill, &context)?;
                Ok(Product {
                    runs: vec![self.keep(&output.results)?],
                    map: None,
                    reduce: Some(output.flow),
                })
            }
        }
    }

    /// Writes results to disk, for the coordinator to read.
    fn keep(&self, results: &[(Q::Owned, O)]) -> Result<Runs> {
        let mut kept = vec![];
        let mut bytes = vec![];
        for (n, (key, result)) in results.iter().enumerate() {
            let key: &Q = std::borrow::Borrow::borrow(key);
            frame::append(&mut bytes, &(key, result))?;
            if bytes.len() >= PIECE || n + 1 == results.len() {
                kept.push(runs::append(&self.spill.file, &mut bytes)?);
                bytes.clear();
            }
        }
        Ok(kept)
    }
}

/// How a process crashes: at once; no handler can prevent it.
fn crash_process() -> ! {
    let _ = kill(Pid::this(), Signal::SIGKILL);
    std::process::abort()
}

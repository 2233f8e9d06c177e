//! Workers that are forked processes, seen from the coordinator.
//!
//! Not a [`Pool`](potok_process::Pool): its tasks are functions that capture nothing, while
//! a job's may capture anything and read any input. A forked worker has all of it, because
//! it is a copy. Processes, pipes and what goes through these are potok-process's.

use super::super::coordinator::{Attempt, TaskOutcome};
use super::super::options::Options;
use super::super::phase::{Workers, label};
use super::super::runs::Runs;
use super::message::{Answer, Order, Product};
use super::worker::WorkerEnd;
use crate::sys;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::{
    Activity, Lane, Mark, Recorder, Span, Trace, deliver_from_child,
};
use potok_process::{Child, End, Limits, pipe, wait_for_any};
use std::time::Duration;

/// The workers of one run. Dropping it ends them all.
pub(super) struct ProcessWorkers<'a> {
    /// The number of workers at a time.
    n: usize,
    options: &'a Options,
    recorder: Recorder,
    /// What a new process does.
    serve: &'a dyn Fn(WorkerEnd),
    /// The sorted runs that each task of this phase reads.
    pub(super) inputs: Vec<Vec<Runs>>,
    workers: Vec<Worker>,
    /// The process of every worker ever started, in the order of their numbers.
    pids: Vec<u32>,
}

struct Worker {
    number: usize,
    child: Child<()>,
    link: End<Order, Answer>,
    /// The attempt that it runs.
    running: Option<(usize, Attempt)>,
}

/// How long a process that was killed may take to end.
const END: Duration = Duration::from_secs(1);

impl<'a> ProcessWorkers<'a> {
    pub(super) fn new(
        n: usize,
        options: &'a Options,
        serve: &'a dyn Fn(WorkerEnd),
    ) -> Self {
        let (recorder, inputs) = (Recorder::new(), vec![]);
        let (workers, pids) = (vec![], vec![]);
        ProcessWorkers { n, options, recorder, serve, inputs, workers, pids }
    }

    fn start_worker(&mut self) -> Result<Worker> {
        let number = self.pids.len() + 1;
        let (link, theirs) = pipe()?;
        let recorder = self.recorder.clone();
        let place = WorkerEnd { worker: number, recorder, link: theirs };
        let limits = Limits::new().wall(self.options.timeout.saturating_add(2 * END));
        let child = sys::fork_worker(limits, || (self.serve)(place))?;
        self.pids.push(child.pid());
        Ok(Worker { number, child, link, running: None })
    }

    /// Ends a worker. Why it ended, if it did so by itself.
    fn end(&mut self, worker: Worker, attempt: Option<&Attempt>) -> Error {
        worker.child.kill();
        let pid = worker.child.pid();
        let error = match worker.child.join_timeout(END) {
            Ok(()) => Error::new(ErrorKind::Disconnected, words::worker_exited()),
            Err(error) => error,
        };
        // What it had recorded is lost; its last span is known on this side.
        if let Some(attempt) = attempt {
            self.recorder.join(last_span(pid, attempt, self.recorder.elapsed()));
        }
        error
    }

    /// Ends all workers. What was recorded, in the order of their numbers.
    pub(super) fn into_trace(self) -> Trace {
        let recorded = self.recorder.trace();
        let lane = |(n, pid): (usize, &u32)| {
            // With process and thread, so that what it recorded is joined to it.
            Lane { name: words::worker_number(n + 1), pid: *pid, tid: u64::from(*pid) }
        };
        let worked =
            |lane: &Lane| recorded.lanes.iter().any(|other| other.pid == lane.pid);
        let lanes = self.pids.iter().enumerate().map(lane).filter(worked).collect();
        let mut trace = Trace { lanes, ..Trace::default() };
        trace.join(recorded);
        trace
    }
}

impl Workers for ProcessWorkers<'_> {
    type Product = Product;

    fn elapsed(&self) -> Duration {
        self.recorder.elapsed()
    }

    fn idle(&mut self) -> Result<Option<usize>> {
        if let Some(worker) = self.workers.iter().find(|w| w.running.is_none()) {
            return Ok(Some(worker.number));
        }
        if self.workers.len() >= self.n {
            return Ok(None);
        }
        let worker = self.start_worker()?;
        self.workers.push(worker);
        Ok(Some(self.pids.len()))
    }

    fn start(&mut self, worker: usize, id: usize, attempt: &Attempt) {
        let Some(worker) = self.workers.iter_mut().find(|w| w.number == worker) else {
            return;
        };
        let order = Order {
            phase: attempt.phase,
            task: attempt.task,
            attempt: attempt.attempt,
            label: label(attempt),
            runs: self.inputs.get(attempt.task).cloned().unwrap_or_default(),
        };
        worker.running = Some((id, attempt.clone()));
        // A worker that cannot be reached is dead, which `wait` will find.
        let _ = worker.link.send(&order);
    }

    fn running(&self) -> Vec<usize> {
        self.workers.iter().filter_map(|w| Some(w.running.as_ref()?.0)).collect()
    }

    fn wait(&mut self, limit: Duration) -> Vec<(usize, Result<Product>)> {
        let all = self.workers.iter().map(|worker| (&worker.child, &worker.link));
        wait_for_any(all, limit);
        let mut ended = vec![];
        for mut worker in std::mem::take(&mut self.workers) {
            let within_limits = worker.child.pass_on();
            match worker.link.try_recv() {
                Ok(None) if within_limits => self.workers.push(worker),
                Ok(Some(Answer { result, traces })) => {
                    deliver_from_child(traces);
                    ended.extend(worker.running.take().map(|(id, _)| (id, result)));
                    self.workers.push(worker);
                }
                Ok(None) | Err(_) => {
                    let running = worker.running.take();
                    let error = self.end(worker, running.as_ref().map(|(_, a)| a));
                    ended.extend(running.map(|(id, _)| (id, Err(error))));
                }
            }
        }
        ended
    }

    fn give_up(&mut self, id: usize, attempt: &Attempt) {
        let of_it = |w: &Worker| w.running.as_ref().is_some_and(|r| r.0 == id);
        if let Some(at) = self.workers.iter().position(of_it) {
            let worker = self.workers.remove(at);
            self.end(worker, Some(attempt));
        }
    }
}

/// The span of an attempt whose process died before it could report it.
fn last_span(pid: u32, attempt: &Attempt, now: Duration) -> Trace {
    let end = attempt.end.unwrap_or(now);
    let lane = Lane { name: words::process(pid), pid, tid: u64::from(pid) };
    let span = Span {
        lane: 0,
        label: label(attempt).into(),
        activity: Activity::Running,
        start: attempt.start,
        end: Some(end),
        cpu_start: None,
        cpu_end: None,
        depth: 0,
        cpu_time: None,
    };
    let what = match attempt.outcome {
        TaskOutcome::Lost => words::given_up(),
        TaskOutcome::Superseded => words::not_needed(),
        _ => words::died(),
    };
    let mark = Mark { lane: 0, label: what.into(), at: end };
    Trace {
        lanes: vec![lane],
        spans: vec![span],
        marks: vec![mark],
        ..Trace::default()
    }
}

//! Stages, one after the other, with a queue between each two.
//!
//! ```
//! use potok::prelude::*;
//!
//! let stages = Pipeline::new(8).stage("grind", 1, ms(1)).stage("brew", 1, ms(3));
//! let run = stages.maxsize(2).run()?;
//! assert_eq!(run.finished.len(), 8);
//! assert!(run.queue_lengths.iter().all(|queue| queue.max() <= 2));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the slowest stage sets the pace, and values pile up before it. A bound
//! on the queue makes the fast stage wait instead, and the wait travels backwards to the
//! source: *backpressure*.

use super::{BlockingQueue, Store};
use crate::error::{Error, Result};
use crate::trace::{QueueLength, Recorder, Trace};
use crate::words;
use crate::workload::wait;
use potok_base::language::labels::shown;
use potok_base::language::noun::ITEM;
use potok_base::sync::{lock, unpoisoned};
use potok_chart::units::count;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

/// The longest run: a class does not wait longer for a cell.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// Items that go through stages, each with workers of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    items: usize,
    stages: Vec<Stage>,
    maxsize: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stage {
    name: String,
    workers: usize,
    time: Duration,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineRun {
    /// The items in the order in which they left the last stage.
    pub finished: Vec<usize>,
    /// A lane for each worker, stage by stage: its items, and when it waited.
    pub trace: Trace,
    /// The queue before each stage but the first, over time.
    pub queue_lengths: Vec<QueueLength>,
    /// The greatest lengths of the queues, added up: the items that the run needed memory
    /// for.
    pub most_waiting: usize,
}

impl Pipeline {
    /// `items` items, numbered from 0, and no stages yet.
    pub fn new(items: usize) -> Self {
        Pipeline { items, stages: vec![], maxsize: None }
    }

    /// Adds a stage in which each of `workers` threads needs `time` for an item.
    ///
    /// The first stage is the source: it takes the items as fast as it can.
    #[must_use]
    pub fn stage(
        mut self,
        name: impl Into<String>,
        workers: usize,
        time: Duration,
    ) -> Self {
        self.stages.push(Stage { name: name.into(), workers, time });
        self
    }

    /// Bounds each queue to `n` items, for backpressure. By default there is no bound.
    #[must_use]
    pub fn maxsize(self, n: usize) -> Self {
        Pipeline { maxsize: Some(n), ..self }
    }

    /// Sends all items through all stages.
    ///
    /// # Errors
    /// No stages, a stage without workers, a bound of zero; a run that could last longer
    /// than a minute.
    pub fn run(&self) -> Result<PipelineRun> {
        self.check()?;
        let recorder = Recorder::new();
        let queue = |_| BlockingQueue::with_store(Logged::new(&recorder), self.maxsize);
        let shared = Shared {
            next: AtomicUsize::new(0),
            items: self.items,
            queues: (1..self.stages.len()).map(queue).collect(),
            finished: Mutex::default(),
            recorder: &recorder,
        };
        thread::scope(|s| -> Result<()> {
            for (number, stage) in self.stages.iter().enumerate() {
                let working = std::sync::Arc::new(AtomicUsize::new(stage.workers));
                for name in stage.worker_names() {
                    let (shared, working) = (&shared, std::sync::Arc::clone(&working));
                    let started = thread::Builder::new().name(name).spawn_scoped(s, {
                        move || {
                            shared.work(number, stage);
                            // The last worker of a stage closes the queue after it.
                            if working.fetch_sub(1, SeqCst) == 1
                                && let Some(next) = shared.queues.get(number)
                            {
                                next.close();
                            }
                        }
                    });
                    if let Err(error) = started {
                        shared.queues.iter().for_each(BlockingQueue::close);
                        return Err(Error::io(words::starting_worker(), &error));
                    }
                }
            }
            Ok(())
        })?;
        let mut trace = recorder.trace();
        let names: Vec<_> = self.stages.iter().flat_map(Stage::worker_names).collect();
        trace.order_lanes(&names);
        let stages: Vec<_> =
            self.stages.iter().map(|stage| shown(&stage.name)).collect();
        let items = count(self.items, ITEM);
        trace.title = words::through(items, stages.join(", "));
        let stores = shared.queues.into_iter().map(BlockingQueue::into_store);
        let queue_lengths: Vec<QueueLength> = stores
            .zip(self.stages.iter().skip(1))
            .map(|(log, stage)| {
                let name = words::before(shown(&stage.name));
                QueueLength::new(name, log.came, log.went, trace.recorded)
            })
            .collect();
        Ok(PipelineRun {
            finished: unpoisoned(shared.finished.into_inner()),
            most_waiting: queue_lengths.iter().map(QueueLength::max).sum(),
            trace,
            queue_lengths,
        })
    }

    fn check(&self) -> Result<()> {
        if self.stages.is_empty() || self.stages.iter().any(|s| s.workers == 0) {
            return Err(Error::invalid(words::no_stage()));
        }
        if self.maxsize == Some(0) {
            return Err(Error::invalid(words::no_room()));
        }
        if self.stages.iter().map(|s| s.workers).sum::<usize>() > 256 {
            return Err(Error::invalid(words::too_many_workers()));
        }
        // The worst case: one worker does everything, one item after the other.
        let each: Option<Duration> = self
            .stages
            .iter()
            .try_fold(Duration::ZERO, |sum, s| sum.checked_add(s.time));
        let all = each
            .zip(u32::try_from(self.items).ok())
            .and_then(|(t, n)| t.checked_mul(n));
        match all {
            Some(all) if all <= LONGEST_RUN => Ok(()),
            _ => Err(Error::invalid(words::too_long_run())),
        }
    }
}

impl Stage {
    fn worker_names(&self) -> Vec<String> {
        match self.workers {
            1 => vec![self.name.clone()],
            n => (1..=n).map(|worker| format!("{} {worker}", self.name)).collect(),
        }
    }
}

/// What the workers share.
struct Shared<'a> {
    next: AtomicUsize,
    items: usize,
    queues: Vec<LoggedQueue<'a>>,
    finished: Mutex<Vec<usize>>,
    recorder: &'a Recorder,
}

impl Shared<'_> {
    fn work(&self, number: usize, stage: &Stage) {
        while let Some(item) = self.take(number) {
            self.recorder.span(format!("{item}"), || wait(stage.time));
            match self.queues.get(number) {
                Some(next) => {
                    if next.try_put(item).is_err()
                        && self.recorder.wait(words::full(), || next.put(item)).is_err()
                    {
                        return;
                    }
                }
                None => lock(&self.finished).push(item),
            }
        }
    }

    fn take(&self, number: usize) -> Option<usize> {
        let Some(before) = number.checked_sub(1) else {
            return Some(self.next.fetch_add(1, SeqCst))
                .filter(|&item| item < self.items);
        };
        let queue = &self.queues[before];
        queue
            .try_get()
            .or_else(|_| self.recorder.wait(words::empty(), || queue.get()))
            .ok()
    }
}

type LoggedQueue<'a> = BlockingQueue<usize, Logged<'a>>;

/// A first-in-first-out store that logs when values arrive and leave. It does so under the
/// queue's lock, so the log is in the right order.
struct Logged<'a> {
    values: VecDeque<usize>,
    clock: &'a Recorder,
    came: Vec<Duration>,
    went: Vec<Duration>,
}

impl<'a> Logged<'a> {
    fn new(clock: &'a Recorder) -> Self {
        Logged { values: VecDeque::new(), clock, came: vec![], went: vec![] }
    }
}

impl Store<usize> for Logged<'_> {
    fn push(&mut self, value: usize) {
        self.came.push(self.clock.elapsed());
        self.values.push_back(value);
    }
    fn pop(&mut self) -> Option<usize> {
        let value = self.values.pop_front()?;
        self.went.push(self.clock.elapsed());
        Some(value)
    }
    fn len(&self) -> usize {
        self.values.len()
    }
}

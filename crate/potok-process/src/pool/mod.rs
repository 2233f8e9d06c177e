//! A pool: workers that are started once and then given many tasks.
//!
//! ```
//! use potok::prelude::*;
//!
//! let pool = processes::Pool::new(2)?;
//! assert_eq!(pool.map(1..=5_u64, |n| n * n)?, [1, 4, 9, 16, 25]);
//! assert_eq!(pool.submit(|word: String| word.len(), "coffee".into())?.wait()?, 6);
//!
//! let results = pool.map_each([1_u64, 0, 2], |n| 10 / n);
//! assert_eq!(results[0], Ok(10));
//! assert_eq!(results[1].as_ref().unwrap_err().kind(), ErrorKind::Panicked);
//! assert_eq!(results[2], Ok(5));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a task that panics, or that takes its whole worker down, is an error
//! of that task alone; the pool starts another worker and goes on.
//!
//! A task is a function or a closure that captures nothing, as for `spawn`: it may have
//! been typed after the pool was started. Small tasks travel together.
//!
//! * `link`: one worker seen from here: what it was given, what came back, how it died.
//! * `workers`: all of them, and the waiting thread that serves them. Below it, `lifecycle`:
//!   how they are started, replaced and ended.
//! * `map`: many items through one function, with a bounded number under way.
//! * `task`: one function call as a handle.

mod link;
mod map;
mod task;
mod workers;

pub use map::{Late, Unordered};
pub use task::Task;

use super::Limits;
use super::code::Code;
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::trace::Recorder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use workers::Workers;

/// How workers come to be. The words are those of Python's `multiprocessing`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// As a copy of this process: at once, and knowing all that it knows.
    #[default]
    Fork,
    /// As a freshly executed program that knows nothing but what it is sent.
    Spawn,
}

/// Where a pool is with its tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items that wait for a worker.
    pub waiting: usize,
    /// Items that workers have.
    pub running: usize,
    /// Items that ended, well or badly, since the pool was started.
    pub done: usize,
    /// Workers that had to be replaced.
    pub replaced: usize,
}

/// Processes that wait for tasks. Dropping the pool ends them.
#[derive(Debug)]
pub struct Pool {
    workers: Arc<Workers>,
    retries: u32,
    recorder: Option<Recorder>,
    label: Option<String>,
}

impl Pool {
    /// A pool of `workers` forked processes. Each task has a minute.
    ///
    /// # Errors
    /// No workers; the system has no process left.
    pub fn new(workers: usize) -> Result<Self> {
        Pool::start(workers, Start::Fork)
    }

    /// A pool whose workers start as `start` says.
    ///
    /// # Errors
    /// Those of [`new`](Pool::new) and, with [`Start::Spawn`], of
    /// [`spawn`](super::spawn()).
    pub fn start(workers: usize, start: Start) -> Result<Self> {
        Pool::within(&Limits::new(), workers, start)
    }

    pub(super) fn within(
        limits: &Limits,
        workers: usize,
        start: Start,
    ) -> Result<Self> {
        if workers == 0 {
            return Err(Error::invalid(words::pool_of_none()));
        }
        let workers = Arc::new(Workers::start(workers, start, limits)?);
        Ok(Pool { workers, retries: 0, recorder: None, label: None })
    }

    /// Gives a task that took its worker down, or ran out of time, this many more tries.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Records each item as a span on the lane of the worker that works on it. `worker 3` of
    /// two came in the place of one that died.
    #[must_use]
    pub fn record(mut self, recorder: &Recorder) -> Self {
        self.recorder = Some(recorder.clone());
        self
    }

    /// Tells how far each map is: a bar in potok's own kernel, a line every second
    /// elsewhere. Maps of less than half a second say nothing.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let pool = processes::Pool::new(2)?.progress("squares");
    /// assert_eq!(pool.map(1..=3_u64, |n| n * n)?, [1, 4, 9]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    #[must_use]
    pub fn progress(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The processes of the pool.
    pub fn pids(&self) -> Vec<u32> {
        self.workers.pids()
    }

    /// How far the pool is with all it was given.
    pub fn status(&self) -> Progress {
        self.workers.status()
    }

    /// Runs `f` on every item; results in the order of the items.
    ///
    /// # Errors
    /// The first item, in their order, that went wrong.
    pub fn map<A, R, F>(
        &self,
        items: impl IntoIterator<Item = A>,
        f: F,
    ) -> Result<Vec<R>>
    where
        F: Fn(A) -> R + Copy + Sync + 'static,
        A: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
    {
        self.map_each(items, f).into_iter().collect()
    }

    /// [`map`](Pool::map) in which every item has a result or an error of its own.
    pub fn map_each<A, R, F>(
        &self,
        items: impl IntoIterator<Item = A>,
        f: F,
    ) -> Vec<Result<R>>
    where
        F: Fn(A) -> R + Copy + Sync + 'static,
        A: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
    {
        let mut ordered: Vec<Option<Result<R>>> = vec![];
        for (at, result) in self.map_unordered(items, f) {
            if ordered.len() <= at {
                ordered.resize_with(at + 1, || None);
            }
            ordered[at] = Some(result);
        }
        let lost = || Err(Error::unsupported(words::item_lost()));
        ordered.into_iter().map(|result| result.unwrap_or_else(lost)).collect()
    }

    /// Runs `f` on every item; results as they come, each with its item's number.
    ///
    /// Items are taken as workers need them: a million of them do not sit in memory, and
    /// an endless iterator is fine.
    pub fn map_unordered<I, A, R, F>(&self, items: I, f: F) -> Unordered<I::IntoIter, R>
    where
        I: IntoIterator<Item = A>,
        F: Fn(A) -> R + Copy + Sync + 'static,
        A: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
    {
        Unordered::new(self, Code::of_entry(f), items.into_iter())
    }

    /// Gives the pool one call to make, and returns at once.
    ///
    /// # Errors
    /// The argument cannot be turned into bytes.
    pub fn submit<A, R, F>(&self, f: F, args: A) -> Result<Task<R>>
    where
        F: Fn(A) -> R + Copy + Sync + 'static,
        A: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
    {
        Task::new(self, Code::of_entry(f)?, args)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.workers.shut_down();
    }
}

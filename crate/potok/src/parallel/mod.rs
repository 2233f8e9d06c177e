//! One plain loop, one changed line, several jobs. Python knows this as joblib.
//!
//! ```
//! use potok::prelude::*;
//! use potok::parallel::Parallel;
//!
//! let squares: Vec<u64> = (0..5).map(|n| n * n).collect();
//! assert_eq!(Parallel::new().jobs(4).map(0..5, |n| n * n)?, squares);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the answer is that of the plain loop, in its order, whatever the
//! number of jobs. So is the error: that of the first item that fails. The threads take
//! **batches** from the input as they become free, sized so that handing them out costs
//! little beside the work.
//!
//! | joblib | here |
//! |---|---|
//! | `Parallel(n_jobs=4)(delayed(f)(x) for x in items)` | `Parallel::new().jobs(4).map(items, f)` |
//! | `n_jobs=1` | `.jobs(1)`: no thread is started |
//! | `n_jobs=-1` | leave `.jobs` out: all cores |
//! | `backend="loky"` | [`.processes()`](Parallel::processes) |
//! | `return_as="generator_unordered"` | [`.as_completed(items, f)`](Parallel::as_completed) |
//! | `batch_size=8`, `"auto"` | `.batch(8)`, or leave it out |
//! | `timeout=5` | `.timeout(ms(5_000))` |
//! | `verbose=10` | `.progress("the loop")` |
//! | `Memory(dir).cache(f)` | [`Memory::at(dir)?.cache(name, version, f)`](Memory::cache) |
//!
//! # Loops within loops
//! Four jobs that start four jobs each are sixteen threads for a few cores:
//! *over-subscription*. A `Parallel` made within a job of another therefore starts from
//! the cores that are left for it; `.jobs(n)` says otherwise.
//!
//! # Why `.processes()` and not `.backend(…)`
//! Threads may borrow and return anything. What goes to a process and back has to become
//! bytes, and its function may not capture variables. With one type for both, loops on
//! threads would have to keep to that too. So the change of the backend is a change of
//! the type, and the compiler says what is missing.
//!
//! * `feed`: the shared input, cut into batches whose size is found while running.
//! * `threads`: the jobs as threads.
//! * `in_order`: results put in the order of their items.
//! * `processes`: the jobs as processes.
//! * `nested`: which loop a thread works for.
//! * `completed`: results as they come.
//! * `memory`: results kept on disk.

mod completed;
mod feed;
mod in_order;
#[cfg(test)]
mod laws;
#[cfg(all(test, target_os = "linux"))]
mod laws_processes;
mod memory;
mod nested;
#[cfg(target_os = "linux")]
mod processes;
mod threads;

pub use completed::Completed;
pub use memory::{Cached, Memory};
#[cfg(target_os = "linux")]
pub use processes::Processes;

use crate::error::{Error, Result};
use crate::measure::Machine;
use crate::trace::Recorder;
use potok_base::progress::ProgressBar;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// How a loop is to be run: jobs, batches, time. A plain value; `map` runs it.
#[derive(Clone, Debug)]
pub struct Parallel {
    jobs: usize,
    batch: Option<usize>,
    timeout: Option<Duration>,
    recorder: Option<Recorder>,
    progress: Option<String>,
}

impl Parallel {
    /// As many jobs as this process has cores, automatic batches, no time limit.
    ///
    /// Within a job of another loop: as many as there are cores for each of its jobs.
    pub fn new() -> Self {
        let jobs = (Machine::here().cores / nested::outer_jobs()).max(1);
        Parallel { jobs, batch: None, timeout: None, recorder: None, progress: None }
    }

    /// How many jobs there will be.
    pub fn n_jobs(&self) -> usize {
        self.jobs
    }

    /// Runs `n` jobs at a time. With 1 no thread is started, which is best for debugging.
    #[must_use]
    pub fn jobs(self, n: usize) -> Self {
        Parallel { jobs: n, ..self }
    }

    /// Hands out `n` items at a time. Without it the size is chosen while running, so that
    /// a batch takes about half a millisecond.
    #[must_use]
    pub fn batch(self, n: usize) -> Self {
        Parallel { batch: Some(n), ..self }
    }

    /// Gives the whole loop at most `limit`.
    ///
    /// Threads look at the clock between two items: an item that has begun is finished.
    /// Processes are killed.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Parallel { timeout: Some(limit), ..self }
    }

    /// Records each batch as a span on the lane of its worker.
    #[must_use]
    pub fn record(self, recorder: &Recorder) -> Self {
        Parallel { recorder: Some(recorder.clone()), ..self }
    }

    /// Tells how far the loop is: a bar in potok's own kernel, a line every second
    /// elsewhere. Loops of less than half a second say nothing.
    #[must_use]
    pub fn progress(self, label: impl Into<String>) -> Self {
        Parallel { progress: Some(label.into()), ..self }
    }

    /// What shows the progress of a loop over so many items.
    fn bar(&self, items: Option<usize>) -> Option<ProgressBar> {
        let label = self.progress.as_ref()?;
        Some(ProgressBar::new(label, items.unwrap_or(0)).in_lines())
    }

    /// Runs `f` on every item and returns the results in the order of the items.
    ///
    /// The input is read as workers need it, so it may be long. `f` may borrow.
    ///
    /// # Errors
    /// A panic in `f`: that of the first item that panics, with its number. Zero jobs,
    /// batches of zero; not done within the time limit.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// use potok::parallel::Parallel;
    /// let words = ["deer", "bear", "river"];
    /// assert_eq!(Parallel::new().map(&words, |word| word.len())?, [4, 4, 5]);
    ///
    /// let error = Parallel::new().jobs(2).map([4, 2, 0], |n| 8 / n).unwrap_err();
    /// assert!(error.to_string().starts_with("item 2 panicked: "));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn map<I, R>(&self, items: I, f: impl Fn(I::Item) -> R + Sync) -> Result<Vec<R>>
    where
        I: IntoIterator<IntoIter: Send, Item: Send>,
        R: Send,
    {
        threads::run(self, items.into_iter(), |item| Ok::<R, Error>(f(item)))
    }

    /// Like [`map`](Parallel::map) for an `f` that can fail: stops at the first failure.
    ///
    /// # Errors
    /// As for `map`, and the first error of `f`, with the number of the item.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let parse = |text: &str| text.parse::<u32>();
    /// assert_eq!(Parallel::new().try_map(["1", "2"], parse)?, [1, 2]);
    /// let error = Parallel::new().try_map(["1", "x", "y"], parse).unwrap_err();
    /// assert_eq!(error.to_string(), "item 1: invalid digit found in string");
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn try_map<I, R, E>(
        &self,
        items: I,
        f: impl Fn(I::Item) -> std::result::Result<R, E> + Sync,
    ) -> Result<Vec<R>>
    where
        I: IntoIterator<IntoIter: Send, Item: Send>,
        R: Send,
        E: Display,
    {
        threads::run(self, items.into_iter(), f)
    }

    /// Like [`map`](Parallel::map), but goes on after a panic: a result for every item.
    ///
    /// # Errors
    /// Zero jobs, batches of zero; not done within the time limit.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let results = Parallel::new().jobs(2).map_all([4, 0, 2], |n| 8 / n)?;
    /// assert_eq!((results[0].clone()?, results[2].clone()?), (2, 4));
    /// assert!(results[1].is_err());
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn map_all<I, R>(
        &self,
        items: I,
        f: impl Fn(I::Item) -> R + Sync,
    ) -> Result<Vec<Result<R>>>
    where
        I: IntoIterator<IntoIter: Send, Item: Send>,
        R: Send,
    {
        let caught = |(number, item)| -> Result<Result<R>> {
            let result = catch_unwind(AssertUnwindSafe(|| f(item)));
            Ok(result.map_err(|p| Error::panicked(format!("item {number}"), &*p)))
        };
        threads::run(self, items.into_iter().enumerate(), caught)
    }

    /// Runs `f` on every item in the background and yields `(number of the item, result)`
    /// as they are done.
    ///
    /// Dropping the iterator half-way stops the rest. It needs items and an `f` that do
    /// not borrow, since they may outlive the caller.
    ///
    /// # Errors
    /// Zero jobs, batches of zero.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let mut done: Vec<(usize, u64)> = vec![];
    /// for (number, result) in Parallel::new().jobs(2).as_completed(0..5, |n| n * n)? {
    ///     done.push((number, result?));
    /// }
    /// done.sort();
    /// assert_eq!(done, [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16)]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn as_completed<I, R>(
        &self,
        items: I,
        f: impl Fn(I::Item) -> R + Send + Sync + 'static,
    ) -> Result<Completed<R>>
    where
        I: IntoIterator<IntoIter: Send + 'static, Item: Send + 'static>,
        R: Send + 'static,
    {
        self.check()?;
        completed::start(self, items.into_iter(), f)
    }

    /// The same jobs as processes: apart from each other, should one crash.
    #[cfg(target_os = "linux")]
    pub fn processes(self) -> Processes {
        Processes { parallel: self }
    }

    fn check(&self) -> Result<()> {
        if self.jobs == 0 {
            return Err(Error::invalid("zero jobs do nothing; start from `.jobs(1)`"));
        }
        if self.jobs > 1_024 {
            return Err(Error::invalid(
                "more than 1024 jobs; use about one for each core",
            ));
        }
        if self.batch == Some(0) {
            return Err(Error::invalid(
                "batches of zero items; start from `.batch(1)`",
            ));
        }
        Ok(())
    }
}

impl Default for Parallel {
    fn default() -> Self {
        Parallel::new()
    }
}

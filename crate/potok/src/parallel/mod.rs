//! joblib: one plain loop, one changed line, several jobs.
//!
//! The slide's `Parallel(n_jobs=4)(delayed(f)(x) for x in items)` is, here:
//!
//! ```
//! use potok::prelude::*;
//!
//! let squares: Vec<u64> = (0..5).map(|n| n * n).collect();
//! assert_eq!(Parallel::new().jobs(4).map(0..5, |n| n * n)?, squares);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the answer is that of the plain loop, in the order of the items,
//! whatever the number of jobs. So is the error: that of the first item that fails.
//!
//! # Why the obvious thing fails
//! A thread for each item, and all push into one vector:
//!
//! ```compile_fail,E0499
//! let mut squares = vec![];
//! std::thread::scope(|s| {
//!     for n in 0..5 {
//!         s.spawn(|| squares.push(n * n));
//!     }
//! });
//! ```
//!
//! "Cannot borrow `squares` as mutable more than once at a time": two threads would write
//! to it at once. A `Mutex` around the vector compiles, but then the results stand in the
//! order in which the threads finished, and a thread (10 µs and more) costs a thousand
//! times what `n * n` does.
//!
//! # How it works
//! A few threads take **batches** of items from the input as they become free. A batch is
//! sized so that it takes about half a millisecond: taking one costs little beside the
//! work, and near the end batches get smaller, so that all workers finish together. Each
//! result goes to the place of its item.
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
//! | `Memory(dir).cache(f)` | `Memory::at(dir)?.cache(name, version, f)` |
//!
//! ## Loops within loops
//! Four jobs that start four jobs each are sixteen threads for a few cores:
//! *oversubscription*. A `Parallel` made within a job of another therefore starts from the
//! cores that are left for it; `.jobs(n)` overrides that.
//!
//! ## Why `.processes()` and not `.backend(…)`
//! Threads may borrow and return anything. What is sent to a process and back has to become
//! bytes, and its function may not capture variables. One type for both would put these
//! limits on loops on threads too. So another backend is another type, and the compiler
//! says what is missing.
//!
//! # The files, in reading order
//! * `threads`: the jobs as threads. `feed`: the input, cut into batches. `in_order`: the
//!   results, put in the order of their items.
//! * `completed`: results as they are completed.
//! * `processes`: the jobs as processes.
//! * `nested`: how many jobs surround a loop.
//!
//! # Read on
//! joblib's documentation, "Embarrassingly parallel for loops"; rayon's `par_iter`, which
//! steals work instead of sharing out batches.

mod completed;
mod feed;
mod in_order;
mod nested;
#[cfg(target_os = "linux")]
mod processes;
mod threads;

pub use completed::Completed;
#[cfg(target_os = "linux")]
pub use processes::ParallelProcesses;

use crate::error::{Error, Result};
use crate::measure::Machine;
use crate::trace::Recorder;
use crate::words;
use potok_base::progress::ProgressBar;
use std::fmt::Display;
use std::time::Duration;

/// How to run a loop: jobs, batches, time limit. A plain value; `map` runs it.
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
    /// Within a job of another loop: its share of the cores.
    pub fn new() -> Self {
        let jobs = (Machine::here().cores / nested::outer_jobs()).max(1);
        Parallel { jobs, batch: None, timeout: None, recorder: None, progress: None }
    }

    /// The number of jobs.
    pub fn n_jobs(&self) -> usize {
        self.jobs
    }

    /// Runs `n` jobs at a time. With 1 no thread is started, which is best for debugging.
    #[must_use]
    pub fn jobs(self, n: usize) -> Self {
        Parallel { jobs: n, ..self }
    }

    /// Hands out `n` items at a time. By default the size is adapted while running, so that
    /// a batch takes about half a millisecond.
    #[must_use]
    pub fn batch(self, n: usize) -> Self {
        Parallel { batch: Some(n), ..self }
    }

    /// Limits the time of the whole loop.
    ///
    /// Threads check the clock between items: an item that has begun is finished. Processes
    /// are killed.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Parallel { timeout: Some(limit), ..self }
    }

    /// Records each batch as a span on the lane of its worker.
    #[must_use]
    pub fn record(self, recorder: &Recorder) -> Self {
        Parallel { recorder: Some(recorder.clone()), ..self }
    }

    /// Shows how far the loop is: a bar in potok's own kernel, a line every second
    /// elsewhere. Loops shorter than half a second show nothing.
    #[must_use]
    pub fn progress(self, label: impl Into<String>) -> Self {
        Parallel { progress: Some(label.into()), ..self }
    }

    /// The progress bar of a loop over this many items, if one is wanted.
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
    /// batches of zero; not finished within the time limit.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
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

    /// Runs `f` on every item in the background and yields `(number of the item, result)`
    /// as they are completed.
    ///
    /// A panic in an item is an error that names it; the others still follow. Dropping the
    /// iterator half-way stops the rest. Items and `f` may not borrow, since they may
    /// outlive the caller.
    ///
    /// # Errors
    /// Zero jobs, batches of zero.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let done = Parallel::new().jobs(2).as_completed(0..5, |n| n * n)?;
    /// let mut done = done.collect::<Result<Vec<(usize, u64)>, _>>()?;
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

    /// The same loop with processes as jobs, of which one may crash without harm to the rest.
    #[cfg(target_os = "linux")]
    pub fn processes(self) -> ParallelProcesses {
        ParallelProcesses { parallel: self }
    }

    fn check(&self) -> Result<()> {
        if self.jobs == 0 {
            return Err(Error::invalid(words::no_jobs()));
        }
        if self.jobs > 1_024 {
            return Err(Error::invalid(words::too_many_jobs()));
        }
        if self.batch == Some(0) {
            return Err(Error::invalid(words::no_batch()));
        }
        Ok(())
    }
}

impl Default for Parallel {
    fn default() -> Self {
        Parallel::new()
    }
}

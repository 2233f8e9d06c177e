//! The jobs as forked processes: each has a copy of everything, only results are sent.

use super::Parallel;
use crate::error::{Error, Result};
use crate::processes::{Child, fork};
use serde::{Serialize, de::DeserializeOwned};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Without a limit of its own a loop may take this long.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Jobs that are processes. Made by [`Parallel::processes`].
///
/// The input is copied with the rest of the memory when the process forks, so it costs
/// nothing to send. What comes back is sent as bytes: the result's type says so.
#[derive(Clone, Debug)]
pub struct Processes {
    pub(super) parallel: Parallel,
}

impl Processes {
    /// Runs `f` on every item and returns the results in the order of the items.
    ///
    /// Job *k* of *n* gets every *n*-th item, from the *k*-th on.
    ///
    /// # Errors
    /// A panic in `f`, with the number of the item; a process that crashed, with what
    /// ended it; zero jobs; not done within the time limit. The other jobs are then ended.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let squares = Parallel::new().jobs(2).processes().map(0..5, |n: u64| n * n)?;
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn map<I, R>(&self, items: I, f: impl Fn(I::Item) -> R) -> Result<Vec<R>>
    where
        I: IntoIterator,
        R: Serialize + DeserializeOwned,
    {
        self.parallel.check()?;
        let jobs = self.parallel.jobs;
        let limit = self.parallel.timeout.unwrap_or(PATIENCE);
        let end = Instant::now() + limit.min(PATIENCE);
        let mut items: Vec<Option<I::Item>> = items.into_iter().map(Some).collect();
        let total = items.len();
        let jobs = jobs.min(total.max(1));
        let mut children: Vec<Child<Share<R>>> = vec![];
        for job in 0..jobs {
            // Only the child runs this closure; here the items stay whole for the next.
            let child = fork(|| share(items.iter_mut().skip(job).step_by(jobs), &f))?;
            children.push(child);
        }
        let mut shares = vec![];
        for (job, child) in children.into_iter().enumerate() {
            let left = end.saturating_duration_since(Instant::now());
            let share = child.join_timeout(left).map_err(|e| {
                e.context(format!(
                    "job {} of {jobs} (items {job}, {} …)",
                    job + 1,
                    job + jobs
                ))
            })?;
            shares.push(share);
        }
        let first = shares.iter().enumerate().filter_map(|(job, share)| {
            let (place, error) = share.1.clone()?;
            Some((job + place * jobs, error))
        });
        if let Some((number, error)) = first.min_by_key(|&(number, _)| number) {
            return Err(error.context(format!("item {number}")));
        }
        let mut shares: Vec<_> =
            shares.into_iter().map(|(r, _)| r.into_iter()).collect();
        Ok((0..total).filter_map(|number| shares[number % jobs].next()).collect())
    }
}

/// The results of one job, and the place and error of the item it failed at.
type Share<R> = (Vec<R>, Option<(usize, Error)>);

fn share<'a, T: 'a, R>(
    items: impl Iterator<Item = &'a mut Option<T>>,
    f: impl Fn(T) -> R,
) -> Share<R> {
    let mut results = vec![];
    for (place, item) in items.filter_map(Option::take).enumerate() {
        match catch_unwind(AssertUnwindSafe(|| f(item))) {
            Ok(result) => results.push(result),
            Err(panic) => {
                return (
                    results,
                    Some((place, Error::panicked("the function", &*panic))),
                );
            }
        }
    }
    (results, None)
}

//! The jobs as processes: apart from each other, and from this one when they crash.

use super::Parallel;
use super::nested::{enter, outer_jobs};
use crate::error::{Error, ErrorKind, Result};
use crate::processes::{Late, Limits, Start};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::Cell;
use std::fmt::Display;
use std::iter::from_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Without a limit of its own a loop may take this long.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Jobs that are processes. Made by [`Parallel::processes`].
///
/// Items and results travel as bytes: their types say so. A function travels as its
/// place in the program, so a closure may not capture anything.
///
/// ```compile_fail,E0277
/// # use potok::parallel::Parallel;
/// let processes = Parallel::new().jobs(2).processes();
/// let threads = processes.map(0..3, |_n: u64| std::thread::current());
/// ```
#[derive(Clone, Debug)]
pub struct Processes {
    pub(super) parallel: Parallel,
}

impl Processes {
    /// Runs `f` on every item and returns the results in the order of the items.
    ///
    /// Workers are forked for this loop and get items in batches as they become free; the
    /// input is read as they need it.
    ///
    /// # Errors
    /// That of the first item that goes wrong, with its number: a panic in `f`, the end of
    /// its process, a result that cannot be sent. Zero jobs, batches of zero; not done
    /// within the time limit. What still runs is then ended.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let processes = Parallel::new().jobs(2).processes();
    /// assert_eq!(processes.map(0..5, |n: u64| n * n)?, [0, 1, 4, 9, 16]);
    ///
    /// let crash = |n: u64| if n == 3 { std::process::abort() } else { n };
    /// let error = processes.map(0..6, crash).unwrap_err();
    /// assert!(error.to_string().starts_with("item 3: "), "{error}");
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn map<I, R, F>(&self, items: I, f: F) -> Result<Vec<R>>
    where
        I: IntoIterator<Item: Serialize + DeserializeOwned>,
        F: Fn(I::Item) -> R + Copy + Sync + 'static,
        R: Serialize + DeserializeOwned,
    {
        self.collect(items.into_iter(), f, Ok)
    }

    /// Like [`map`](Processes::map) for an `f` that can fail: stops at the first failure.
    ///
    /// # Errors
    /// As for `map`, and the first error of `f`, with the number of the item.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let processes = Parallel::new().jobs(2).processes();
    /// let parse = |text: String| text.parse::<u32>();
    /// let error = processes.try_map(["1", "x"].map(String::from), parse).unwrap_err();
    /// assert_eq!(error.to_string(), "item 1: invalid digit found in string");
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn try_map<I, R, E, F>(&self, items: I, f: F) -> Result<Vec<R>>
    where
        I: IntoIterator<Item: Serialize + DeserializeOwned>,
        F: Fn(I::Item) -> std::result::Result<R, E> + Copy + Sync + 'static,
        R: Serialize + DeserializeOwned,
        E: Display,
    {
        let f = move |item| f(item).map_err(|error| error.to_string());
        let failed = |message| Error::new(ErrorKind::InvalidInput, message);
        self.collect(items.into_iter(), f, move |result| result.map_err(failed))
    }

    /// Like [`map`](Processes::map), but goes on after a failure: a result for every item.
    ///
    /// # Errors
    /// Zero jobs, batches of zero; not done within the time limit.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let crash = |n: u64| if n == 1 { std::process::abort() } else { n };
    /// let results = Parallel::new().jobs(2).processes().map_all(0..3, crash)?;
    /// assert!(results[0].is_ok() && results[1].is_err() && results[2].is_ok());
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn map_all<I, R, F>(&self, items: I, f: F) -> Result<Vec<Result<R>>>
    where
        I: IntoIterator<Item: Serialize + DeserializeOwned>,
        F: Fn(I::Item) -> R + Copy + Sync + 'static,
        R: Serialize + DeserializeOwned,
    {
        let items = items.into_iter();
        let bar = self.parallel.bar(items.size_hint().1);
        let mut ordered = vec![];
        for (number, result) in self.as_completed(items, f)? {
            if number == usize::MAX {
                return result.map(|_| vec![]);
            }
            put(&mut ordered, number, result);
            bar.iter().for_each(|bar| bar.steps(1));
        }
        Ok(ordered.into_iter().flatten().collect())
    }

    /// Runs `f` on every item and yields `(number of the item, result)` as they are done.
    /// Dropping the iterator ends the processes.
    ///
    /// When the time limit has passed, the last element is that error, with `usize::MAX`
    /// in the place of a number.
    ///
    /// # Errors
    /// Zero jobs, batches of zero; the system has no process left.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let processes = Parallel::new().jobs(2).processes();
    /// let mut done: Vec<(usize, u64)> = vec![];
    /// for (number, result) in processes.as_completed(0..3, |n: u64| n * n)? {
    ///     done.push((number, result?));
    /// }
    /// done.sort();
    /// assert_eq!(done, [(0, 0), (1, 1), (2, 4)]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn as_completed<I, R, F>(
        &self,
        items: I,
        f: F,
    ) -> Result<impl Iterator<Item = (usize, Result<R>)> + use<I, R, F>>
    where
        I: IntoIterator<Item: Serialize + DeserializeOwned>,
        F: Fn(I::Item) -> R + Copy + Sync + 'static,
        R: Serialize + DeserializeOwned,
    {
        self.parallel.check()?;
        let limit = self.parallel.timeout.unwrap_or(PATIENCE).min(PATIENCE);
        let end = Instant::now() + limit;
        let mut pool =
            Limits::new().wall(PATIENCE).pool(self.parallel.jobs, Start::Fork)?;
        if let Some(recorder) = &self.parallel.recorder {
            pool = pool.record(recorder);
        }
        // With each item goes which loop it belongs to, for a loop within it to know.
        let inside = (outer_jobs(), self.parallel.jobs);
        let items = items.into_iter().map(move |item| (inside, item));
        let call = move |((outer, jobs), item): ((usize, usize), I::Item)| {
            let _inside = enter(outer, jobs);
            f(item)
        };
        let results = pool.map_unordered(items, call).batches(self.parallel.batch);
        let mut running = Some((results, pool));
        Ok(from_fn(move || {
            let (results, _) = running.as_mut()?;
            let next =
                if Instant::now() < end { results.next_by(end) } else { Err(Late) };
            let Ok(next) = next else {
                running = None;
                return Some((usize::MAX, Err(Error::timed_out("the loop", limit))));
            };
            if next.is_none() {
                running = None;
            }
            let (number, result) = next?;
            Some((
                number,
                result.map_err(|error| error.context(format!("item {number}"))),
            ))
        }))
    }

    /// The results in order, or the error of the first item that fails.
    fn collect<I, Q, R, F>(
        &self,
        mut items: I,
        f: F,
        read: impl Fn(Q) -> Result<R>,
    ) -> Result<Vec<R>>
    where
        I: Iterator<Item: Serialize + DeserializeOwned>,
        F: Fn(I::Item) -> Q + Copy + Sync + 'static,
        Q: Serialize + DeserializeOwned,
    {
        let bar = self.parallel.bar(items.size_hint().1);
        let (stop, panicked) = (Cell::new(false), Cell::new(None));
        let input = from_fn(|| {
            let next = || if stop.get() { None } else { items.next() };
            catch_unwind(AssertUnwindSafe(next)).unwrap_or_else(|panic| {
                panicked.set(Some(Error::panicked("the input", &*panic)));
                stop.set(true);
                None
            })
        });
        let (mut ordered, mut whole) = (vec![], 0);
        let mut failed: Option<(usize, Error)> = None;
        for (number, result) in self.as_completed(input, f)? {
            let named = |error: Error| error.context(format!("item {number}"));
            match result.and_then(|result| read(result).map_err(named)) {
                Ok(result) => put(&mut ordered, number, result),
                Err(error) => {
                    stop.set(true);
                    if failed.as_ref().is_none_or(|&(first, _)| number < first) {
                        failed = Some((number, error));
                    }
                }
            }
            bar.iter().for_each(|bar| bar.steps(1));
            // Those before the failure still end, as one of them may fail too.
            while ordered.get(whole).is_some_and(Option::is_some) {
                whole += 1;
            }
            if failed
                .as_ref()
                .is_some_and(|&(first, _)| first <= whole || first == usize::MAX)
            {
                break;
            }
        }
        match panicked.take().or(failed.map(|(_, error)| error)) {
            Some(error) => Err(error),
            None => Ok(ordered.into_iter().flatten().collect()),
        }
    }
}

/// Puts a result into its place.
fn put<T>(ordered: &mut Vec<Option<T>>, number: usize, result: T) {
    if ordered.len() <= number {
        ordered.resize_with(number + 1, || None);
    }
    ordered[number] = Some(result);
}

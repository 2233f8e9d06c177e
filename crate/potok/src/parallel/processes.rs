//! The jobs as processes: a crash of one harms neither the others nor this process.

use super::Parallel;
use super::nested::{enter, outer_jobs};
use crate::error::{Error, ErrorKind, Result};
use crate::processes::{Late, Limits, Start};
use crate::words;
use potok_base::panic_hook::caught;
use serde::{Serialize, de::DeserializeOwned};
use std::cell::Cell;
use std::fmt::Display;
use std::iter::from_fn;
use std::time::{Duration, Instant};

/// The time limit of a loop without a limit of its own.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Jobs that are processes. Made by [`Parallel::processes`].
///
/// Items and results are sent as bytes, which their types have to allow. A function is sent
/// as its address in the program, so a closure may not capture anything.
///
/// ```compile_fail,E0277
/// # use potok::parallel::Parallel;
/// let processes = Parallel::new().jobs(2).processes();
/// let threads = processes.map(0..3, |_n: u64| std::thread::current());
/// ```
#[derive(Clone, Debug)]
pub struct ParallelProcesses {
    pub(super) parallel: Parallel,
}

impl ParallelProcesses {
    /// Runs `f` on every item and returns the results in the order of the items.
    ///
    /// Workers are forked for this loop and get items in batches as they become free; the
    /// input is read as they need it.
    ///
    /// # Errors
    /// That of the first item that fails, with its number: a panic in `f`, the end of its
    /// process, a result that cannot be sent. Zero jobs, batches of zero; not finished
    /// within the time limit. What still runs is ended.
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

    /// Like [`map`](ParallelProcesses::map) for an `f` that can fail: stops at the first failure.
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

    /// Runs `f` on every item and yields `(number of the item, result)` as they are
    /// completed. Dropping the iterator ends the processes.
    ///
    /// The failure of an item is an error that names it; the others still follow. When the
    /// time limit has passed, that error is the last element.
    ///
    /// # Errors
    /// Zero jobs, batches of zero; the system refuses a process.
    ///
    /// # Examples
    /// ```
    /// use potok::parallel::Parallel;
    /// let processes = Parallel::new().jobs(2).processes();
    /// let done = processes.as_completed(0..3, |n: u64| n * n)?;
    /// let mut done = done.collect::<Result<Vec<(usize, u64)>, _>>()?;
    /// done.sort();
    /// assert_eq!(done, [(0, 0), (1, 1), (2, 4)]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn as_completed<I, R, F>(
        &self,
        items: I,
        f: F,
    ) -> Result<impl Iterator<Item = Result<(usize, R)>> + use<I, R, F>>
    where
        I: IntoIterator<Item: Serialize + DeserializeOwned>,
        F: Fn(I::Item) -> R + Copy + Sync + 'static,
        R: Serialize + DeserializeOwned,
    {
        let done = self.start(items.into_iter(), f)?;
        Ok(done.map(|done| match done {
            Done::Item(number, result) => result.map(|result| (number, result)),
            Done::Late(error) => Err(error),
        }))
    }

    /// Forks the workers; the results as they come.
    fn start<I, R, F>(
        &self,
        items: I,
        f: F,
    ) -> Result<impl Iterator<Item = Done<R>> + use<I, R, F>>
    where
        I: Iterator<Item: Serialize + DeserializeOwned>,
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
        // Each item carries the number of jobs around it, for a loop within it.
        let inside = (outer_jobs(), self.parallel.jobs);
        let items = items.map(move |item| (inside, item));
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
                return Some(Done::Late(Error::timed_out(words::the_loop(), limit)));
            };
            if next.is_none() {
                running = None;
            }
            let (number, result) = next?;
            let named = |error: Error| error.context(words::item(number));
            Some(Done::Item(number, result.map_err(named)))
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
            caught(next).unwrap_or_else(|panic| {
                panicked.set(Some(Error::panicked(words::the_input(), &*panic)));
                stop.set(true);
                None
            })
        });
        let (mut ordered, mut whole) = (vec![], 0);
        let mut failed: Option<(usize, Error)> = None;
        for done in self.start(input, f)? {
            let (number, result) = match done {
                Done::Item(number, result) => (number, result),
                Done::Late(error) => return Err(error),
            };
            let named = |error: Error| error.context(words::item(number));
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
            // Wait for the items before the failure, as one of them may fail too.
            while ordered.get(whole).is_some_and(Option::is_some) {
                whole += 1;
            }
            if failed.as_ref().is_some_and(|&(first, _)| first <= whole) {
                break;
            }
        }
        match panicked.take().or(failed.map(|(_, error)| error)) {
            Some(error) => Err(error),
            None => Ok(ordered.into_iter().flatten().collect()),
        }
    }
}

/// What comes from a running loop.
enum Done<R> {
    /// The number of an item, and its result.
    Item(usize, Result<R>),
    /// The time limit has passed.
    Late(Error),
}

/// Puts a result into its place.
fn put<T>(ordered: &mut Vec<Option<T>>, number: usize, result: T) {
    if ordered.len() <= number {
        ordered.resize_with(number + 1, || None);
    }
    ordered[number] = Some(result);
}

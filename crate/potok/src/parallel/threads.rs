//! The jobs as threads: the calling thread, and others beside it.

use super::Parallel;
use super::feed::Feed;
use super::in_order::InOrder;
use crate::error::{Error, Result};
use crate::trace::LaneRecorder;
use crate::words;
use potok_base::panic_hook::caught;
use potok_base::progress::ProgressBar;
use potok_base::sync::{lock, unpoisoned};
use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

pub(super) fn run<I, R, E>(
    parallel: &Parallel,
    items: I,
    f: impl Fn(I::Item) -> std::result::Result<R, E> + Sync,
) -> Result<Vec<R>>
where
    I: Iterator<Item: Send> + Send,
    R: Send,
    E: Display,
{
    parallel.check()?;
    let outer = super::nested::outer_jobs();
    let bar = parallel.bar(items.size_hint().1);
    let lanes: Vec<Option<LaneRecorder>> = (1..=parallel.jobs)
        .map(|n| Some(parallel.recorder.as_ref()?.lane(words::worker(n))))
        .collect();
    let work = Work {
        feed: Feed::new(items, parallel.jobs, parallel.batch),
        f,
        // No item has failed yet.
        stop_after: AtomicUsize::new(usize::MAX),
        failure: Mutex::new(None),
        deadline: parallel.timeout.and_then(|limit| Instant::now().checked_add(limit)),
        parallel,
        bar,
        outer,
    };
    let results = InOrder::new();
    thread::scope(|s| {
        let (work, results, mut lanes) = (&work, &results, lanes.into_iter());
        let mine = lanes.next().flatten();
        for lane in lanes {
            // A worker catches the panics of `f` and has none of its own.
            let worker = move || work.work(lane.as_ref(), results);
            // If the system refuses a thread, the others do the work.
            if thread::Builder::new().spawn_scoped(s, worker).is_err() {
                break;
            }
        }
        work.work(mine.as_ref(), results);
    });
    match unpoisoned(work.failure.into_inner()) {
        Some((_, error)) => Err(error),
        None => Ok(results.into_results()),
    }
}

/// What all workers of one `map` share.
struct Work<'a, I: Iterator, F> {
    feed: Feed<I>,
    f: F,
    /// The first item known to fail. Those before it still run, so that the failure that is
    /// reported is the one that a plain loop would have met.
    stop_after: AtomicUsize,
    failure: Mutex<Option<(usize, Error)>>,
    deadline: Option<Instant>,
    parallel: &'a Parallel,
    bar: Option<ProgressBar>,
    /// How many jobs of an outer loop share the cores with the caller.
    outer: usize,
}

impl<I: Iterator, F> Work<'_, I, F> {
    /// Takes batches until none are left.
    fn work<R, E: Display>(&self, lane: Option<&LaneRecorder>, done: &InOrder<R>)
    where
        F: Fn(I::Item) -> std::result::Result<R, E>,
    {
        let _inside = super::nested::enter(self.outer, self.parallel.jobs);
        loop {
            let (first, items) = match self.feed.take() {
                Ok(Some(batch)) => batch,
                Ok(None) => return,
                Err(error) => return self.fail(0, error),
            };
            if first > self.stop_after.load(Relaxed) {
                return;
            }
            let n = items.len();
            let _span = lane.map(|lane| {
                let last = first + n - 1;
                let one = words::item(first);
                lane.enter(if n == 1 { one } else { words::items(first, last) })
            });
            let start = Instant::now();
            let mut results = Vec::with_capacity(n);
            let outcome = caught(|| self.batch(first, items, &mut results));
            let at = first + results.len();
            match outcome {
                Ok(Ok(())) => {
                    self.feed.took(n, start.elapsed());
                    self.bar.iter().for_each(|bar| bar.steps(n));
                }
                Ok(Err(error)) => self.fail(at, error),
                Err(panic) => {
                    self.fail(at, Error::panicked(words::item(at), &*panic));
                }
            }
            done.put(first, results);
        }
    }

    fn batch<R, E: Display>(
        &self,
        first: usize,
        items: Vec<I::Item>,
        results: &mut Vec<R>,
    ) -> Result<()>
    where
        F: Fn(I::Item) -> std::result::Result<R, E>,
    {
        for (number, item) in (first..).zip(items) {
            if number > self.stop_after.load(Relaxed) {
                return Ok(());
            }
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                let limit = self.parallel.timeout.unwrap_or_default();
                self.fail(0, Error::timed_out(words::the_loop_at(number), limit));
                return Ok(());
            }
            match (self.f)(item) {
                Ok(result) => results.push(result),
                Err(error) => {
                    let message = words::item_failed(number, error);
                    return Err(Error::new(crate::ErrorKind::InvalidInput, message));
                }
            }
        }
        Ok(())
    }

    /// Keeps a failure; of several, that of the first item.
    fn fail(&self, number: usize, error: Error) {
        self.stop_after.fetch_min(number, Relaxed);
        let mut failure = lock(&self.failure);
        if failure.as_ref().is_none_or(|&(first, _)| number < first) {
            *failure = Some((number, error));
        }
    }
}

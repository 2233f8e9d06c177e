//! Results as they are completed, while the rest still runs.

use super::Parallel;
use super::feed::Feed;
use crate::error::{Error, Result};
use crate::words;
use crossbeam::channel::{Receiver, RecvTimeoutError, TryRecvError, bounded};
use potok_base::panic_hook::caught;
use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// Results in the order in which they are completed. Made by
/// [`Parallel::as_completed`](Parallel::as_completed).
pub struct Completed<R> {
    results: Option<Receiver<Result<(usize, R)>>>,
    workers: Vec<JoinHandle<()>>,
    deadline: Option<Instant>,
    late: Option<Error>,
}

pub(super) fn start<I, R>(
    parallel: &Parallel,
    items: I,
    f: impl Fn(I::Item) -> R + Send + Sync + 'static,
) -> Result<Completed<R>>
where
    I: Iterator<Item: Send> + Send + 'static,
    R: Send + 'static,
{
    // Backpressure: the workers are at most this far ahead of the consumer.
    let (sender, results) = bounded(4 * parallel.jobs);
    let work = Arc::new((Feed::new(items, parallel.jobs, parallel.batch), f));
    let mut completed = Completed {
        results: Some(results),
        workers: vec![],
        deadline: parallel.timeout.and_then(|limit| Instant::now().checked_add(limit)),
        late: parallel.timeout.map(|limit| Error::timed_out(words::the_loop(), limit)),
    };
    for n in 1..=parallel.jobs {
        let (work, sender) = (Arc::clone(&work), sender.clone());
        let lane = parallel.recorder.as_ref().map(|rec| rec.lane(words::worker(n)));
        let (outer, jobs) = (super::nested::outer_jobs(), parallel.jobs);
        let worker = thread::Builder::new().spawn(move || {
            let _inside = super::nested::enter(outer, jobs);
            let (feed, f) = &*work;
            loop {
                let (first, items) = match feed.take() {
                    Ok(Some(batch)) => batch,
                    Ok(None) => return,
                    Err(error) => {
                        let _ = sender.send(Err(error));
                        return;
                    }
                };
                let (start, n) = (Instant::now(), items.len());
                for (number, item) in (first..).zip(items) {
                    let span =
                        lane.as_ref().map(|lane| lane.enter(words::item(number)));
                    let result = caught(|| f(item))
                        .map_err(|p| Error::panicked(words::item(number), &*p));
                    drop(span);
                    if sender.send(result.map(|result| (number, result))).is_err() {
                        return;
                    }
                }
                feed.took(n, start.elapsed());
            }
        });
        let worker = worker.map_err(|e| Error::io(words::starting_worker(), &e))?;
        completed.workers.push(worker);
    }
    Ok(completed)
}

impl<R> Iterator for Completed<R> {
    type Item = Result<(usize, R)>;

    /// Waits for the next completed item: its number and its result.
    ///
    /// A panic in an item is an error that names the item; the others still follow. When
    /// the time limit has passed, that error is the last element.
    fn next(&mut self) -> Option<Self::Item> {
        let results = self.results.as_ref()?;
        let Some(deadline) = self.deadline else { return results.recv().ok() };
        // After the time limit even a result that is already there does not count.
        let next = match Instant::now() < deadline {
            true => results.recv_deadline(deadline),
            false => match results.try_recv() {
                Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
                Ok(_) | Err(TryRecvError::Empty) => Err(RecvTimeoutError::Timeout),
            },
        };
        next.map(Some).unwrap_or_else(|error| {
            self.results = None;
            self.late.take().filter(|_| error.is_timeout()).map(Err)
        })
    }
}

/// Stops the rest: each worker ends after its current item.
impl<R> Drop for Completed<R> {
    fn drop(&mut self) {
        self.results = None;
        for worker in self.workers.drain(..) {
            // It catches all panics.
            let _ = worker.join();
        }
    }
}

impl<R> fmt::Debug for Completed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completed").field("workers", &self.workers.len()).finish()
    }
}

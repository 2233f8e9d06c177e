//! Many items through one function, with a bounded number under way.
//!
//! Small items travel together: a batch grows while batches come back faster than in half
//! a millisecond, and shrinks when one takes more than a few.

use super::super::code::Code;
use super::super::{descriptors, frame, report};
use super::Pool;
use super::link::{Arrived, Batch};
use super::workers::Workers;
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::progress::ProgressBar;
use potok_base::trace::Recorder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Results as they come: made by [`Pool::map_unordered`]. Dropping it cancels the rest.
pub struct Unordered<I: Iterator, R> {
    pool: Arc<Workers>,
    job: u64,
    code: Result<Code>,
    items: I,
    append: fn(&mut Vec<u8>, &I::Item) -> Result<()>,
    recorder: Option<Recorder>,
    bar: Option<ProgressBar>,
    retries: u32,
    /// Items taken so far, and results given out.
    taken: usize,
    pub(super) done: usize,
    exhausted: bool,
    batch: usize,
    fixed: bool,
    light: bool,
    under_way: VecDeque<UnderWay>,
    ready: VecDeque<(usize, Result<R>)>,
    workers: usize,
}

/// Items that were sent together. After a death they may come back one by one, in any order.
struct UnderWay {
    first: usize,
    length: usize,
    left: usize,
    since: Instant,
}

/// Nothing came by the deadline.
#[derive(Debug)]
pub struct Late;

const SHORT: Duration = Duration::from_micros(500);
const LONG: Duration = Duration::from_millis(4);
const MOST_ITEMS: usize = 8_192;
const MOST_BYTES: usize = 1 << 20;

impl<I, R> Unordered<I, R>
where
    I: Iterator,
    I::Item: Serialize,
    R: DeserializeOwned,
{
    pub(super) fn new(pool: &Pool, code: Result<Code>, items: I) -> Self {
        let total = items.size_hint().1.unwrap_or(0);
        let bar = |label| ProgressBar::new(label, total).in_lines();
        Unordered {
            bar: pool.label.as_ref().map(bar),
            job: pool.workers.new_job(),
            workers: pool.workers.pids().len().max(1),
            pool: Arc::clone(&pool.workers),
            code,
            items,
            append: frame::append_value::<I::Item>,
            recorder: pool.recorder.clone(),
            retries: pool.retries,
            taken: 0,
            done: 0,
            exhausted: false,
            batch: 1,
            fixed: false,
            light: false,
            under_way: VecDeque::new(),
            ready: VecDeque::new(),
        }
    }

    /// Sends this many items at a time; `None` finds the number while running.
    pub fn batches(mut self, size: Option<usize>) -> Self {
        self.fixed = size.is_some();
        self.batch = size.unwrap_or(1);
        self
    }

    /// Items that have been given out with their result or error.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Takes the next items and sends them on their way.
    fn send_batch(&mut self, code: Code) {
        let first = self.taken;
        let (mut items, mut ends) = (vec![], vec![]);
        let most_fds = super::super::sys::MOST_FDS;
        let ((), mut fds) = descriptors::collect(|| {
            while ends.len() < self.batch && items.len() < MOST_BYTES {
                let Some(item) = self.items.next() else {
                    self.exhausted = true;
                    break;
                };
                let start = items.len();
                if let Err(error) = (self.append)(&mut items, &item) {
                    items.truncate(start);
                    // It never leaves; its number is the one it would have had.
                    self.ready.push_back((first + ends.len(), Err(error)));
                    self.taken += 1;
                    break;
                }
                ends.push(items.len());
                self.taken += 1;
                if descriptors::waiting() > 0 {
                    break;
                }
            }
        });
        fds.truncate(most_fds);
        if ends.is_empty() {
            return;
        }
        let (length, since) = (ends.len(), Instant::now());
        self.under_way.push_back(UnderWay { first, length, left: length, since });
        self.pool.enqueue(Batch {
            job: self.job,
            first,
            code,
            items,
            ends,
            fds,
            recorder: self.recorder.clone(),
            retries: self.retries,
            done: 0,
            light: self.light,
        });
    }

    /// Takes in what came back and learns from it how large batches should be.
    fn take_in(&mut self, arrived: Arrived) {
        let Arrived { first, results, .. } = arrived;
        let count = match results {
            Ok((count, bytes)) => {
                let mut bytes = &bytes[..];
                for at in first..first + count {
                    let garbage =
                        || Err(Error::unsupported(words::results_cut_short()));
                    let result =
                        frame::take(&mut bytes).map_or_else(garbage, report::read);
                    self.ready.push_back((at, result));
                }
                count
            }
            Err(error) => {
                self.ready.push_back((first, Err(error)));
                1
            }
        };
        self.bar.iter().for_each(|bar| bar.steps(count));
        let of =
            |sent: &UnderWay| (sent.first..sent.first + sent.length).contains(&first);
        let Some(at) = self.under_way.iter().position(of) else { return };
        let sent = &mut self.under_way[at];
        sent.left = sent.left.saturating_sub(count);
        if sent.left > 0 {
            return;
        }
        let (length, took) = (sent.length, sent.since.elapsed());
        self.under_way.remove(at);
        self.light = took < LONG;
        if self.fixed {
            return;
        }
        if took < SHORT * 2 && length >= self.batch {
            self.batch = (self.batch * 4).min(MOST_ITEMS);
        } else if took > LONG * 2 && length <= self.batch {
            self.batch = (self.batch / 2).max(1);
        }
    }

    /// The next result, if it comes by then; `None` is the end.
    pub fn next_by(
        &mut self,
        deadline: impl Into<Option<Instant>>,
    ) -> std::result::Result<Option<(usize, Result<R>)>, Late> {
        let deadline = deadline.into();
        loop {
            if let Some(ready) = self.ready.pop_front() {
                self.done += 1;
                return Ok(Some(ready));
            }
            let code = self.code.clone();
            let window = 2 * self.workers + 1;
            while !self.exhausted && self.under_way.len() < window {
                match &code {
                    Ok(code) => self.send_batch(code.clone()),
                    Err(error) => {
                        self.exhausted = self.items.next().is_none();
                        if !self.exhausted {
                            self.taken += 1;
                            return Ok(Some((self.taken - 1, Err(error.clone()))));
                        }
                    }
                }
            }
            if self.under_way.is_empty() && self.ready.is_empty() {
                return Ok(None);
            }
            if self.ready.is_empty() {
                let job = self.job;
                let arrived = self.pool.wait_until(deadline, |state| {
                    let arrived = state.arrived.get_mut(&job)?;
                    (!arrived.is_empty()).then(|| std::mem::take(arrived))
                });
                let arrived = arrived.ok_or(Late)?;
                arrived.into_iter().for_each(|one| self.take_in(one));
            }
        }
    }
}

impl<I, R> Iterator for Unordered<I, R>
where
    I: Iterator,
    I::Item: Serialize,
    R: DeserializeOwned,
{
    type Item = (usize, Result<R>);

    fn next(&mut self) -> Option<Self::Item> {
        // Without a deadline nothing is late.
        self.next_by(None).unwrap_or(None)
    }
}

impl<I: Iterator, R> Drop for Unordered<I, R> {
    fn drop(&mut self) {
        self.pool.forget(self.job);
    }
}

impl<I: Iterator, R> fmt::Debug for Unordered<I, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unordered { taken, done, .. } = self;
        f.debug_struct("Unordered").field("taken", taken).field("done", done).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retried_item_that_is_slower_than_the_rest_of_its_batch_is_not_lost() {
        let name = format!("potok-slow-{}", std::process::id());
        let mark = std::env::temp_dir().join(name);
        let slow_at_the_second_try = |(n, mark): (u64, std::path::PathBuf)| {
            if n == 1 && !mark.exists() {
                std::fs::write(mark, "").unwrap();
                std::process::abort();
            } else if n == 1 {
                potok_base::workload::wait(Duration::from_millis(300));
            }
            n
        };
        let pool = Pool::new(2).unwrap().retries(1);
        let items = (0..4).map(|n| (n, mark.clone()));
        let results = pool.map_unordered(items, slow_at_the_second_try);
        let results = results.batches(Some(4)).map(|(_, result)| result.unwrap());
        // Nearly always 1 comes last; that is not what this is about.
        let mut results: Vec<u64> = results.collect();
        results.sort_unstable();
        assert_eq!(results, [0, 1, 2, 3]);
        std::fs::remove_file(mark).unwrap();
    }

    #[test]
    fn the_bar_counts_every_item() {
        let pool = Pool::new(2).unwrap().progress("naps");
        let mut results = pool.map_unordered(0..100_u64, |n| n);
        assert_eq!(results.by_ref().count(), 100);
        assert_eq!(results.bar.as_ref().map(ProgressBar::done), Some(100));
    }
}

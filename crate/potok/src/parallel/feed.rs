//! The input that all workers take from, in batches whose size is found while running.

use crate::error::{Error, Result};
use crate::words;
use potok_base::panic_hook::caught;
use std::iter::Fuse;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// A batch should take this long: much longer than the 100 ns or so that taking one costs,
/// much shorter than a person, or the last worker, would wait for.
const AIM: Duration = Duration::from_micros(500);
/// The largest batch, so that a very cheap loop stays within the caches.
const MOST: usize = 8_192;

pub(super) struct Feed<I: Iterator> {
    input: Mutex<(usize, Fuse<I>)>,
    size: AtomicUsize,
    fixed: bool,
    jobs: usize,
}

impl<I: Iterator> Feed<I> {
    pub(super) fn new(input: I, jobs: usize, batch: Option<usize>) -> Self {
        Feed {
            input: Mutex::new((0, input.fuse())),
            size: AtomicUsize::new(batch.unwrap_or(1)),
            fixed: batch.is_some(),
            jobs,
        }
    }

    /// The number of the first item of the next batch, and the batch. `None` at the end,
    /// or after the input has panicked.
    ///
    /// # Errors
    /// The input panics.
    pub(super) fn take(&self) -> Result<Option<(usize, Vec<I::Item>)>> {
        caught(|| self.next_batch())
            .map_err(|panic| Error::panicked(words::the_input(), &*panic))
    }

    fn next_batch(&self) -> Option<(usize, Vec<I::Item>)> {
        let mut input = self.input.lock().ok()?;
        let (first, items) = &mut *input;
        let mut size = self.size.load(Relaxed);
        if !self.fixed {
            // Near the end batches get smaller, so that all workers finish together.
            if let (_, Some(left)) = items.size_hint() {
                size = size.min(left / (2 * self.jobs)).max(1);
            }
        }
        let batch: Vec<I::Item> = items.take(size).collect();
        let start = *first;
        *first += batch.len();
        (!batch.is_empty()).then_some((start, batch))
    }

    /// Adapts the size to a batch of `n` items that took `time`.
    pub(super) fn took(&self, n: usize, time: Duration) {
        let size = self.size.load(Relaxed);
        // A batch cut short by the end of the input says nothing about the size.
        if self.fixed || n < size {
            return;
        }
        if time * 2 < AIM {
            self.size.store((size * 2).min(MOST), Relaxed);
        } else if time > AIM * 2 {
            self.size.store((size / 2).max(1), Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(feed: &Feed<std::ops::Range<u32>>, time: Duration) -> Vec<usize> {
        std::iter::from_fn(|| {
            let (_, batch) = feed.take().unwrap()?;
            feed.took(batch.len(), time);
            Some(batch.len())
        })
        .collect()
    }

    #[test]
    fn quick_items_come_in_growing_batches_and_slow_ones_alone() {
        let quick = sizes(&Feed::new(0..1_000, 2, None), Duration::ZERO);
        assert_eq!(quick[..5], [1, 2, 4, 8, 16]);
        assert_eq!(quick.iter().sum::<usize>(), 1_000);
        assert_eq!(quick.last(), Some(&1));
        let slow = sizes(&Feed::new(0..10, 2, None), AIM * 4);
        assert_eq!(slow, [1; 10]);
    }

    #[test]
    fn a_fixed_batch_stays() {
        assert_eq!(sizes(&Feed::new(0..10, 4, Some(4)), Duration::ZERO), [4, 4, 2]);
    }
}

//! The length of a queue over time.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The length of one queue over time: a step line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueLength {
    /// The name of the queue.
    pub name: String,
    /// Each change: when, and the length from then on. Empty before the first.
    pub changes: Vec<(Duration, usize)>,
    /// The end of the observation.
    pub until: Duration,
}

impl QueueLength {
    /// The step line of arrivals and departures: `+1` at each of `came`, `−1` at each of
    /// `went`. An arrival and a departure at the same instant cancel out.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// use potok::trace::QueueLength;
    /// let queue = QueueLength::new("till", [ms(0), ms(2)], [ms(4), ms(8)], ms(10));
    /// assert_eq!(queue.changes, [(ms(0), 1), (ms(2), 2), (ms(4), 1), (ms(8), 0)]);
    /// assert_eq!((queue.at(ms(3)), queue.max()), (2, 2));
    /// assert_eq!(queue.mean(), 1.0);            // (2·1 + 2·2 + 4·1) ms / 10 ms
    /// ```
    pub fn new(
        name: impl Into<String>,
        came: impl IntoIterator<Item = Duration>,
        went: impl IntoIterator<Item = Duration>,
        until: Duration,
    ) -> Self {
        let came = came.into_iter().map(|at| (at, 1_isize));
        let mut steps: Vec<_> =
            came.chain(went.into_iter().map(|at| (at, -1))).collect();
        steps.sort_unstable();
        let mut changes: Vec<(Duration, usize)> = vec![];
        let mut length = 0_isize;
        for same_instant in steps.chunk_by(|a, b| a.0 == b.0) {
            let step: isize = same_instant.iter().map(|&(_, step)| step).sum();
            if step != 0 {
                length += step;
                changes.push((same_instant[0].0, length.max(0) as usize));
            }
        }
        QueueLength { name: name.into(), changes, until }
    }

    /// The length at one moment.
    pub fn at(&self, moment: Duration) -> usize {
        let after = self.changes.partition_point(|&(at, _)| at <= moment);
        after.checked_sub(1).map_or(0, |last| self.changes[last].1)
    }

    /// The greatest length.
    pub fn max(&self) -> usize {
        self.changes.iter().map(|&(_, length)| length).max().unwrap_or(0)
    }

    /// The mean length over the time watched: the area under the line by its width.
    pub fn mean(&self) -> f64 {
        let ends = self.changes.iter().skip(1).map(|&(at, _)| at).chain([self.until]);
        let area: f64 = self
            .changes
            .iter()
            .zip(ends)
            .map(|(&(at, length), end)| {
                length as f64 * end.saturating_sub(at).as_secs_f64()
            })
            .sum();
        // The sum of nothing is -0.
        if self.until.is_zero() { 0.0 } else { area / self.until.as_secs_f64() + 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ms;

    #[test]
    fn without_arrivals_the_length_is_zero() {
        let empty = QueueLength::new("x", [], [], ms(0));
        assert_eq!((empty.at(ms(5)), empty.max(), empty.mean()), (0, 0, 0.0));
    }

    #[test]
    fn who_goes_at_once_is_never_in_the_queue() {
        assert_eq!(QueueLength::new("x", [ms(3)], [ms(3)], ms(9)).max(), 0);
    }

    proptest::proptest! {
        #[test]
        fn the_area_is_the_sum_of_all_stays(
            stays in proptest::collection::vec((0u64..50, 0u64..50), 0..30)
        ) {
            let came = stays.iter().map(|&(at, _)| ms(at));
            let went = stays.iter().map(|&(at, stay)| ms(at + stay));
            let queue = QueueLength::new("x", came, went, ms(100));
            let sum: u64 = stays.iter().map(|&(_, stay)| stay).sum();
            assert!((queue.mean() * 100.0 - sum as f64).abs() < 1e-6);
            assert_eq!(queue.at(ms(99)), 0);
        }
    }
}

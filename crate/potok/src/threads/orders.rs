//! The order in which threads finish, counted over many runs.
//!
//! ```
//! use potok::prelude::*;
//!
//! let orders = threads::orders(50, ["ann", "bob"], || busy(ms(1)))?;
//! let total: usize = orders.counts.iter().map(|(_, count)| count).sum();
//! assert_eq!(total, 50);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the program is the same in each run; the order is up to the scheduler.

use crate::error::{Error, Result};
use crate::words;
use potok_base::sync::{lock, unpoisoned};
use potok_base::table;
use potok_base::threads::{all_at_once, names_of};
use std::fmt;
use std::sync::Mutex;

/// How often threads finished in each order.
#[derive(Clone, PartialEq, Eq)]
pub struct Orders {
    /// The number of runs.
    pub runs: usize,
    /// The orders that occurred, such as `bob, ann`, the most frequent one first.
    pub counts: Vec<(String, usize)>,
    /// The number of possible orders: n! for n threads.
    pub possible: u128,
}

/// Runs `job` on a thread for each name, `runs` times, and counts the orders of finishing.
///
/// All threads of a run are started at once. The system may favour an order all the same,
/// and often does.
///
/// # Errors
/// No names or zero runs; a panic in `job`; a system that refuses a thread.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let orders = threads::orders(20, ["ann", "bob", "cy"], || busy(ms(0)))?;
/// assert_eq!(orders.possible, 6);
/// assert!(orders.counts.len() <= 6);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn orders<N: Into<String>, R>(
    runs: usize,
    names: impl IntoIterator<Item = N>,
    job: impl Fn() -> R + Sync,
) -> Result<Orders> {
    let names = names_of(names);
    if runs == 0 {
        return Err(Error::invalid(words::zero_runs()));
    }
    let mut counts: Vec<(String, usize)> = vec![];
    for _ in 0..runs {
        let finished = Mutex::new(vec![]);
        all_at_once(&names, |i| {
            job();
            lock(&finished).push(i);
        })?;
        let finished = unpoisoned(finished.into_inner());
        let order: Vec<&str> = finished.iter().map(|&i| &*names[i]).collect();
        let order = order.join(", ");
        match counts.iter_mut().find(|(seen, _)| *seen == order) {
            Some((_, count)) => *count += 1,
            None => counts.push((order, 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let possible = (1..=names.len() as u128).fold(1_u128, u128::saturating_mul);
    Ok(Orders { runs, counts, possible })
}

impl fmt::Display for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |(order, count): &(String, usize)| [order.clone(), count.to_string()];
        let rows: Vec<_> = self.counts.iter().map(row).collect();
        table::write(f, [words::order_of_finishing(), words::runs_axis()], &rows)?;
        let seen = self.counts.len();
        write!(f, "\n{}", words::seen_orders(seen, self.possible, self.runs))
    }
}

/// A cell shows its last value by `{:?}`: let it be the table.
impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_panic_is_an_error_that_names_its_thread() {
        let job = || assert_ne!(thread::current().name(), Some("b"), "expected");
        let error = orders(5, ["a", "b"], job).unwrap_err();
        assert!(error.to_string().starts_with("thread `b` panicked"), "{error}");
    }

    #[test]
    fn every_run_is_counted_once() {
        let orders = orders(30, ["a", "b", "c"], || ()).unwrap();
        assert_eq!(orders.counts.iter().map(|(_, n)| n).sum::<usize>(), 30);
        assert!(orders.counts.is_sorted_by(|x, y| x.1 >= y.1));
        assert!(orders.to_string().ends_with("of 6 possible orders in 30 runs"));
    }

    #[test]
    fn zero_runs_is_an_error() {
        assert!(orders(0, ["a"], || ()).is_err());
    }
}

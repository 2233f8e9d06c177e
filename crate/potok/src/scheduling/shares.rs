//! Priorities: threads of different nice values on one core.
//!
//! ```
//! use potok::prelude::*;
//!
//! match scheduling::shares([0, 10], ms(100)) {
//!     Ok(shares) => assert!(shares.threads[0].share > shares.threads[1].share),
//!     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
//! }
//! ```
//!
//! *What to notice*: a nice thread is not stopped, it gets less. Each step of the nice value
//! changes the ratio of two threads by a quarter: ten steps are a factor of nine.

use super::spinner::{spin_all, trace_of};
use crate::error::{Error, Result};
use crate::trace::Trace;
use crate::words;
use potok_base::cpu::a_core;
use potok_base::table;
use potok_chart::units::{duration, percent};
use std::fmt;
use std::time::Duration;

/// How one core was divided among threads of different nice values.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// When each thread ran, and when it waited for its turn.
    pub trace: Trace,
    /// One for each nice value, in the order in which they were given.
    pub threads: Vec<Share>,
}

/// What one thread got.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Its nice value: −20 is the most urgent, 0 the default, 19 the least urgent.
    pub nice: i32,
    /// Its time on the processor.
    pub cpu_time: Duration,
    /// Its part of the processor time of all of them, from 0 to 1.
    pub share: f64,
    /// The part that follows from Linux's weights.
    pub promised: f64,
}

/// Lets a thread for each nice value compute on the same core for `wall`.
///
/// The threads end afterwards; the caller's own priority does not change.
///
/// # Errors
/// No nice values, or one outside −20 to 19; no time, or more than a minute;
/// [`Unsupported`](crate::ErrorKind) where the system does not pin threads or does not
/// allow the nice value (a negative one needs privileges).
pub fn shares(nices: impl IntoIterator<Item = i32>, wall: Duration) -> Result<Shares> {
    let nices: Vec<i32> = nices.into_iter().collect();
    let weights: Result<Vec<u32>> = nices.iter().map(|&nice| weight(nice)).collect();
    let weights = weights?;
    let names: Vec<String> = nices.iter().map(|nice| format!("nice {nice}")).collect();
    let spun = spin_all(&names, wall, Some(a_core()?), &nices)?;

    let all_weights: u32 = weights.iter().sum();
    let all_time: Duration = spun.iter().map(|thread| thread.cpu_time).sum();
    let threads = nices.iter().zip(&weights).zip(&spun);
    let threads = threads.map(|((&nice, &weight), spun)| Share {
        nice,
        cpu_time: spun.cpu_time,
        share: spun.cpu_time.as_secs_f64() / all_time.as_secs_f64().max(1e-9),
        promised: f64::from(weight) / f64::from(all_weights),
    });
    Ok(Shares { trace: trace_of(&names, &spun), threads: threads.collect() })
}

/// Source: `sched_prio_to_weight` in Linux's `kernel/sched/core.c`.
#[rustfmt::skip]
const WEIGHTS: [u32; 40] = [
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
    9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
    1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
    110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];

pub(super) fn weight(nice: i32) -> Result<u32> {
    let place = usize::try_from(i64::from(nice) + 20).ok();
    place
        .and_then(|place| WEIGHTS.get(place))
        .copied()
        .ok_or_else(|| Error::invalid(words::not_nice(nice)))
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: f64| percent(part, 0);
        let row = |t: &Share| {
            [
                format!("nice {}", t.nice),
                duration(t.cpu_time),
                percent(t.share),
                percent(t.promised),
            ]
        };
        let rows: Vec<_> = self.threads.iter().map(row).collect();
        table::write(f, words::shared_core(), &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::workload::ms;

    #[test]
    fn ten_steps_of_niceness_promise_a_ninth() {
        assert_eq!((weight(0).unwrap(), weight(10).unwrap()), (1024, 110));
        assert_eq!((weight(-20).unwrap(), weight(19).unwrap()), (88761, 15));
        assert_eq!(weight(20).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(weight(i32::MIN).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn shares_add_up_to_one_and_follow_niceness() {
        let shares = match shares([0, 10], ms(300)) {
            Ok(shares) => shares,
            Err(error) => return assert_eq!(error.kind(), ErrorKind::Unsupported),
        };
        let sum: f64 = shares.threads.iter().map(|thread| thread.share).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert!(shares.threads[0].cpu_time > shares.threads[1].cpu_time, "{shares}");
        assert_eq!(shares.trace.lanes[1].name, "nice 10");
    }

    #[test]
    fn no_nice_values_is_an_error() {
        assert!(shares([], ms(10)).is_err());
    }
}

//! Several runs of the same thing.

use crate::error::{Error, Result};
use crate::language::noun::RUN;
use crate::panic_hook::caught;
use crate::units::{count, duration};
use crate::words;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// All runs of one thing, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    /// What was timed.
    pub label: String,
    runs: Vec<Duration>,
}

/// Times `runs` runs of `f` on the wall clock, after one run that warms up.
///
/// # Errors
/// Zero runs; a panic in `f`.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let samples = measure("1 ms of work", 5, || busy(ms(1)))?;
/// assert_eq!(samples.runs().len(), 5);
/// assert!(samples.median() >= ms(1));
/// assert!(samples.min() <= samples.median() && samples.median() <= samples.max());
/// # Ok::<(), potok::Error>(())
/// ```
pub fn measure<R>(
    label: impl Into<String>,
    runs: usize,
    mut f: impl FnMut() -> R,
) -> Result<Samples> {
    let label = label.into();
    time_once(&label, &mut f)?;
    let times: Result<Vec<Duration>> =
        (0..runs).map(|_| time_once(&label, &mut f)).collect();
    Samples::new(label, times?)
}

impl Samples {
    /// Takes runs that were timed elsewhere.
    ///
    /// # Errors
    /// No runs.
    pub fn new(label: impl Into<String>, runs: Vec<Duration>) -> Result<Self> {
        let label = label.into();
        if runs.is_empty() {
            return Err(Error::invalid(words::no_runs(&label)));
        }
        Ok(Samples { label, runs })
    }

    /// Every run, in the order in which they were made.
    pub fn runs(&self) -> &[Duration] {
        &self.runs
    }

    /// The middle run; with an even number of runs, the mean of the two in the middle.
    pub fn median(&self) -> Duration {
        let mut sorted = self.runs.clone();
        sorted.sort_unstable();
        let middle = sorted.len() / 2;
        if sorted.len().is_multiple_of(2) {
            (sorted[middle - 1] + sorted[middle]) / 2
        } else {
            sorted[middle]
        }
    }

    /// The fastest run.
    pub fn min(&self) -> Duration {
        self.runs.iter().copied().min().unwrap_or_default()
    }

    /// The slowest run.
    pub fn max(&self) -> Duration {
        self.runs.iter().copied().max().unwrap_or_default()
    }
}

/// As `label: 1.23 ms (980 µs–1.92 ms, 5 runs)`.
impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} ({}–{}, {})",
            self.label,
            duration(self.median()),
            duration(self.min()),
            duration(self.max()),
            count(self.runs.len(), RUN)
        )
    }
}

/// One timed run; a panic becomes an error that names the run.
pub(crate) fn time_once<R>(label: &str, f: &mut impl FnMut() -> R) -> Result<Duration> {
    let timed = caught(|| {
        let start = Instant::now();
        black_box(f());
        start.elapsed()
    });
    timed.map_err(|payload| Error::panicked(label, &*payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::workload::ms;

    fn samples(times: &[u64]) -> Samples {
        Samples::new("x", times.iter().copied().map(ms).collect()).unwrap()
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(samples(&[9, 1, 5]).median(), ms(5));
        assert_eq!(samples(&[4, 1, 9, 2]).median(), ms(3));
    }

    #[test]
    fn a_time_is_written_as_in_the_pictures() {
        assert_eq!(
            samples(&[1, 12, 300]).to_string(),
            "x: 12 ms (1 ms–300 ms, 3 runs)"
        );
        let one = Samples::new("()", vec![Duration::from_nanos(12_340)]).unwrap();
        assert_eq!(one.to_string(), "(): 12.3 µs (12.3 µs–12.3 µs, 1 run)");
    }

    #[test]
    fn runs_keep_their_order() {
        assert_eq!(samples(&[9, 1, 5]).runs(), [ms(9), ms(1), ms(5)]);
    }

    #[test]
    fn one_run_warms_up_and_is_not_counted() {
        let mut calls = 0;
        let samples = measure("x", 3, || calls += 1).unwrap();
        assert_eq!((samples.runs().len(), calls), (3, 4));
    }

    #[test]
    fn bad_input_is_an_error_that_names_the_thing() {
        let empty = measure("nothing", 0, || ()).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::InvalidInput);
        assert!(empty.to_string().contains("nothing"));
        let panic = measure("job", 1, || panic!("no coffee")).unwrap_err();
        assert_eq!(panic.kind(), ErrorKind::Panicked);
        assert_eq!(panic.to_string(), "job panicked: no coffee");
    }
}

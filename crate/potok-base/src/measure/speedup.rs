//! The same job with more and more workers.

use super::calibrate::{self, Seen};
use super::samples::time_once;
use super::{Amdahl, Given, Machine, Samples, SpeedupVerdict, given};
use crate::error::{Error, Result};
use crate::progress::ProgressBar;
use crate::words;
use std::time::Duration;

/// How many times faster a job gets with more workers, as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Speedup {
    /// What was timed.
    pub label: String,
    /// One point for each number of workers, in growing order; the first is one worker.
    pub points: Vec<SpeedupPoint>,
    /// Where it was measured.
    pub machine: Machine,
}

/// All runs with one number of workers.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeedupPoint {
    /// How many workers there were.
    pub workers: usize,
    /// Their runs.
    pub samples: Samples,
    /// What the machine gave meanwhile; `None` if it was not measured.
    pub given: Option<Given>,
}

/// How often to run; see [`Speedup::measure_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Runs that are timed, for each number of workers.
    pub runs: usize,
    /// Runs before those, which are not counted.
    pub warm_up: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { runs: 5, warm_up: 1 }
    }
}

impl Speedup {
    /// Times `job(n)` for each number `n` of workers, five runs each after a warm-up.
    ///
    /// The runs are interleaved, so that a machine that slows down half-way slows all
    /// of them alike. One worker is the base and is added if it is not listed.
    ///
    /// # Errors
    /// No workers, or zero workers; a panic in `job`.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let speedup = Speedup::measure("nothing to share", [2], |_| busy(ms(1)))?;
    /// let workers: Vec<_> = speedup.points.iter().map(|point| point.workers).collect();
    /// assert_eq!(workers, [1, 2]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn measure<R>(
        label: impl Into<String>,
        workers: impl IntoIterator<Item = usize>,
        job: impl FnMut(usize) -> R,
    ) -> Result<Self> {
        Speedup::measure_with(Plan::default(), label, workers, job)
    }

    /// Like [`measure`](Speedup::measure), with as many runs as `plan` says.
    ///
    /// # Errors
    /// No workers, zero workers or zero runs; a panic in `job`.
    pub fn measure_with<R>(
        plan: Plan,
        label: impl Into<String>,
        workers: impl IntoIterator<Item = usize>,
        mut job: impl FnMut(usize) -> R,
    ) -> Result<Self> {
        let label = label.into();
        let mut workers: Vec<usize> = workers.into_iter().collect();
        if workers.is_empty() {
            return Err(Error::invalid(words::no_workers(&label)));
        }
        if workers.contains(&0) {
            return Err(Error::invalid(words::zero_workers(&label)));
        }
        workers.push(1);
        workers.sort_unstable();
        workers.dedup();

        let all = (plan.warm_up + plan.runs) * workers.len();
        let bar = ProgressBar::new(label.as_str(), all);
        let mut runs = vec![vec![]; workers.len()];
        let mut seen: Vec<Seen> = workers.iter().map(|_| Seen::default()).collect();
        let mut window = calibrate::window(Duration::ZERO);
        for round in 0..plan.warm_up + plan.runs {
            for (i, &n) in workers.iter().enumerate() {
                let mut run = || {
                    let time = time_once(&label, &mut || job(n));
                    time.map_err(|e| e.context(words::with_workers(&label, n)))
                };
                if round < plan.warm_up {
                    window = calibrate::window(run()?);
                } else {
                    seen[i].calibrate(n, window)?;
                    runs[i].push(seen[i].run(run)?);
                }
                bar.step(); // between two runs: drawing is not timed
            }
        }
        let points: Result<Vec<SpeedupPoint>> = workers
            .into_iter()
            .zip(runs)
            .zip(&seen)
            .map(|((workers, runs), this)| {
                let samples =
                    Samples::new(words::labelled_workers(&label, workers), runs)?;
                Ok(SpeedupPoint { workers, samples, given: this.given(&seen[0]) })
            })
            .collect();
        Ok(Speedup { label, points: points?, machine: Machine::here() })
    }

    /// The median speed-up of each point over one worker, in the order of the points.
    pub fn medians(&self) -> Vec<f64> {
        self.points.iter().map(|point| self.ratio(point.samples.median())).collect()
    }

    /// The slowest and the fastest run of each point, as speed-ups over the median of
    /// one worker.
    pub fn ranges(&self) -> Vec<(f64, f64)> {
        self.points
            .iter()
            .map(|p| (self.ratio(p.samples.max()), self.ratio(p.samples.min())))
            .collect()
    }

    /// Amdahl's law fitted to the medians, on the cores that the machine really gave
    /// where that is known, else on those that it has; `None` on one core, where only
    /// one number of workers was measured, or where not even one had a core for itself.
    pub fn amdahl(&self) -> Option<Amdahl> {
        let one = self.points.first()?.given.map_or(1.0, |given| given.cores);
        if one < 0.8 {
            return None;
        }
        let times = self.points.iter().map(|point| {
            let most = point.workers.min(self.machine.cores).max(1) as f64;
            let cores =
                point.given.map_or(most, |given| (given.cores / one).clamp(1.0, most));
            (cores, point.samples.median().as_secs_f64())
        });
        Amdahl::fit(times)
    }

    /// Why the speed-up is what it is: the program did not share out its work, the cores
    /// were not there, or neither; `None` with one worker alone, or if it was not measured.
    ///
    /// # Examples
    /// ```
    /// use potok::measure::Why;
    /// use potok::prelude::*;
    /// let speedup = Speedup::measure("waiting", [4], |n| wait(ms(40) / n as u32))?;
    /// let verdict = speedup.verdict().unwrap();
    /// assert!(verdict.workers == 4 && verdict.to_string().contains("4 workers"));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn verdict(&self) -> Option<SpeedupVerdict> {
        let cores = self.machine.cores;
        let several = || {
            let points = self.points.iter().zip(self.medians());
            points.filter(|(point, _)| point.workers > 1)
        };
        let beyond = several().find(|(point, speedup)| {
            point.given.is_some_and(|given| given::beyond(*speedup, given))
        });
        // Of those that could use the most cores, the fewest workers.
        let usual = several()
            .reduce(|a, b| if b.0.workers.min(cores) > a.0.workers { b } else { a });
        let (point, speedup) = beyond.or(usual)?;
        Some(SpeedupVerdict::new(point.workers, cores, speedup, point.given?))
    }

    fn ratio(&self, time: Duration) -> f64 {
        let base =
            self.points.first().map_or(0.0, |p| p.samples.median().as_secs_f64());
        // A run too short for the clock would be infinitely fast.
        base / time.as_secs_f64().max(1e-9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::measure::Why;
    use crate::workload::ms;

    fn fixed() -> Speedup {
        let point = |workers, runs: &[u64]| SpeedupPoint {
            workers,
            samples: Samples::new("x", runs.iter().copied().map(ms).collect()).unwrap(),
            given: None,
        };
        Speedup {
            label: "x".into(),
            points: vec![point(1, &[100, 90, 110]), point(2, &[60, 50, 40])],
            machine: Machine { cores: 2, build: "test".into() },
        }
    }

    #[test]
    fn speedup_is_relative_to_the_median_of_one_worker() {
        assert_eq!(fixed().medians(), [1.0, 2.0]);
        let (slowest, fastest) = fixed().ranges()[1];
        assert!((slowest - 100.0 / 60.0).abs() < 1e-9 && (fastest - 2.5).abs() < 1e-9);
        assert!(fixed().amdahl().unwrap().serial < 1e-9);
    }

    #[test]
    fn the_point_that_could_use_all_cores_tells() {
        let given = |cores| Given { cores, busy: 1.0, waited: None, stolen: None };
        let mut speedup = fixed();
        assert_eq!(speedup.verdict(), None);
        let mut more = speedup.points[1].clone();
        more.workers = 8;
        speedup.points.push(more);
        speedup.points[1].given = Some(given(1.9));
        let verdict = speedup.verdict().unwrap();
        assert_eq!((verdict.workers, verdict.why), (2, Why::Shared));
        // What the machine did not give is not the program's serial part.
        speedup.points.pop();
        speedup.points[1].samples = Samples::new("x", vec![ms(67)]).unwrap();
        let there = speedup.amdahl().unwrap().serial;
        speedup.points[1].given = Some(given(1.5));
        assert!(there > 0.3 && speedup.amdahl().unwrap().serial < 0.02);
    }

    #[test]
    fn every_run_is_kept_and_gets_its_worker_count() {
        let mut seen = vec![];
        let plan = Plan { runs: 2, warm_up: 1 };
        let speedup =
            Speedup::measure_with(plan, "x", [4, 2, 4], |n| seen.push(n)).unwrap();
        assert_eq!(seen, [1, 2, 4, 1, 2, 4, 1, 2, 4]);
        assert!(speedup.points.iter().all(|p| p.samples.runs().len() == 2));
    }

    #[test]
    fn bad_input_is_an_error() {
        let kind = |r: Result<Speedup>| r.unwrap_err().kind();
        assert_eq!(kind(Speedup::measure("x", [], |_| ())), ErrorKind::InvalidInput);
        assert_eq!(kind(Speedup::measure("x", [0], |_| ())), ErrorKind::InvalidInput);
        let none = Plan { runs: 0, warm_up: 1 };
        assert_eq!(
            kind(Speedup::measure_with(none, "x", [1], |_| ())),
            ErrorKind::InvalidInput
        );
        let panic =
            Speedup::measure("x", [1, 2], |n| assert!(n < 2, "two")).unwrap_err();
        assert_eq!(panic.kind(), ErrorKind::Panicked);
        assert!(panic.to_string().contains("2 workers"));
    }
}

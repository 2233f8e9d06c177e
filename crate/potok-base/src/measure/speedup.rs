//! The same job with more and more workers.

use super::calibrate::{self, Seen};
use super::samples::time_once;
use super::{Amdahl, Given, Machine, Samples, SpeedupVerdict, Why, given};
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

/// One run out of several.
type Of = fn(&Samples) -> Duration;

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

    /// Amdahl's law, fitted to the medians of as many workers as there are cores at most.
    /// Where it is known how many cores the machine gave, those count. More workers than
    /// cores only take turns, and what that costs is no serial part.
    ///
    /// `None` where a law would be drawn from noise: unless even the fastest runs, beside
    /// the slowest of one worker, show a serial part. `None` too on one core, where only
    /// one number of workers was measured, where not even one had a core for itself, where
    /// the machine was disturbed, and for a job that cores do not bound.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let alone = Speedup::measure("alone", [1], |_| busy(ms(1)))?;
    /// assert_eq!(alone.amdahl(), None);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn amdahl(&self) -> Option<Amdahl> {
        let one = self.points.first()?.given.map_or(1.0, |given| given.cores);
        let odd = self
            .verdict()
            .is_some_and(|v| matches!(v.why, Why::Waits | Why::Disturbed));
        let cores = self.machine.cores as f64;
        if one < 0.8
            || odd
            || self.medians().iter().any(|&s| given::is_more_than(s, cores))
        {
            return None;
        }
        let fit = |first: Of, others: Of| {
            let points = self.points.iter().filter(|p| p.workers <= self.machine.cores);
            Amdahl::fit(points.map(|point| {
                let most = point.workers as f64;
                let given = point.given.map(|given| given.cores / one);
                let time = if point.workers == 1 { first } else { others };
                let time = time(&point.samples).as_secs_f64();
                (given.map_or(most, |given| given.clamp(1.0, most)), time)
            }))
        };
        let least = fit(Samples::max, Samples::min)?;
        (least.serial > 0.0).then(|| fit(Samples::median, Samples::median))?
    }

    /// Why the speed-up is what it is: the program did not share out its work, the cores
    /// were not there, or neither; or that the figures contradict each other. `None` with
    /// one worker alone, or if it was not measured.
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
        let contradicted = || {
            let one = self.points.first()?.given?;
            several().find(|(point, speedup)| {
                point
                    .given
                    .is_some_and(|given| given::contradicts(*speedup, given, one))
            })
        };
        // Of those that could use the most cores, the fewest workers.
        let usual = several()
            .reduce(|a, b| if b.0.workers.min(cores) > a.0.workers { b } else { a });
        let (point, speedup) = beyond.or_else(contradicted).or(usual)?;
        let (given, one) = (point.given?, self.points.first()?.given?);
        Some(SpeedupVerdict::new(point.workers, cores, speedup, (given, one)))
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
        // Twice as fast, and no serial part to be seen: no law.
        assert_eq!(fixed().amdahl(), None);
    }

    #[test]
    fn a_law_is_drawn_where_it_stands_out_from_the_noise() {
        let times = |two: [u64; 2], four: u64| {
            let mut speedup = fixed();
            speedup.points[0].samples =
                Samples::new("x", vec![ms(98), ms(102)]).unwrap();
            speedup.points[1].samples =
                Samples::new("x", two.map(ms).to_vec()).unwrap();
            let samples = Samples::new("x", vec![ms(four)]).unwrap();
            speedup.points.push(SpeedupPoint { workers: 4, samples, given: None });
            speedup
        };
        // A fifth is serial; four workers on two cores are out of it, however slow.
        for four in [60, 90] {
            let serial = times([59, 61], four).amdahl().unwrap().serial;
            assert!((serial - 0.2).abs() < 0.02, "{serial}");
        }
        // Two hundredths may be noise, if the fastest run shows none of it.
        assert_eq!(times([50, 52], 51).amdahl(), None);
        // Four times as fast on two cores: no job that computes.
        assert_eq!(times([59, 61], 20).amdahl(), None);
        let one_core = Speedup {
            machine: Machine { cores: 1, build: "test".into() },
            ..times([100, 100], 100)
        };
        assert_eq!(one_core.amdahl(), None);
    }

    #[test]
    fn figures_that_contradict_each_other_are_not_trusted() {
        let given =
            |cores, busy| Some(Given { cores, busy, waited: None, stolen: None });
        let mut speedup = fixed();
        speedup.points[0].given = given(0.9, 0.9);
        speedup.points[1].given = given(1.5, 1.4);
        speedup.points[1].samples = Samples::new("x", vec![ms(45)]).unwrap();
        assert_eq!(speedup.verdict().unwrap().why, Why::Disturbed);
        assert_eq!(speedup.amdahl(), None);
        // Half of its time one worker waits: twice as fast is no wonder then.
        speedup.points[0].given = given(0.9, 0.5);
        assert_ne!(speedup.verdict().unwrap().why, Why::Disturbed);
    }

    #[test]
    fn the_point_that_could_use_all_cores_tells() {
        let given = |cores| Given { cores, busy: 1.0, waited: None, stolen: None };
        let mut speedup = fixed();
        assert_eq!(speedup.verdict(), None);
        let mut more = speedup.points[1].clone();
        more.workers = 8;
        speedup.points.push(more);
        speedup.points[0].given = Some(given(1.0));
        speedup.points[1].given = Some(given(1.9));
        let verdict = speedup.verdict().unwrap();
        assert_eq!((verdict.workers, verdict.why), (2, Why::Shared));
        // What the machine did not give is not the program's serial part.
        speedup.points.pop();
        speedup.points[1].samples = Samples::new("x", vec![ms(67)]).unwrap();
        let there = speedup.amdahl().unwrap().serial;
        speedup.points[1].given = Some(given(1.5));
        assert!(there > 0.3 && speedup.amdahl().is_none());
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

//! Injected faults: attempts that crash or stall, the same ones for the same seed.
//!
//! ```
//! use potok::map_reduce::{Faults, MapReduce, TaskOutcome, Threads};
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let text = "to be\nor not\nto be";
//! let calm = job.over(text).run()?;
//! let faulty = job.attempts(9).faults(Faults::seeded(1).crashing(0.5));
//! let run = faulty.over(text).on(Threads(2)).run()?;
//! assert_eq!(run.sorted(), calm.sorted());
//! assert!(run.tasks.iter().any(|task| task.outcome == TaskOutcome::Crashed));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: what a crashed attempt had already emitted is discarded, so nothing is
//! counted twice.

use super::coordinator::Phase;
use super::table_key::hash_of;

/// Which attempts at tasks fail, and how. Only the seed, the task and the number of the
/// attempt decide, so a run with faults can be repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    seed: u64,
    crash: f64,
    stall: f64,
}

/// What happens to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It dies just before its end.
    Crash,
    /// It never comes back.
    Stall,
}

impl Faults {
    /// No faults.
    pub const fn none() -> Self {
        Faults { seed: 0, crash: 0.0, stall: 0.0 }
    }

    /// Faults by this seed; set their rates with [`crashing`](Faults::crashing) and
    /// [`stalling`](Faults::stalling).
    pub const fn seeded(seed: u64) -> Self {
        Faults { seed, ..Faults::none() }
    }

    /// This share of the attempts, from 0 to 1, crashes just before its end.
    #[must_use]
    pub const fn crashing(mut self, share: f64) -> Self {
        self.crash = share;
        self
    }

    /// This share of the attempts, from 0 to 1, stalls until the time of its task is over;
    /// then its worker counts as lost.
    ///
    /// # Examples
    /// ```
    /// use potok::map_reduce::{Faults, MapReduce, SLIDE, Threads};
    /// use potok::workload::ms;
    /// let job = MapReduce::new(
    ///     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
    ///     |_word, counts| counts.sum::<u64>(),
    /// );
    /// let faults = Faults::seeded(3).stalling(0.3);
    /// let job = job.faults(faults).task_timeout(ms(200)).attempts(20);
    /// assert_eq!(job.over(SLIDE).on(Threads(2)).run()?.get("Car"), Some(&3));
    /// # Ok::<(), potok::Error>(())
    /// ```
    #[must_use]
    pub const fn stalling(mut self, share: f64) -> Self {
        self.stall = share;
        self
    }

    pub(super) fn of(&self, phase: Phase, task: usize, attempt: u32) -> Option<Fault> {
        let draw = hash_of(&(self.seed, phase == Phase::Map, task, attempt));
        let draw = (draw >> 11) as f64 / (1_u64 << 53) as f64;
        if draw < self.crash {
            Some(Fault::Crash)
        } else if draw < self.crash + self.stall {
            Some(Fault::Stall)
        } else {
            None
        }
    }
}

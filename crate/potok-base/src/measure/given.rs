//! What the machine gave while something was measured, and what that explains.
//!
//! ```
//! use potok::prelude::*;
//!
//! let speedup = Speedup::measure("all on one thread", [2], |_| busy(ms(4)))?;
//! let given = speedup.points[1].given.unwrap();
//! assert!(given.cores > 0.0 && given.busy > 0.0);
//! println!("{}", speedup.verdict().unwrap());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a flat curve has two causes. Either the program did not share out its
//! work, or the cores were not there. Threads that share nothing and only compute tell
//! which: what they do not get, no thread gets.

use crate::units::decimal;
use crate::words;
use std::fmt;

/// What the machine gave while one point of a speed-up was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// Cores' worth of work that as many threads as there were workers got done, each by
    /// itself. One core is what a thread gets done that never waits for one. At least what
    /// the job itself kept busy.
    pub cores: f64,
    /// Cores that the job kept busy: its processor time ÷ its time on the wall clock.
    /// Processes that outlive a run are not in it.
    pub busy: f64,
    /// The share of their time that those threads were ready to run and waited for a
    /// core; `None` where the system does not tell.
    pub waited: Option<f64>,
    /// The share of the machine's time that went to other machines on the same hardware;
    /// `None` where the system does not tell, or the time was too short.
    pub stolen: Option<f64>,
}

/// Less than this share of what could be had is worth a word.
const ENOUGH: f64 = 0.8;

/// Why a speed-up is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The cores were there, and the program used them.
    Shared,
    /// The cores were there; the program did not share out its work.
    NotShared,
    /// The program used what there was, but the cores were not there.
    NoCores,
    /// The cores were not there, and what there was the program did not use.
    Neither,
    /// Faster than the cores allow: the job waits rather than computes.
    Waits,
    /// Faster than what the machine gave allows, of a job that computes: some of the runs
    /// were disturbed, so the figures contradict each other.
    Disturbed,
    /// One core can show no speed-up of what computes.
    OneCore,
}

/// What a measured speed-up says of the program and of the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeedupVerdict {
    /// Why it is as it is.
    pub why: Why,
    /// The point that tells: the first that was faster than the cores allow, or than what
    /// was given explains; else, of those that could use the most cores, the one with the fewest workers.
    pub workers: usize,
    /// Cores that so many workers could have used.
    pub cores: usize,
    /// How many times faster they were than one.
    pub speedup: f64,
    /// What the machine gave them.
    pub given: Given,
}

/// Whether a speed-up is more than the cores allow, by so much that it is no accident, of
/// a job that did not use those that there were.
pub(super) fn beyond(speedup: f64, given: Given) -> bool {
    let idle = given.busy < 0.5 * given.cores;
    idle && is_more_than(speedup, given.cores.max(1.0))
}

/// Whether a speed-up is more than so many cores allow, by so much that it is no accident.
pub(super) fn is_more_than(speedup: f64, cores: f64) -> bool {
    speedup > 1.25 * cores + 0.25
}

/// Whether a speed-up is more than what was given can explain, where one worker alone
/// kept as many cores busy as `one` says.
pub(super) fn contradicts(speedup: f64, given: Given, one: Given) -> bool {
    speedup * one.busy > 1.15 * given.cores
}

impl SpeedupVerdict {
    /// Judges a point by what could be had, and by what one worker had.
    pub(super) fn new(
        workers: usize,
        cores: usize,
        speedup: f64,
        (given, one): (Given, Given),
    ) -> Self {
        let could = workers.min(cores) as f64;
        let there = given.cores >= ENOUGH * could;
        let used = speedup >= ENOUGH * given.cores.min(could);
        let why = match (there, used) {
            _ if beyond(speedup, given) => Why::Waits,
            _ if contradicts(speedup, given, one) => Why::Disturbed,
            _ if cores < 2 => Why::OneCore,
            (true, true) => Why::Shared,
            (true, false) => Why::NotShared,
            (false, true) => Why::NoCores,
            (false, false) => Why::Neither,
        };
        SpeedupVerdict { why, workers, cores: workers.min(cores), speedup, given }
    }
}

/// As `the cores were not there: …`, a sentence without its end.
impl fmt::Display for SpeedupVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SpeedupVerdict { workers, cores, speedup, given, .. } = self;
        let reached = words::reached(*workers, *speedup);
        let gave = words::gave(decimal(given.cores, 1), cores);
        f.write_str(&match self.why {
            Why::Shared => words::cores_used(&reached, &gave),
            Why::NotShared if *speedup < 1.2 => words::shared_nothing(&reached, &gave),
            Why::NotShared => words::shared_part(&reached, &gave),
            Why::NoCores => words::no_cores(&reached, &gave),
            Why::Neither => words::neither(&reached, &gave),
            Why::Waits => words::waits(&reached, decimal(given.cores, 1)),
            Why::Disturbed => words::disturbed(&reached, &gave),
            Why::OneCore => words::one_core(*workers),
        })?;
        if matches!(self.why, Why::NoCores | Why::Neither) {
            let percent = |share: f64| (share * 100.0).round();
            if let Some(waited) = given.waited.filter(|waited| *waited >= 0.05) {
                f.write_str(&words::ready_waited(percent(waited)))?;
            }
            if let Some(stolen) = given.stolen.filter(|stolen| *stolen >= 0.01) {
                f.write_str(&words::stolen(percent(stolen)))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITING: f64 = 4.0;

    fn verdict(
        workers: usize,
        cores: usize,
        speedup: f64,
        gave: f64,
    ) -> SpeedupVerdict {
        let busy = if speedup == WAITING { 0.1 } else { 1.0 };
        let given = Given { cores: gave, busy, waited: Some(0.4), stolen: None };
        // Where there was less than a core, one worker had as large a part of it.
        let alone = (gave / workers as f64).min(busy);
        let one = Given { busy: if gave < 1.0 { alone } else { busy }, ..given };
        SpeedupVerdict::new(workers, cores, speedup, (given, one))
    }

    #[test]
    fn the_program_or_the_machine() {
        let told = [
            (verdict(2, 2, 1.9, 1.95), Why::Shared, "and were used"),
            (verdict(2, 2, 1.02, 1.95), Why::NotShared, "did not share out its"),
            (verdict(8, 8, 5.0, 7.4), Why::NotShared, "did not share out all of its"),
            (verdict(2, 2, 1.0, 1.1), Why::NoCores, "waited 40 % of the time"),
            (verdict(4, 4, 1.1, 2.2), Why::Neither, "nor did the program"),
            (verdict(4, 2, WAITING, 2.0), Why::Waits, "waits rather than"),
            // Each of two had its fifth of a core: twice as much as one.
            (verdict(2, 2, 2.0, 0.4), Why::NoCores, "gave 0.4 of 2"),
            (verdict(8, 1, 1.0, 1.0), Why::OneCore, "8 workers share it"),
            // Two cannot be more than twice as fast on a core and a half.
            (verdict(2, 2, 2.21, 1.5), Why::Disturbed, "do not trust this figure"),
            (
                verdict(4, 2, 2.6, 1.9),
                Why::Disturbed,
                "though the machine gave 1.9 of 2",
            ),
            // More workers than cores can have no more than the cores.
            (verdict(8, 2, 1.9, 2.0), Why::Shared, "gave 2.0 of 2"),
        ];
        for (verdict, why, words) in told {
            assert_eq!(verdict.why, why, "{verdict}");
            assert!(verdict.to_string().contains(words), "{verdict}");
        }
    }

    #[test]
    fn what_the_system_does_not_tell_is_not_said() {
        let given = Given { cores: 1.0, busy: 1.0, waited: None, stolen: None };
        let words = SpeedupVerdict::new(2, 2, 1.0, (given, given)).to_string();
        assert!(words.contains("not there") && !words.contains('%'), "{words}");
    }
}

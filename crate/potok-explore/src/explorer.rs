//! The bounds of a search, and its entry points: explore, replay, step.

use super::execution::End;
use super::plan::{Choice, Plan, Then};
use super::report::Report;
use super::run::{run, supervise};
use super::schedule::{self, Ending, Schedule};
use super::search::{has_end, search};
use crate::words;
use potok_base::error::{Error, Result};
use std::fmt::Debug;
use std::time::{Duration, Instant};

/// A program that returns its value as text.
type Program = Box<dyn Fn() -> String + Send>;

/// How far a search goes.
///
/// # Examples
/// ```
/// use potok::explore::{Explorer, programs};
/// let report = Explorer::new().preemptions(0).explore(programs::lost_update);
/// assert_eq!(report.schedules, 2);              // one thread after the other
/// assert!(report.passed());                     // … which shows nothing
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explorer {
    pub(super) preemptions: Option<usize>,
    pub(super) schedules: usize,
    pub(super) random: usize,
    pub(super) seed: u64,
    pub(super) steps: usize,
    pub(super) timeout: Duration,
    /// The states are kept, for stepping through them on a page.
    pub(super) states: bool,
}

impl Default for Explorer {
    fn default() -> Self {
        Explorer {
            preemptions: None,
            schedules: 20_000,
            random: 1_000,
            seed: 1,
            steps: 500,
            timeout: Duration::from_secs(10),
            states: true,
        }
    }
}

impl Explorer {
    /// All schedules, if there are at most 20,000 and they take at most about 7 seconds;
    /// otherwise 1,000 random ones in addition. At most 500 steps each, 10 seconds in all.
    pub fn new() -> Self {
        Explorer::default()
    }

    /// Tries only schedules with at most `most` preemptions: turns taken from a thread that
    /// could have continued.
    #[must_use]
    pub fn preemptions(self, most: usize) -> Self {
        Explorer { preemptions: Some(most), ..self }
    }

    /// Tries at most `most` schedules in order, the simplest first.
    #[must_use]
    pub fn schedules(self, most: usize) -> Self {
        Explorer { schedules: most, ..self }
    }

    /// Tries this many random schedules where not all could be tried in order.
    #[must_use]
    pub fn random(self, schedules: usize) -> Self {
        Explorer { random: schedules, ..self }
    }

    /// The seed of the random schedules: the same seed gives the same schedules.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Explorer { seed, ..self }
    }

    /// Cuts a run after `most` steps. If it ends with more steps it counts as not finished,
    /// otherwise as a livelock.
    #[must_use]
    pub fn steps(self, most: usize) -> Self {
        Explorer { steps: most.max(1), ..self }
    }

    /// Ends the search after this time, whatever schedules are left.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Explorer { timeout: limit.min(Duration::from_secs(24 * 3600)), ..self }
    }

    /// Keeps what came out, and not the states on the way: for reports that nobody steps
    /// through. The search takes less time.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::{Explorer, explore, programs};
    /// let report = Explorer::new().outcomes_only().explore(programs::lost_update);
    /// assert_eq!(report.outcomes, explore(programs::lost_update).outcomes);
    /// ```
    #[must_use]
    pub fn outcomes_only(self) -> Self {
        Explorer { states: false, ..self }
    }

    /// Runs `program` under many schedules; see [`explore`](super::explore).
    pub fn explore<T: Debug>(
        &self,
        program: impl Fn() -> T + Send + 'static,
    ) -> Report {
        self.explore_text(Box::new(move || format!("{:?}", program())))
    }

    /// Not generic, so that it is compiled once and not in each cell that explores.
    fn explore_text(&self, program: Program) -> Report {
        let start = Instant::now();
        let explorer = self.clone();
        let findings = supervise(move |watch| search(&explorer, &*program, watch));
        Report::new(findings, self, start.elapsed())
    }

    pub(super) fn plan(&self, choices: Vec<Choice>, then: Then) -> Plan {
        Plan { choices, used: 0, then, most_steps: self.steps }
    }

    /// Runs `program` once.
    pub(super) fn once<T: Debug>(
        &self,
        program: impl Fn() -> T + Send + 'static,
        choices: &str,
        then: Then,
    ) -> Result<Schedule> {
        self.once_text(Box::new(move || format!("{:?}", program())), choices, then)
    }

    fn once_text(
        &self,
        program: Program,
        choices: &str,
        then: Then,
    ) -> Result<Schedule> {
        let mut plan = self.plan(schedule::parse(choices)?, then);
        let planned = plan.choices.len();
        // The bound counts from the end of the string, which may be from a larger bound.
        plan.most_steps = planned + self.steps;
        let mut longer = plan.clone();
        longer.most_steps += self.steps + 100;
        let steps = plan.most_steps;
        let (mut done, has_end) = supervise(move |watch| {
            let done = run(&*program, plan, true, watch);
            let cut = matches!(done.end, End::Program(Ending::Livelock(_)));
            let has_end = cut && has_end(&run(&*program, longer, false, watch).end);
            (done, has_end)
        })?;
        if let Some(schedule) = done.schedule.as_mut().filter(|_| has_end) {
            let why = words::ends_later(steps);
            schedule.ending = Some(Ending::Unfinished(why));
        }
        if let End::BadChoice(why) = done.end {
            return Err(Error::invalid(why));
        }
        if done.trail.len() < planned {
            let steps = done.trail.len();
            return Err(Error::invalid(words::ended_early(steps, planned)));
        }
        done.schedule.ok_or_else(|| Error::invalid(words::not_recorded()))
    }
}

//! What a search found, and a verdict on it.

use super::explorer::Explorer;
use super::graph::Graph;
use super::schedule::{Ending, Schedule};
use super::search::{Findings, Found};
use crate::words;
use potok_base::error::Result;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// What a search found.
///
/// # Examples
/// ```
/// use potok::explore::{Verdict, explore, programs};
/// let report = explore(programs::lost_update);
/// assert_eq!(report.schedules, 6);
/// let counts: Vec<_> = report.outcomes.iter().map(|o| (o.ending.detail(), o.count)).collect();
/// assert_eq!(counts, [("1", 4), ("2", 2)]);
/// assert_eq!(report.outcomes[0].verdict, Verdict::Surprising);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The outcomes, the worst first.
    pub outcomes: Vec<Outcome>,
    /// How many different schedules were tried.
    pub schedules: usize,
    /// How many of them were random.
    pub random: usize,
    /// Which part of all schedules that is.
    pub coverage: Coverage,
    /// The seed of the random ones.
    pub seed: u64,
    /// How long the search took.
    pub time: Duration,
    /// Why the search stopped early or proves nothing, if so.
    pub trouble: Option<String>,
    /// Schedules beyond the coverage were tried as well.
    others: bool,
    /// Runs were cut after this many steps.
    cut: Option<usize>,
    /// A thread that had yielded was kept from yielding again.
    yields: bool,
    /// A condition variable was waited on.
    sleeps: bool,
    /// The states of the program, for stepping by hand; `None` if there are too many.
    pub(super) graph: Option<Arc<Graph>>,
}

/// How much of all schedules was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All of them.
    All,
    /// All that contain at most this many preemptions.
    Preemptions(usize),
    /// Some of them.
    Some,
}

/// One way in which the program ended, and how often it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How the program ended.
    pub ending: Ending,
    /// Under how many schedules.
    pub count: usize,
    /// Whether it should be possible.
    pub verdict: Verdict,
    /// How many preemptions its simplest schedule has.
    pub preemptions: usize,
    /// Its simplest schedule: fewest preemptions, then fewest steps. At most 24 outcomes
    /// have one; panics, deadlocks and the like come first.
    pub schedule: Option<Schedule>,
    /// Its number, in the order in which outcomes were found.
    index: usize,
    /// For each outcome: how many choices its schedules share with this one at most.
    shared: Vec<usize>,
}

/// Whether an outcome should be possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Declared as expected; or, without a declaration, a value that comes out without
    /// preemption (if there is none: with the fewest preemptions).
    Expected,
    /// The run was cut before its end, or nothing was explored: nothing is known.
    Open,
    /// Neither expected nor forbidden: a value that only comes out after a preemption.
    Surprising,
    /// Not among those that were declared as expected; a panic, a deadlock, a livelock.
    Forbidden,
}

impl Report {
    pub(super) fn new(
        findings: Result<Findings>,
        explorer: &Explorer,
        time: Duration,
    ) -> Self {
        let mut findings = findings.unwrap_or_else(|error| Findings::failed(&error));
        let coverage = match findings.complete {
            _ if findings.exhausted => Coverage::All,
            Some(preemptions) => Coverage::Preemptions(preemptions),
            None => Coverage::Some,
        };
        // Nearly always zero: one thread after the other.
        let gentlest = (findings.found.iter())
            .filter(|found| matches!(found.ending, Ending::Returned(_)))
            .map(|found| found.preemptions)
            .min();
        let outcome = |(index, found)| Outcome::new(index, found, gentlest);
        let endless =
            |f: &Found| matches!(f.ending, Ending::Livelock(_) | Ending::Unfinished(_));
        let cut = findings.found.iter().any(endless).then_some(explorer.steps);
        let endings = findings.found.iter().map(|found| found.ending.clone());
        let endings = endings.collect();
        let graph = std::mem::take(&mut findings.tree).merged(endings).map(Arc::new);
        let mut report = Report {
            schedules: findings.schedules(),
            random: findings.random,
            coverage,
            seed: explorer.seed,
            time,
            trouble: findings.trouble,
            others: findings.others,
            cut,
            yields: findings.yields,
            sleeps: findings.sleeps,
            graph,
            outcomes: vec![],
        };
        for outcome in findings.found.into_iter().enumerate().map(outcome) {
            // Two livelocks may both have turned out to be unfinished runs.
            match report.outcomes.iter_mut().find(|o| o.ending == outcome.ending) {
                Some(same) => same.count += outcome.count,
                None => report.outcomes.push(outcome),
            }
        }
        if report.trouble.is_none() && report.saw_no_step() {
            // A program without steps has one schedule, which proves nothing.
            report.coverage = Coverage::Some;
            report.trouble = Some(words::no_step().to_owned());
            for outcome in &mut report.outcomes {
                if outcome.verdict == Verdict::Expected {
                    outcome.verdict = Verdict::Open;
                }
            }
        }
        report.judge();
        report
    }

    /// Whether the program has no steps that can be explored: it uses nothing of
    /// [`thread`](crate::thread) and [`sync`](crate::sync), and `std`'s own types are not
    /// seen.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::explore;
    /// use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// let report = explore(|| {
    ///     let counter = AtomicU32::new(0);             // std's: not seen
    ///     counter.fetch_add(1, SeqCst);
    ///     counter.into_inner()
    /// });
    /// assert!(report.saw_no_step() && !report.passed());
    /// assert!(report.trouble.unwrap().contains("potok::explore::sync"));
    /// ```
    pub fn saw_no_step(&self) -> bool {
        let mut schedules =
            self.outcomes.iter().filter_map(|o| o.schedule.as_ref()).peekable();
        schedules.peek().is_some() && schedules.all(|s| s.steps.is_empty())
    }

    /// Declares these values as right; all other outcomes become forbidden.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::{Verdict, explore, programs};
    /// let report = explore(programs::lost_update).expect([2]);
    /// assert_eq!(report.worst().unwrap().verdict, Verdict::Forbidden);
    /// assert!(!report.passed());
    /// ```
    #[must_use]
    pub fn expect<T: Debug>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let values = returned(values);
        let nothing = self.saw_no_step();
        for outcome in &mut self.outcomes {
            outcome.verdict = match outcome.ending {
                Ending::Unfinished(_) => Verdict::Open,
                _ if nothing && values.contains(&outcome.ending) => Verdict::Open,
                _ if values.contains(&outcome.ending) => Verdict::Expected,
                _ => Verdict::Forbidden,
            };
        }
        self.judge();
        self
    }

    /// Whether every outcome is an expected one and nothing stopped the search.
    ///
    /// It says nothing about schedules that were not tried: see [`coverage`](Self::coverage).
    pub fn passed(&self) -> bool {
        self.trouble.is_none() && !self.outcomes.is_empty() && self.worst().is_none()
    }

    /// The worst outcome that is not expected; of several, the one with the fewest
    /// preemptions.
    pub fn worst(&self) -> Option<&Outcome> {
        self.outcomes.first().filter(|o| o.verdict != Verdict::Expected)
    }

    /// What this report does not prove, in a sentence or two.
    pub fn caveat(&self) -> String {
        if self.saw_no_step() {
            return words::another_result().to_owned();
        }
        let tried = match self.coverage {
            Coverage::All => words::all_tried().to_owned(),
            Coverage::Preemptions(n) => {
                let others = if self.others { words::and_others() } else { "" };
                words::at_most_tried(n, others)
            }
            Coverage::Some => words::some_tried().to_owned(),
        };
        let cut = self.cut.map_or_else(String::new, words::steps_of_each);
        let mut caveat = words::consistency(tried, cut);
        if self.yields {
            caveat += words::yielded_once();
        }
        if self.sleeps {
            caveat += words::no_spurious();
        }
        caveat
    }

    /// After how many steps runs were cut, if any was.
    pub fn cut(&self) -> Option<usize> {
        self.cut
    }

    /// Whether schedules beyond the [`coverage`](Self::coverage) were tried as well.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::{explore, programs};
    /// assert!(!explore(programs::lost_update).has_others());   // there are no others
    /// ```
    pub fn has_others(&self) -> bool {
        self.others
    }

    /// Sorts by verdict, and marks in each bad schedule the step that made it go wrong.
    fn judge(&mut self) {
        self.outcomes
            .sort_by_key(|o| (std::cmp::Reverse(o.verdict), o.preemptions, o.index));
        let good: Vec<usize> = (self.outcomes.iter())
            .filter(|o| o.verdict == Verdict::Expected)
            .map(|o| o.index)
            .collect();
        for outcome in &mut self.outcomes {
            let bad = outcome.verdict > Verdict::Open;
            let shared = |&index: &usize| outcome.shared.get(index).copied();
            let turn = good.iter().filter_map(shared).max().filter(|_| bad);
            if let Some(schedule) = &mut outcome.schedule {
                // The choices may contain wake-ups, which belong to the step before.
                let step = |at: usize| step_of_choice(&schedule.choices, at);
                let steps = schedule.steps.len();
                schedule.breaking = turn.map(step).filter(|&s| s < steps);
            }
        }
    }
}

impl Outcome {
    fn new(index: usize, found: Found, gentlest: Option<usize>) -> Self {
        let verdict = match &found.ending {
            Ending::Returned(_) if Some(found.preemptions) == gentlest => {
                Verdict::Expected
            }
            Ending::Returned(_) => Verdict::Surprising,
            Ending::Unfinished(_) => Verdict::Open,
            _ => Verdict::Forbidden,
        };
        Outcome {
            ending: found.ending,
            count: found.count,
            verdict,
            preemptions: found.preemptions,
            schedule: found.schedule,
            index,
            shared: found.shared,
        }
    }
}

fn returned<T: Debug>(values: impl IntoIterator<Item = T>) -> Vec<Ending> {
    values.into_iter().map(|value| Ending::Returned(format!("{value:?}"))).collect()
}

/// The step that the choice at a position belongs to.
fn step_of_choice(choices: &str, at: usize) -> usize {
    let mut steps = 0;
    let mut wakes = false;
    let mut position = 0;
    for c in choices.chars() {
        if c == '>' {
            wakes = true;
            continue;
        }
        steps += usize::from(!wakes);
        wakes = false;
        if position == at {
            break;
        }
        position += 1;
    }
    steps.saturating_sub(1)
}

//! Chooses the next step: by a plan, and by a rule where the plan ends.

use super::execution::{At, End, State};
use super::operation::{Operation, ThreadId};
use super::schedule::{self, Ending};
use crate::words;
use potok_base::random::Random;

/// A choice: a thread that takes the next step, or one that a notification wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Choice {
    Step(u8),
    Wake(u8),
}

impl Choice {
    pub(super) fn thread(self) -> u8 {
        match self {
            Choice::Step(thread) | Choice::Wake(thread) => thread,
        }
    }

    /// The same kind of choice of another thread.
    pub(super) fn with(self, thread: u8) -> Self {
        match self {
            Choice::Step(_) => Choice::Step(thread),
            Choice::Wake(_) => Choice::Wake(thread),
        }
    }
}

/// Choices made in advance, and what to do after them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) choices: Vec<Choice>,
    /// How many of them have been made.
    pub(super) used: usize,
    pub(super) then: Then,
    /// A run with more steps is cut.
    pub(super) most_steps: usize,
}

/// What to do after the end of a plan.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// Stay with the thread that runs, as long as it can.
    Stay,
    /// Choose at random.
    Random(Random),
    /// End the run.
    Stop,
}

/// A choice that was made, and its alternatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    pub(super) choice: Choice,
    /// A set of threads, one bit each.
    pub(super) options: u64,
    /// The thread that ran, if it could have continued: choosing another preempts it.
    pub(super) running: Option<u8>,
    /// Some thread was able to continue but was excluded, since it would only yield again.
    pub(super) kept_back: bool,
}

impl Decision {
    /// Whether choosing `thread` here preempts the running one.
    pub(super) fn preempts(&self, thread: u8) -> bool {
        self.running.is_some_and(|running| running != thread)
    }
}

impl State {
    /// Decides whose turn it is.
    ///
    /// # Errors
    /// Why the run ends here, if it does.
    pub(super) fn choose(&mut self) -> Result<(), End> {
        // Joins and opened barriers are not steps: such a thread continues at once.
        let going_on = |at: &At| match at {
            At::Announced(operation) => !operation.is_step() && self.can(operation),
            At::Running | At::Finished => false,
        };
        if let Some(thread) = self.threads.iter().position(|t| going_on(&t.at)) {
            self.turn = thread;
            return Ok(());
        }
        let able = self.set(|_| true);
        if able == 0 {
            return Err(End::Program(Ending::Deadlock(self.who_waits())));
        }
        if self.steps >= self.plan.most_steps {
            return Err(End::Program(self.livelock()));
        }
        let idles = |thread: ThreadId| {
            // A time-out is like a yield: repeated, it only helps if others move on.
            let at_yield = matches!(
                self.threads[thread].at,
                At::Announced(Operation::Yield | Operation::Asleep { .. })
            );
            at_yield && self.threads[thread].yielded
        };
        let eager = self.set(|thread| !idles(thread));
        let options = if eager == 0 { able } else { eager };
        // Switching away from a thread that gave its turn away is not a preemption.
        let running = self.last.filter(|&t| !self.threads[t].gave_way);
        let running = running.map(|t| t as u8).filter(|&t| options >> t & 1 == 1);
        let others = self.set(|t| !idles(t) && !self.threads[t].gave_way);
        let chosen = match self.plan.choices.get(self.plan.used).copied() {
            Some(Choice::Step(thread)) if thread < 64 && able >> thread & 1 == 1 => {
                self.plan.used += 1;
                thread
            }
            Some(choice) => return Err(self.bad_choice(choice, able)),
            None => match &mut self.plan.then {
                Then::Stop => return Err(End::Paused),
                then => running.filter(|_| matches!(then, Then::Stay)).unwrap_or_else(
                    || match then {
                        Then::Stay if others != 0 => then.pick(others),
                        then => then.pick(options),
                    },
                ),
            },
        };
        self.record_choice();
        let (choice, kept_back) = (Choice::Step(chosen), options != able);
        self.trail.push(Decision { choice, options, running, kept_back });
        self.steps += 1;
        self.turn = ThreadId::from(chosen);
        Ok(())
    }

    /// Decides which of several sleeping threads a notification wakes.
    pub(super) fn choose_woken(&mut self, asleep: &[ThreadId]) -> ThreadId {
        let [first, _, ..] = *asleep else {
            return asleep.first().copied().unwrap_or(0);
        };
        let options = asleep.iter().fold(0, |set, t| set | 1 << t);
        let planned = match self.plan.choices.get(self.plan.used) {
            Some(&Choice::Wake(t)) if asleep.contains(&t.into()) => Some(t),
            _ => None,
        };
        self.plan.used += usize::from(planned.is_some());
        let chosen = planned.unwrap_or_else(|| match &mut self.plan.then {
            // The thread that has slept longest.
            Then::Stay | Then::Stop => first as u8,
            then @ Then::Random(_) => then.pick(options),
        });
        self.trail.push(Decision {
            choice: Choice::Wake(chosen),
            options,
            running: None,
            kept_back: false,
        });
        ThreadId::from(chosen)
    }

    /// The threads that can take a step and are `wanted`.
    fn set(&self, wanted: impl Fn(ThreadId) -> bool) -> u64 {
        let able = |thread: &ThreadId| match &self.threads[*thread].at {
            At::Announced(operation) => operation.is_step() && self.can(operation),
            At::Running | At::Finished => false,
        };
        let threads = (0..self.threads.len()).filter(|&t| wanted(t));
        threads.filter(able).fold(0, |set, t| set | 1 << t)
    }

    fn livelock(&self) -> Ending {
        let spins = |at: &At| matches!(at, At::Announced(Operation::Yield));
        let hint = if self.threads.iter().any(|t| t.ever_yielded || spins(&t.at)) {
            ""
        } else {
            words::yield_hint()
        };
        Ending::Livelock(words::no_end(self.plan.most_steps) + hint)
    }

    fn bad_choice(&self, choice: Choice, able: u64) -> End {
        let number = self.steps + 1;
        let wanted = schedule::spell(&[choice]);
        let threads = (0..self.threads.len()).filter(|t| able >> t & 1 == 1);
        let possible: Vec<String> = threads
            .map(|t| {
                let letter = schedule::spell(&[Choice::Step(t as u8)]);
                format!("{letter} (`{}`)", self.threads[t].name)
            })
            .collect();
        End::BadChoice(words::bad_choice(number, wanted, possible.join(", ")))
    }
}

impl Then {
    /// A member of a non-empty set: the first, or a random one.
    fn pick(&mut self, options: u64) -> u8 {
        let skip = match self {
            Then::Random(random) => {
                random.next_u64() % u64::from(options.count_ones().max(1))
            }
            Then::Stay | Then::Stop => 0,
        };
        let left = (0..skip).fold(options, |set, _| set & set.wrapping_sub(1));
        left.trailing_zeros() as u8
    }
}

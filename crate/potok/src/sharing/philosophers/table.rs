//! The table: forks, and who waits for which of them.

use super::COURSES;
use crate::sharing::semaphore::Semaphore;
use crate::sharing::wait_for::{Cycle, Wait, find_cycle};
use crate::trace::Recorder;
use crate::words;
use crate::workload::{ms, wait};
use potok_base::sync::{lock, unpoisoned};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

const MEAL: Duration = ms(4);

/// Which of the left and the right fork is taken first.
pub(super) type Order = fn(usize, usize) -> (usize, usize);

/// The forks, and what each philosopher waits for. One lock for all of it, so that a look
/// at who waits for whom sees one moment.
pub(super) struct Table {
    n: usize,
    state: Mutex<State>,
    changed: Condvar,
    order: Order,
    waiter: Option<Semaphore>,
    deadline: Instant,
}

pub(super) struct State {
    holder: Vec<Option<usize>>,
    wants: Vec<Option<usize>>,
    /// Who has a fork, or waits for one, in the first round; all, if nobody waits for that.
    settled: Vec<bool>,
    pub(super) meals: Vec<usize>,
    pub(super) deadlock: Option<Cycle>,
    pub(super) over: bool,
}

impl Table {
    /// A table at which everybody eats who has both forks.
    pub(super) fn new(n: usize, order: Order, timeout: Duration) -> Self {
        let state = State {
            holder: vec![None; n],
            wants: vec![None; n],
            settled: vec![true; n],
            meals: vec![0; n],
            deadlock: None,
            over: false,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        // The clock's range ends somewhere; a day is long enough.
        let deadline = Instant::now() + timeout.min(Duration::from_hours(24));
        Table { n, state, changed, order, waiter: None, deadline }
    }

    /// Nobody takes a second fork before all have a first one or wait for it.
    pub(super) fn all_hold_first_forks(mut self) -> Self {
        unpoisoned(self.state.get_mut()).settled.fill(false);
        self
    }

    /// A waiter keeps one seat free.
    pub(super) fn all_but_one_sit(self) -> Self {
        Table { waiter: Some(Semaphore::new(self.n - 1)), ..self }
    }

    /// What is on it after the dinner.
    pub(super) fn cleared(self) -> State {
        unpoisoned(self.state.into_inner())
    }

    /// What one philosopher does: eats three meals, or fewer if the dinner ends before.
    pub(super) fn dine(&self, me: usize, recorder: &Recorder) {
        for _ in 0..COURSES {
            if self.eat(me, recorder).is_none() {
                return self.give_up();
            }
        }
    }

    /// One meal; `None` if the dinner is over.
    fn eat(&self, me: usize, recorder: &Recorder) -> Option<()> {
        let (first, second) = (self.order)(me, (me + 1) % self.n);
        let _seat = match &self.waiter {
            Some(waiter) => {
                self.settle(me);
                let left = self.deadline.saturating_duration_since(Instant::now());
                Some(recorder.wait(words::a_seat(), || waiter.acquire_timeout(left))?)
            }
            None => None,
        };
        recorder.wait(words::fork(first), || self.take(me, first))?;
        let eaten = self.settle_all(me).and_then(|()| {
            recorder.wait(words::fork(second), || self.take(me, second))?;
            recorder.span(words::eats(), || wait(MEAL));
            lock(&self.state).meals[me] += 1;
            self.put_down(second);
            Some(())
        });
        self.put_down(first);
        eaten
    }

    fn take(&self, me: usize, fork: usize) -> Option<()> {
        let mut state = lock(&self.state);
        while state.holder[fork].is_some() {
            if state.over {
                return None;
            }
            if state.wants[me].is_none() {
                state.wants[me] = Some(fork);
                state.settled[me] = true;
                state.deadlock = find_cycle(&state.waits());
                state.over |= state.deadlock.is_some();
                self.changed.notify_all();
                continue;
            }
            state = self.pause(state)?;
        }
        state.wants[me] = None;
        state.holder[fork] = Some(me);
        Some(())
    }

    /// Waits until everybody has a fork or waits for one.
    fn settle_all(&self, me: usize) -> Option<()> {
        self.settle(me);
        let mut state = lock(&self.state);
        while !state.settled.iter().all(|&settled| settled) {
            state = self.pause(state)?;
        }
        Some(())
    }

    fn settle(&self, me: usize) {
        lock(&self.state).settled[me] = true;
        self.changed.notify_all();
    }

    fn put_down(&self, fork: usize) {
        let mut state = lock(&self.state);
        // After the end the forks stay where they were, for the cycle to be seen.
        if !state.over {
            state.holder[fork] = None;
        }
        self.changed.notify_all();
    }

    pub(super) fn give_up(&self) {
        lock(&self.state).over = true;
        self.changed.notify_all();
    }

    /// Sleeps until something changes; `None` if the dinner is over or its time is up.
    fn pause<'a>(&self, state: MutexGuard<'a, State>) -> Option<MutexGuard<'a, State>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if state.over || left.is_zero() {
            return None;
        }
        Some(unpoisoned(self.changed.wait_timeout(state, left)).0)
    }
}

impl State {
    fn waits(&self) -> Vec<Wait> {
        let wants = self.wants.iter().enumerate();
        wants
            .filter_map(|(who, &fork)| {
                let holder = self.holder[fork?]?;
                Some(Wait::new(name(who), words::fork(fork?), name(holder)))
            })
            .collect()
    }
}

/// Names in alphabetical order: `ann`, `bob`, later single letters.
pub(super) fn name(philosopher: usize) -> String {
    let known = ["ann", "bob", "cid", "dee", "eve", "fay", "gus"];
    let letter = || char::from(b'a' + philosopher as u8).to_string();
    known.get(philosopher).map_or_else(letter, |&name| name.to_owned())
}

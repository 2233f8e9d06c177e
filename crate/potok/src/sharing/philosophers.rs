//! The dining philosophers: a dinner that stops for ever, as a value.
//!
//! ```
//! use potok::prelude::*;
//! use potok::sharing::{Seats, dine};
//!
//! let dinner = dine(3, Seats::LeftForkFirst, ms(5_000))?;
//! let cycle = dinner.deadlock.unwrap();
//! assert_eq!(cycle.waits.len(), 3);
//! assert_eq!(dinner.meals, [0, 0, 0]);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: n philosophers, n forks, and whoever wants to eat needs the two
//! beside the plate. If all take the left one first, each holds one and waits for the
//! next. Nothing was done wrong by any one of them. If everybody takes the fork with the
//! *lower number* first, no circle can close: that is lock ordering.
//!
//! Source: Edsger Dijkstra, "Hierarchical ordering of sequential processes" (1971).

use super::semaphore::Semaphore;
use super::wait_for::{Cycle, Wait, find_cycle};
use crate::error::{Error, Result};
use crate::trace::{Recorder, Trace};
use crate::workload::{ms, wait};
use serde::{Deserialize, Serialize};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// In which order the philosophers take their forks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Seats {
    /// Everybody takes the left fork first. This can stop for ever, and here it does.
    LeftForkFirst,
    /// Everybody takes the fork with the lower number first: a cure.
    LowerForkFirst,
    /// Left first, but a waiter lets all but one sit down at a time: another cure.
    Waiter,
}

/// How many meals each philosopher wants.
const COURSES: usize = 3;
const MEAL: Duration = ms(4);

/// What came of a dinner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dinner {
    /// How many meals each philosopher had; three each if all went well.
    pub meals: Vec<usize>,
    /// The circle in which they waited when nothing moved any more.
    pub deadlock: Option<Cycle>,
    /// Who ate and who waited for which fork, when.
    pub trace: Trace,
}

/// Lets `n` philosophers have three meals each, or stops at the deadlock.
///
/// In the first round nobody goes on to the second fork before everybody has one or has
/// to wait for it. So the outcome does not depend on luck.
///
/// # Errors
/// Fewer than 2 or more than 26 philosophers; not done and no deadlock by `deadline`.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use potok::sharing::{Seats, dine};
/// for cure in [Seats::LowerForkFirst, Seats::Waiter] {
///     let dinner = dine(5, cure, ms(5_000))?;
///     assert_eq!(dinner.meals, [3, 3, 3, 3, 3]);
/// }
/// # Ok::<(), potok::Error>(())
/// ```
pub fn dine(n: usize, seats: Seats, deadline: Duration) -> Result<Dinner> {
    if !(2..=26).contains(&n) {
        return Err(Error::invalid(format!(
            "{n} philosophers cannot dine; seat 2 to 26 of them"
        )));
    }
    let recorder = Recorder::new();
    // A dinner of a day is long enough.
    let end = Instant::now() + deadline.min(Duration::from_hours(24));
    let table = Table::new(n, seats, end);
    thread::scope(|s| -> Result<()> {
        for i in 0..n {
            let (table, recorder) = (&table, &recorder);
            thread::Builder::new()
                .name(name(i))
                .spawn_scoped(s, move || table.dine(i, recorder))
                .map_err(|e| {
                    table.give_up();
                    Error::io("seating a philosopher", &e)
                })?;
        }
        Ok(())
    })?;
    let state = table.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if state.over && state.deadlock.is_none() {
        return Err(Error::timed_out("the dinner", deadline));
    }
    let trace = recorder.trace();
    Ok(Dinner { meals: state.meals, deadlock: state.deadlock, trace })
}

/// Forks, and what everybody waits for. One lock for all of it, so that a look at who
/// waits for whom is a look at one moment.
struct Table {
    state: Mutex<State>,
    changed: Condvar,
    seats: Seats,
    waiter: Semaphore,
    deadline: Instant,
}

struct State {
    holder: Vec<Option<usize>>,
    wants: Vec<Option<usize>>,
    settled: Vec<bool>,
    meals: Vec<usize>,
    deadlock: Option<Cycle>,
    over: bool,
}

impl Table {
    fn new(n: usize, seats: Seats, deadline: Instant) -> Self {
        let state = State {
            holder: vec![None; n],
            wants: vec![None; n],
            settled: vec![false; n],
            meals: vec![0; n],
            deadlock: None,
            over: false,
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        Table { state, changed, seats, waiter: Semaphore::new(n - 1), deadline }
    }

    fn dine(&self, me: usize, recorder: &Recorder) {
        for _ in 0..COURSES {
            if self.eat(me, recorder).is_none() {
                return self.give_up();
            }
        }
    }

    /// One meal; `None` when the dinner is over.
    fn eat(&self, me: usize, recorder: &Recorder) -> Option<()> {
        let right = (me + 1) % self.forks();
        let (first, second) = match self.seats {
            Seats::LowerForkFirst => (me.min(right), me.max(right)),
            Seats::LeftForkFirst | Seats::Waiter => (me, right),
        };
        let _seat = match self.seats {
            Seats::Waiter => {
                self.settle(me);
                let left = self.deadline.saturating_duration_since(Instant::now());
                Some(recorder.wait("a seat", || self.waiter.acquire_timeout(left))?)
            }
            _ => None,
        };
        recorder.wait(format!("fork {first}"), || self.take(me, first))?;
        let eaten = self.settle_all(me).and_then(|()| {
            recorder.wait(format!("fork {second}"), || self.take(me, second))?;
            recorder.span("eats", || wait(MEAL));
            self.lock().meals[me] += 1;
            self.put_down(second);
            Some(())
        });
        self.put_down(first);
        eaten
    }

    fn take(&self, me: usize, fork: usize) -> Option<()> {
        let mut state = self.lock();
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
        let mut state = self.lock();
        while !state.settled.iter().all(|&settled| settled) {
            state = self.pause(state)?;
        }
        Some(())
    }

    fn settle(&self, me: usize) {
        self.lock().settled[me] = true;
        self.changed.notify_all();
    }

    fn put_down(&self, fork: usize) {
        let mut state = self.lock();
        // A dinner that is over keeps its forks as they were when it stopped.
        if !state.over {
            state.holder[fork] = None;
        }
        self.changed.notify_all();
    }

    fn give_up(&self) {
        self.lock().over = true;
        self.changed.notify_all();
    }

    /// Sleeps until something changes; `None` when the dinner is over or late.
    fn pause<'a>(&self, state: MutexGuard<'a, State>) -> Option<MutexGuard<'a, State>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if state.over || left.is_zero() {
            return None;
        }
        let woken = self.changed.wait_timeout(state, left);
        Some(woken.unwrap_or_else(PoisonError::into_inner).0)
    }

    fn forks(&self) -> usize {
        self.lock().holder.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waits(&self) -> Vec<Wait> {
        let wants = self.wants.iter().enumerate();
        wants
            .filter_map(|(who, &fork)| {
                let holder = self.holder[fork?]?;
                Some(Wait::new(name(who), format!("fork {}", fork?), name(holder)))
            })
            .collect()
    }
}

/// Names in the order of the alphabet: `ann`, `bob`, then letters.
fn name(philosopher: usize) -> String {
    let known = ["ann", "bob", "cid", "dee", "eve", "fay", "gus"];
    let letter = || char::from(b'a' + philosopher as u8).to_string();
    known.get(philosopher).map_or_else(letter, |&name| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_first_always_stops_with_everybody_in_the_circle() {
        for n in [2, 3, 5, 8] {
            let dinner = dine(n, Seats::LeftForkFirst, ms(20_000)).unwrap();
            let cycle = dinner.deadlock.unwrap();
            assert_eq!(cycle.waits.len(), n, "{cycle}");
            assert_eq!(dinner.meals, vec![0; n]);
            assert_eq!(dinner.trace.lanes.len(), n);
        }
    }

    #[test]
    fn both_cures_feed_everybody() {
        for seats in [Seats::LowerForkFirst, Seats::Waiter] {
            for n in [2, 3, 5] {
                let dinner = dine(n, seats, ms(20_000)).unwrap();
                assert_eq!(dinner.meals, vec![COURSES; n]);
                assert_eq!(dinner.deadlock, None);
            }
        }
    }

    #[test]
    fn neighbours_never_eat_at_the_same_time() {
        let trace = dine(4, Seats::LowerForkFirst, ms(20_000)).unwrap().trace;
        let seat =
            |lane: usize| (0..4).find(|&i| name(i) == trace.lanes[lane].name).unwrap();
        let meals: Vec<_> = trace.spans.iter().filter(|s| s.label == "eats").collect();
        for (a, b) in meals.iter().flat_map(|a| meals.iter().map(move |b| (a, b))) {
            let beside = (seat(a.lane) + 1) % 4 == seat(b.lane);
            assert!(!beside || a.end <= Some(b.start) || b.end <= Some(a.start));
        }
    }

    #[test]
    fn a_dinner_too_long_for_its_deadline_is_an_error() {
        let error = dine(3, Seats::LowerForkFirst, ms(0)).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::TimedOut);
        assert!(dine(1, Seats::Waiter, ms(1)).is_err());
    }
}

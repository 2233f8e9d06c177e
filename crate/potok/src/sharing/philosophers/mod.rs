//! The dining philosophers: a dinner that stops for ever, as a value, and two cures.
//!
//! ```
//! use potok::prelude::*;
//!
//! let dinner = Philosophers::new(3).left_fork_first()?;
//! let cycle = dinner.deadlock.unwrap();
//! assert_eq!(cycle.waits.len(), 3);
//! assert_eq!(dinner.meals, [0, 0, 0]);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: there are n philosophers and n forks, and to eat, a philosopher needs
//! the two forks beside the plate. If all take the left one first, each holds one fork and
//! waits for the next. No single philosopher made a mistake. If each takes the fork with
//! the *lower number* first, no cycle can form: that is lock ordering.
//!
//! `table` is what they dine at: the forks behind one lock.
//!
//! Source: Edsger Dijkstra, "Hierarchical ordering of sequential processes" (1971).

mod table;

use self::table::{Order, Table, name};
use super::wait_for::Cycle;
use crate::error::{Error, Result};
use crate::trace::{Recorder, Trace};
use crate::words;
use crate::workload::ms;
use serde::{Deserialize, Serialize};
use std::thread;
use std::time::Duration;

/// How many meals each philosopher wants.
const COURSES: usize = 3;

/// A table of philosophers. Its methods are dinners that differ in the order of the forks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Philosophers {
    n: usize,
    timeout: Duration,
}

/// The result of a dinner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dinner {
    /// How many meals each philosopher had; three each if all went well.
    pub meals: Vec<usize>,
    /// The cycle in which they waited, if no philosopher could continue.
    pub deadlock: Option<Cycle>,
    /// Who ate, and who waited for which fork.
    pub trace: Trace,
}

impl Philosophers {
    /// `n` philosophers, who have 10 s for three meals each.
    pub fn new(n: usize) -> Self {
        Philosophers { n, timeout: ms(10_000) }
    }

    /// Limits the time of the whole dinner. A deadlock ends it earlier.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Philosophers { timeout: limit, ..self }
    }

    /// Each philosopher takes the left fork first. This can deadlock, and here it does.
    ///
    /// In the first round no philosopher takes the second fork before all have one or wait
    /// for one. So the outcome does not depend on luck.
    ///
    /// # Errors
    /// Fewer than 2 or more than 26 philosophers; neither finished nor deadlocked within
    /// the [`timeout`](Philosophers::timeout).
    pub fn left_fork_first(self) -> Result<Dinner> {
        let table = self.table(|left, right| (left, right))?;
        self.dine(table.all_hold_first_forks(), words::left_first())
    }

    /// A cure: each philosopher takes the fork with the lower number first.
    ///
    /// Nobody is made to wait here as in `left_fork_first`: whoever has both forks eats.
    ///
    /// # Errors
    /// Those of [`left_fork_first`](Philosophers::left_fork_first).
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let dinner = Philosophers::new(5).lower_fork_first()?;
    /// assert_eq!(dinner.meals, [3, 3, 3, 3, 3]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn lower_fork_first(self) -> Result<Dinner> {
        let table = self.table(|left, right| (left.min(right), left.max(right)))?;
        self.dine(table, words::lower_first())
    }

    /// Another cure: left first, but a waiter lets all but one sit down at a time.
    ///
    /// # Errors
    /// Those of [`left_fork_first`](Philosophers::left_fork_first).
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// assert_eq!(Philosophers::new(5).with_waiter()?.meals, [3, 3, 3, 3, 3]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn with_waiter(self) -> Result<Dinner> {
        let table = self.table(|left, right| (left, right))?;
        self.dine(table.all_but_one_sit(), words::with_waiter())
    }

    fn table(self, order: Order) -> Result<Table> {
        if !(2..=26).contains(&self.n) {
            return Err(Error::invalid(words::cannot_dine(self.n)));
        }
        Ok(Table::new(self.n, order, self.timeout))
    }

    fn dine(self, table: Table, rule: &str) -> Result<Dinner> {
        let Philosophers { n, timeout } = self;
        let recorder = Recorder::new();
        thread::scope(|s| -> Result<()> {
            for i in 0..n {
                let (table, recorder) = (&table, &recorder);
                thread::Builder::new()
                    .name(name(i))
                    .spawn_scoped(s, move || table.dine(i, recorder))
                    .map_err(|e| {
                        table.give_up();
                        Error::io(words::starting_philosopher(), &e)
                    })?;
            }
            Ok(())
        })?;
        let state = table.cleared();
        if state.over && state.deadlock.is_none() {
            return Err(Error::timed_out(words::the_dinner(), timeout));
        }
        let mut trace = recorder.trace().titled(words::philosophers(n, rule));
        if let Some(cycle) = &state.deadlock {
            trace.stop(cycle.waits.iter().map(|w| (&*w.who, &*w.wants, &*w.held_by)));
            trace.title = words::stuck_philosophers(n);
        }
        Ok(Dinner { meals: state.meals, deadlock: state.deadlock, trace })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_first_always_stops_with_everybody_in_the_cycle() {
        for n in [2, 3, 5, 8] {
            let dinner = Philosophers::new(n).left_fork_first().unwrap();
            let cycle = dinner.deadlock.unwrap();
            assert_eq!(cycle.waits.len(), n, "{cycle}");
            assert_eq!(dinner.meals, vec![0; n]);
            assert_eq!(dinner.trace.lanes.len(), n);
            // Nobody's wait for the second fork ends, and everybody holds the first.
            let open = dinner.trace.spans.iter().filter(|span| span.end.is_none());
            assert_eq!(open.count(), n);
            let holds =
                |mark: &crate::trace::Mark| mark.label.starts_with("holds fork ");
            assert_eq!(dinner.trace.marks.iter().filter(|mark| holds(mark)).count(), n);
        }
    }

    #[test]
    fn both_cures_feed_everybody() {
        for cure in [Philosophers::lower_fork_first, Philosophers::with_waiter] {
            for n in [2, 3, 5] {
                let dinner = cure(Philosophers::new(n)).unwrap();
                assert_eq!(dinner.meals, vec![COURSES; n]);
                assert_eq!(dinner.deadlock, None);
            }
        }
    }

    #[test]
    fn neighbours_never_eat_at_the_same_time() {
        let trace = Philosophers::new(4).lower_fork_first().unwrap().trace;
        let seat =
            |lane: usize| (0..4).find(|&i| name(i) == trace.lanes[lane].name).unwrap();
        let meals: Vec<_> = trace.spans.iter().filter(|s| s.label == "eats").collect();
        for (a, b) in meals.iter().flat_map(|a| meals.iter().map(move |b| (a, b))) {
            let beside = (seat(a.lane) + 1) % 4 == seat(b.lane);
            assert!(!beside || a.end <= Some(b.start) || b.end <= Some(a.start));
        }
    }

    #[test]
    fn a_dinner_that_takes_too_long_is_an_error() {
        let error = Philosophers::new(3).timeout(ms(0)).lower_fork_first().unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::TimedOut);
        assert!(Philosophers::new(1).with_waiter().is_err());
        assert!(Philosophers::new(0).with_waiter().is_err());
    }
}

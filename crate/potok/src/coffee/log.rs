//! The shop's log: how far each visit is, readable while the day goes on.

use super::{Day, Visit};
use potok_base::sync::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The time of what has not happened yet. No [`Day`] that leaves this file contains it.
const NOT_YET: Duration = Duration::MAX;

/// One day as far as it has gone. Threads share it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    today: Mutex<Option<Today>>,
}

#[derive(Debug)]
struct Today {
    opened: Instant,
    day: Day,
}

impl Visit {
    /// A customer who will arrive at `arrived`; the rest is unknown.
    pub(super) fn expected(
        number: usize,
        customer: String,
        queue: usize,
        arrived: Duration,
    ) -> Self {
        let [called, ordered, brewing, served] = [NOT_YET; 4];
        let machine = 0;
        Visit {
            number,
            customer,
            queue,
            machine,
            arrived,
            called,
            ordered,
            brewing,
            served,
        }
    }

    /// One more cup for somebody, asked for when the cup before is there.
    pub(super) fn one_more(number: usize, customer: String, queue: usize) -> Self {
        Visit::expected(number, customer, queue, NOT_YET)
    }
}

impl Log {
    /// Opens the shop for these visits. All times count from the returned instant.
    pub(super) fn open(
        &self,
        visits: Vec<Visit>,
        queues: usize,
        machines: usize,
    ) -> Instant {
        let day = Day { queues, machines, visits, closed: NOT_YET };
        let mut today = lock(&self.today);
        today.insert(Today { opened: Instant::now(), day }).opened
    }

    /// Records what has just happened in the visit for this cup.
    pub(super) fn note(&self, cup: usize, what: impl FnOnce(&mut Visit, Duration)) {
        let mut today = lock(&self.today);
        if let Some(Today { opened, day }) = today.as_mut()
            && let Some(visit) = day.visits.get_mut(cup)
        {
            what(visit, opened.elapsed());
        }
    }

    /// The day up to now: customers who have not arrived are left out, and what has not
    /// ended ends now. `None` if the shop has not opened.
    pub(crate) fn day(&self) -> Option<Day> {
        let (mut day, now) = {
            let today = lock(&self.today);
            let Today { opened, day } = today.as_ref()?;
            (day.clone(), opened.elapsed())
        };
        day.visits.retain(|visit| visit.arrived <= now);
        day.closed = now;
        for visit in &mut day.visits {
            let Visit { called, ordered, brewing, served, .. } = visit;
            for time in [called, ordered, brewing, served] {
                *time = now.min(*time);
            }
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ms;

    #[test]
    fn a_day_that_goes_on_is_cut_off_now() {
        let book = Log::default();
        assert_eq!(book.day(), None);
        let late = Duration::from_secs(3600);
        let visits = [ms(0), late].into_iter().enumerate();
        let visits = visits.map(|(n, at)| Visit::expected(n, "a".into(), 0, at));
        book.open(visits.collect(), 1, 1);
        book.note(0, |visit, now| visit.called = now);

        let day = book.day().unwrap();
        let [visit] = &day.visits[..] else { panic!("one customer has arrived") };
        assert!(visit.called < visit.served);
        assert_eq!(visit.served, day.closed);
    }
}

//! The record of a day at the shop.

use super::Little;
use super::shop::queue_name;
use crate::trace::{Activity, Lane, QueueLength, Span, Trace};
use crate::words;
use potok_base::language::noun::{MACHINE, QUEUE};
use potok_chart::units::count;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// Everything that happened on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The number of queues.
    pub queues: usize,
    /// The number of machines.
    pub machines: usize,
    /// One visit for each cup, in order of its customer's arrival.
    pub visits: Vec<Visit>,
    /// When the last customer had been served.
    pub closed: Duration,
}

/// One customer's visit for one cup. All times count from the opening of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The number of the customer, from 0.
    pub number: usize,
    /// The queue's letter and the place in it: `a1`, `b1`, `a2` …
    pub customer: String,
    /// The queue, from 0.
    pub queue: usize,
    /// The machine that made the cup, from 0.
    pub machine: usize,
    /// When the customer joined the queue, or had the cup before this one.
    pub arrived: Duration,
    /// When the customer reached the head of the queue and began to order.
    pub called: Duration,
    /// When the order was complete and a machine was requested.
    pub ordered: Duration,
    /// When a machine began to brew.
    pub brewing: Duration,
    /// When the cup was there.
    pub served: Duration,
}

type Stage = (Cow<'static, str>, Activity, Duration, Duration);

impl Visit {
    /// In line, ordering, next at a machine, served.
    fn stages(&self) -> [Stage; 4] {
        use Activity::{Running, Waiting};
        let cup = words::machine(self.machine + 1);
        [
            (words::in_line().into(), Waiting, self.arrived, self.called),
            (words::orders_now().into(), Waiting, self.called, self.ordered),
            (words::next().into(), Waiting, self.ordered, self.brewing),
            (cup.into(), Running, self.brewing, self.served),
        ]
    }
}

impl Day {
    /// The day as a timeline: a lane for each customer, who waits in line, orders, is next
    /// at a machine, and gets a cup.
    ///
    /// Only brewing counts as running, so the trace's overlap is that of the machines. Their
    /// own lanes are in [`machine_trace`](Day::machine_trace).
    ///
    /// # Examples
    /// ```
    /// use potok::coffee::Shop;
    /// use potok::prelude::*;
    /// let trace = Shop::queues(2).machines(2).customers(4).brew(ms(1)).run()?.trace();
    /// let lanes: Vec<_> = trace.lanes.iter().map(|lane| &*lane.name).collect();
    /// assert_eq!(lanes, ["a1", "b1", "a2", "b2"]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn trace(&self) -> Trace {
        let mut trace = Trace { recorded: self.closed, ..Trace::default() }
            .titled(self.title(words::by_customer()));
        for visits in self.visits.chunk_by(|a, b| a.number == b.number) {
            let lane = trace.lanes.len();
            trace.lanes.push(named(visits[0].customer.clone()));
            for (label, activity, start, end) in visits.iter().flat_map(Visit::stages) {
                // A wait of some microseconds is not a wait of the model.
                if activity == Activity::Running
                    || end.saturating_sub(start) >= Duration::from_micros(200)
                {
                    trace.spans.push(span(lane, label, activity, start, end));
                }
            }
        }
        trace.spans.sort_by_key(|span| span.start);
        trace
    }

    /// Only the machines: a lane for each, a span for each cup.
    pub fn machine_trace(&self) -> Trace {
        let lanes = (1..=self.machines).map(|n| named(words::machine(n))).collect();
        let cup = |v: &Visit| {
            let label = v.customer.clone().into();
            span(v.machine, label, Activity::Running, v.brewing, v.served)
        };
        let mut spans: Vec<Span> = self.visits.iter().map(cup).collect();
        spans.sort_by_key(|span| span.start);
        Trace { lanes, spans, recorded: self.closed, ..Trace::default() }
            .titled(self.title(words::by_cup()))
    }

    fn title(&self, seen: &str) -> String {
        let (queues, machines) =
            (count(self.queues, QUEUE), count(self.machines, MACHINE));
        words::the_day(queues, machines, seen)
    }

    /// How long two or more machines ran at the same time: zero for one machine.
    pub fn overlap(&self) -> Duration {
        self.machine_trace().overlap()
    }

    /// The length of each queue over time. A customer whose cup is brewing has left it.
    pub fn queue_lengths(&self) -> Vec<QueueLength> {
        (0..self.queues)
            .map(|queue| {
                let mine = || self.visits.iter().filter(move |v| v.queue == queue);
                QueueLength::new(
                    words::queue(queue_name(queue)),
                    mine().map(|v| v.arrived),
                    mine().map(|v| v.brewing),
                    self.closed,
                )
            })
            .collect()
    }

    /// How many customers were in the shop over time, served or not.
    pub fn in_shop(&self) -> QueueLength {
        QueueLength::new(
            words::in_shop(),
            self.visits.iter().map(|v| v.arrived),
            self.visits.iter().map(|v| v.served),
            self.closed,
        )
    }

    /// The mean time from arriving to leaving with a cup.
    fn mean_visit(&self) -> Duration {
        let all: Duration = self.visits.iter().map(|v| v.served - v.arrived).sum();
        all / self.visits.len().max(1) as u32
    }

    /// The utilization of each machine: the part of the day in which it ran, from 0 to 1.
    pub fn utilization(&self) -> Vec<f64> {
        let busy = self.machine_trace().busy_time();
        let day = self.closed.as_secs_f64().max(1e-9);
        busy.iter().map(|time| time.as_secs_f64() / day).collect()
    }

    /// The three numbers of Little's law, over the whole day.
    pub fn little(&self) -> Little {
        Little {
            in_system: self.in_shop().mean(),
            arrivals_per_second: self.visits.len() as f64
                / self.closed.as_secs_f64().max(1e-9),
            time_in_system: self.mean_visit(),
        }
    }
}

fn named(name: String) -> Lane {
    Lane { name, pid: std::process::id(), tid: 0 }
}

fn span(
    lane: usize,
    label: Cow<'static, str>,
    activity: Activity,
    start: Duration,
    end: Duration,
) -> Span {
    let (cpu_start, cpu_end) = (None, None);
    let (end, depth, cpu_time) = (Some(end), 0, None);
    Span { lane, label, activity, start, end, cpu_start, cpu_end, depth, cpu_time }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coffee::Shop;
    use crate::workload::ms;

    fn visit(number: usize, machine: usize, times: [u64; 5]) -> Visit {
        let [arrived, called, ordered, brewing, served] = times.map(ms);
        let queue = number % 2;
        let customer = format!("{}{}", queue_name(queue), number / 2 + 1);
        let visit = Visit::expected(number, customer, queue, arrived);
        Visit { machine, called, ordered, brewing, served, ..visit }
    }

    fn two_customers_one_machine() -> Day {
        let visits =
            vec![visit(0, 0, [0, 0, 0, 0, 10]), visit(1, 0, [0, 0, 5, 10, 20])];
        Day { queues: 2, machines: 1, visits, closed: ms(20) }
    }

    #[test]
    fn the_timeline_shows_waiting_and_brewing() {
        let trace = two_customers_one_machine().trace();
        let of = |lane| -> Vec<_> {
            trace.spans_of(lane).map(|s| (&*s.label, s.activity, s.start)).collect()
        };
        use Activity::{Running, Waiting};
        assert_eq!(of(0), [("machine 1", Running, ms(0))]);
        assert_eq!(
            of(1),
            [
                ("orders", Waiting, ms(0)),
                ("next", Waiting, ms(5)),
                ("machine 1", Running, ms(10)),
            ]
        );
        assert_eq!(trace.overlap(), ms(0));
    }

    #[test]
    fn a_queue_shrinks_when_a_machine_starts() {
        let lengths = two_customers_one_machine().queue_lengths();
        assert_eq!(lengths[0].changes, []);
        assert_eq!(lengths[1].changes, [(ms(0), 1), (ms(10), 0)]);
        assert_eq!(two_customers_one_machine().utilization(), [1.0]);
    }

    #[test]
    fn two_machines_overlap_where_their_cups_do() {
        let visits = vec![visit(0, 0, [0, 0, 0, 0, 10]), visit(1, 1, [0, 0, 0, 4, 14])];
        let day = Day { queues: 2, machines: 2, visits, closed: ms(14) };
        assert_eq!(day.overlap(), ms(6));
    }

    #[test]
    fn the_lengths_count_every_customer_once() {
        let day = Shop::queues(2).machines(2).customers(6).brew(ms(1)).run().unwrap();
        assert_eq!(day.in_shop().at(Duration::ZERO), 6);
        assert_eq!(day.in_shop().at(day.closed), 0);
        assert!(day.queue_lengths().iter().all(|queue| queue.at(day.closed) == 0));
    }
}

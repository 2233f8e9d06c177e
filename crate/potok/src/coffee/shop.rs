//! A day at the shop, on real threads.

use super::log::Log;
use super::machines::Machines;
use super::{Day, Visit};
use crate::error::{Error, Result};
use crate::words;
use crate::workload::{busy, ms, wait};
use potok_chart::display::Page;
use std::thread;
use std::time::{Duration, Instant};

/// The longest day: a class does not wait longer for a cell.
const LONGEST_DAY: Duration = Duration::from_secs(60);

const AN_INSTANT: Duration = Duration::from_nanos(1);

/// A coffee shop: queues, machines, customers and how long a cup takes.
///
/// A plain value: copy it, change one thing and run both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shop {
    queues: usize,
    machines: usize,
    customers: usize,
    first_order: usize,
    arrive_every: Duration,
    order: Duration,
    brew: Duration,
    computing: bool,
}

impl Shop {
    /// A shop with `n` queues, one machine, and eight customers who wait when it opens. A cup
    /// takes 20 ms.
    pub fn queues(n: usize) -> Self {
        Shop {
            queues: n,
            machines: 1,
            customers: 8,
            first_order: 1,
            arrive_every: Duration::ZERO,
            order: Duration::ZERO,
            brew: ms(20),
            computing: false,
        }
    }

    /// The number of machines.
    #[must_use]
    pub fn machines(self, n: usize) -> Self {
        Shop { machines: n, ..self }
    }

    /// The number of customers. They join the queues in turn.
    #[must_use]
    pub fn customers(self, n: usize) -> Self {
        Shop { customers: n, ..self }
    }

    /// The first customer wants so many cups instead of one. They are made one at a time: in
    /// between, the machine may serve another queue.
    #[must_use]
    pub fn first_order(self, cups: usize) -> Self {
        Shop { first_order: cups, ..self }
    }

    /// A customer arrives every `time`; zero means that all wait from the start.
    #[must_use]
    pub fn arrive_every(self, time: Duration) -> Self {
        Shop { arrive_every: time, ..self }
    }

    /// How long each customer at the head of a queue takes to order and find the coins. This
    /// needs no machine: it is the I/O part of a visit.
    #[must_use]
    pub fn order(self, time: Duration) -> Self {
        Shop { order: time, ..self }
    }

    /// How long a machine needs for one cup.
    #[must_use]
    pub fn brew(self, time: Duration) -> Self {
        Shop { brew: time, ..self }
    }

    /// Makes the cups of processor time: while it holds a machine, the thread computes (see
    /// [`busy`]) instead of waiting. Then two machines need two cores as well.
    #[must_use]
    pub fn computing(self) -> Self {
        Shop { computing: true, ..self }
    }

    /// Opens the shop, serves all customers and closes it.
    ///
    /// # Errors
    /// No queue, machine, customer or first order; a day that would last more than a minute.
    ///
    /// # Examples
    /// ```
    /// use potok::coffee::Shop;
    /// use potok::prelude::*;
    /// let day = Shop::queues(2).machines(2).customers(4).brew(ms(3)).run()?;
    /// assert_eq!(day.visits.len(), 4);
    /// assert!(day.visits.iter().all(|v| v.served - v.brewing >= ms(3)));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn run(self) -> Result<Day> {
        self.run_in(&Log::default())
    }

    /// Like [`run`](Shop::run), with the shop on the page while the day goes on: customers in
    /// their queues, machines that brew. What remains is the shop early, in the middle and
    /// late in the day; a stock kernel shows only that.
    ///
    /// # Errors
    /// Those of `run`.
    ///
    /// # Examples
    /// ```
    /// use potok::coffee::Shop;
    /// use potok::prelude::*;
    /// let shop = Shop::queues(2).customers(4).brew(ms(2));
    /// let day = shop.run_live("Two queues, one machine")?;
    /// assert_eq!(day.visits.len(), 4);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn run_live(self, title: &str) -> Result<Day> {
        let (page, log) = (Page::new(), Log::default());
        let draw = || match log.day() {
            // What has not ended yet ends now; just before, it still went on.
            Some(day) => day.scene(title, day.closed.saturating_sub(AN_INSTANT)),
            None => Err(Error::unsupported(words::no_day())),
        };
        let day = page.while_it_runs(draw, || self.run_in(&log))?;
        page.show(day.early_and_late(title));
        Ok(day)
    }

    /// Runs the day and records it in a log that others may read meanwhile.
    fn run_in(self, log: &Log) -> Result<Day> {
        self.check()?;
        let machines = Machines::new(self.machines);
        let start = log.open(self.visits(), self.queues, self.machines);
        thread::scope(|s| {
            let queues: Vec<_> = (0..self.queues)
                .map(|queue| {
                    let machines = &machines;
                    thread::Builder::new()
                        .name(queue_name(queue))
                        .spawn_scoped(s, move || {
                            self.serve(queue, machines, log, start)
                        })
                        .map_err(|e| Error::io(words::starting_queue(), &e))
                })
                .collect();
            queues.into_iter().try_for_each(|thread| {
                thread?.join().map_err(|p| Error::panicked(words::a_queue(), &*p))?
            })
        })?;
        log.day().ok_or_else(|| Error::unsupported(words::no_day()))
    }

    /// One visit for each cup, of which only the beginning is known.
    fn visits(self) -> Vec<Visit> {
        let visit = |cup: usize| {
            let number = self.customer_of(cup);
            let queue = number % self.queues;
            let place = number / self.queues + 1;
            let customer = format!("{}{place}", queue_name(queue));
            match cup {
                1.. if number == 0 => Visit::one_more(number, customer, queue),
                _ => Visit::expected(number, customer, queue, self.arrival(number)),
            }
        };
        (0..self.cups()).map(visit).collect()
    }

    fn cups(self) -> usize {
        self.customers + self.first_order - 1
    }

    /// Who gets this cup: the first customer gets the first ones.
    fn customer_of(self, cup: usize) -> usize {
        cup.saturating_sub(self.first_order - 1)
    }

    fn arrival(self, customer: usize) -> Duration {
        self.arrive_every * customer as u32
    }

    /// What the thread of one queue does.
    fn serve(
        self,
        queue: usize,
        machines: &Machines,
        log: &Log,
        start: Instant,
    ) -> Result<()> {
        let mine = |cup: &usize| self.customer_of(*cup) % self.queues == queue;
        for cup in (0..self.cups()).filter(mine) {
            let number = self.customer_of(cup);
            wait(self.arrival(number).saturating_sub(start.elapsed()));
            log.note(cup, |visit, now| {
                visit.arrived = now.min(visit.arrived);
                visit.called = now;
            });
            if !self.order.is_zero() {
                wait(self.order);
            }
            let Some((machine, asked)) = machines.take(start + LONGEST_DAY) else {
                let wait = words::the_wait(number + 1);
                return Err(Error::timed_out(wait, LONGEST_DAY));
            };
            log.note(cup, |visit, now| {
                visit.ordered = asked.saturating_duration_since(start);
                visit.machine = machine;
                visit.brewing = now;
            });
            if self.computing {
                busy(self.brew);
            } else {
                wait(self.brew);
            }
            log.note(cup, |visit, now| visit.served = now);
            machines.put_back(machine);
        }
        Ok(())
    }

    fn check(self) -> Result<()> {
        let least = self.queues.min(self.machines).min(self.customers);
        if least.min(self.first_order) == 0 {
            return Err(Error::invalid(words::empty_shop()));
        }
        if self.queues > 64
            || self.machines > 64
            || self.customers > 10_000
            || self.first_order > 10_000
        {
            return Err(Error::invalid(words::full_shop()));
        }
        // One customer after the other takes longest.
        let all = self.cups() as u32;
        let longest = (self.order.saturating_add(self.brew))
            .checked_mul(all)
            .zip(self.arrive_every.checked_mul(self.customers as u32))
            .map(|(serving, arriving)| serving.saturating_add(arriving));
        match longest {
            Some(time) if time <= LONGEST_DAY => Ok(()),
            _ => Err(Error::invalid(words::too_long_day())),
        }
    }
}

/// Queue 0 is `a`, queue 1 is `b`; after `z` come numbers.
pub(super) fn queue_name(queue: usize) -> String {
    match u8::try_from(queue) {
        Ok(i) if i < 26 => char::from(b'a' + i).to_string(),
        _ => format!("q{queue}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn one_machine_never_makes_two_cups_at_once() {
        let day = Shop::queues(3).machines(1).customers(9).brew(ms(1)).run().unwrap();
        assert_eq!(day.overlap(), ms(0));
        assert!(day.visits.iter().all(|visit| visit.machine == 0));
    }

    #[test]
    fn one_machine_serves_two_queues_in_the_order_of_their_requests() {
        let mut visits =
            Shop::queues(2).customers(10).brew(ms(1)).run().unwrap().visits;
        visits.sort_by_key(|visit| visit.brewing);
        assert!(visits.is_sorted_by_key(|visit| visit.ordered));
    }

    #[test]
    fn between_the_cups_of_a_big_order_the_other_queue_is_served() {
        let order = |day: &super::super::Day| -> Vec<String> {
            let mut visits = day.visits.clone();
            visits.sort_by_key(|visit| visit.brewing);
            visits.into_iter().map(|visit| visit.customer).collect()
        };
        let shop = |queues| Shop::queues(queues).customers(4).first_order(3);
        let one = order(&shop(1).brew(ms(1)).run().unwrap());
        assert_eq!(one.join(" "), "a1 a1 a1 a2 a3 a4");
        // Long cups: the second queue asks for the machine while the first one is made.
        let day = shop(2).brew(ms(30)).run().unwrap();
        let served = order(&day);
        let last_cup = served.iter().rposition(|customer| customer == "a1");
        let other = served.iter().position(|customer| customer == "b1");
        assert!(other < last_cup, "{served:?}");
        assert_eq!(day.trace().lanes.len(), 4);
        let text = day.scene("x", day.closed).unwrap().text;
        assert!(text.contains("4 served"), "{text}");
    }

    #[test]
    fn every_customer_is_served_once_in_the_order_of_the_queue() {
        let shop = Shop::queues(2).machines(2).customers(7).order(ms(1)).brew(ms(1));
        let day = shop.arrive_every(ms(1)).run().unwrap();
        let numbers: Vec<usize> = day.visits.iter().map(|v| v.number).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
        for queue in 0..2 {
            let mine: Vec<_> = day.visits.iter().filter(|v| v.queue == queue).collect();
            assert!(mine.windows(2).all(|pair| pair[0].served <= pair[1].called));
        }
    }

    #[test]
    fn a_machine_makes_one_cup_after_the_other() {
        let day = Shop::queues(4).machines(2).customers(8).brew(ms(1)).run().unwrap();
        for machine in 0..2 {
            let mut cups: Vec<_> = day
                .visits
                .iter()
                .filter(|v| v.machine == machine)
                .map(|v| (v.brewing, v.served))
                .collect();
            cups.sort_unstable();
            assert!(cups.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_computing_cup_costs_processor_time() {
        use nix::time::{ClockId, clock_gettime};
        // In a process of its own, so that nothing else is counted.
        let pool = crate::processes::Pool::new(1).unwrap();
        let cup = |()| {
            let shop = Shop::queues(1).customers(2).brew(ms(20)).computing();
            shop.run().map(drop).unwrap();
            clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
                .map(Duration::from)
                .unwrap()
        };
        assert!(pool.submit(cup, ()).unwrap().wait().unwrap() >= ms(40));
    }

    #[test]
    fn an_impossible_shop_is_an_error() {
        for shop in [
            Shop::queues(0),
            Shop::queues(1).machines(0),
            Shop::queues(1).machines(usize::MAX),
            Shop::queues(1).customers(0),
            Shop::queues(1).brew(Duration::from_secs(61)),
            Shop::queues(1).arrive_every(Duration::MAX),
            Shop::queues(1).order(Duration::MAX).brew(Duration::MAX),
        ] {
            assert_eq!(shop.run().unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}

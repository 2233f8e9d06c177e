//! The shop as a drawing: the customers in each queue, and the machines that brew.
//!
//! ```
//! use potok::coffee::Shop;
//! use potok::prelude::*;
//!
//! let day = Shop::queues(2).machines(2).customers(6).brew(ms(3)).run()?;
//! let scene = day.scene("The shop", day.closed / 2)?;
//! assert!(scene.text.contains("machine 2"));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: it shows one moment and no history. If only one machine brews while
//! customers wait, more queues do not help.

use super::shop::queue_name;
use super::{Day, Visit};
use crate::error::Result;
use crate::words;
use potok_base::language::noun::{COFFEE_MACHINE, CUSTOMER, QUEUE};
use potok_chart::canvas::{Anchor, Canvas, Font, Point};
use potok_chart::card::{Card, MARGIN, MEDIUM, SMALL, WIDTH};
use potok_chart::palette::{BAND, BLUE, CARD, GREY, INK, MUTED};
use potok_chart::{Picture, label, units};
use std::fmt::Write as _;
use std::time::Duration;

/// The height of a queue, or of a machine.
const ROW: f64 = 42.0;
/// Where queues end and machines begin.
const HEAD: f64 = 508.0;
const MACHINE: f64 = 548.0;
/// As wide as the Russian word with a number and a customer.
const BOX: f64 = 188.0;
/// From one customer to the next, and half of a customer's width.
const STEP: f64 = 40.0;
const HALF: f64 = 15.0;

/// Where a customer is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    InLine,
    Machine,
    Served,
}

impl Visit {
    fn place(&self, at: Duration) -> Place {
        match at {
            _ if at < self.arrived => Place::Outside,
            _ if at < self.brewing => Place::InLine,
            _ if at < self.served => Place::Machine,
            _ => Place::Served,
        }
    }
}

impl Day {
    /// The shop at one moment of the day.
    ///
    /// # Errors
    /// The drawing's own.
    pub fn scene(&self, title: &str, at: Duration) -> Result<Picture> {
        self.scenes(title, &[at])
    }

    /// The shop early, in the middle and late in the day, below each other. The moments are
    /// odd parts of the day: at even ones a machine may be between two equal cups.
    pub(super) fn early_and_late(&self, title: &str) -> Result<Picture> {
        self.scenes(title, &[3, 9, 13].map(|part| self.closed * part / 16))
    }

    fn scenes(&self, title: &str, moments: &[Duration]) -> Result<Picture> {
        let mut text = String::new();
        for &at in moments {
            self.tell(&mut text, at);
        }
        let last = moments.last().copied().unwrap_or_default();
        let served = self.served(last);
        let facts = words::scene_facts(units::count(self.customers(), CUSTOMER));
        let description = words::scene(
            units::count(self.queues, QUEUE),
            units::count(self.machines, COFFEE_MACHINE),
            units::duration(last),
            served,
            self.customers(),
        );
        let card = Card {
            title: title.to_owned(),
            facts,
            legend: vec![],
            description,
            text: text.trim_end().to_owned(),
        };
        let top = card.top();
        let height = 24.0 + ROW * self.queues.max(self.machines) as f64;
        let bottom = top + moments.len() as f64 * (height + 8.0);
        card.draw(bottom, |canvas| {
            for (n, &at) in moments.iter().enumerate() {
                let y = top + n as f64 * (height + 8.0);
                canvas.rect((MARGIN, y), (WIDTH - 2.0 * MARGIN, height), BAND);
                self.draw(canvas, y, at);
            }
        })
    }

    fn draw(&self, canvas: &mut Canvas<'_>, top: f64, at: Duration) {
        let muted = Font::new(SMALL, MUTED);
        let served = self.served(at);
        let when = words::after(units::duration(at), served);
        canvas.text((MARGIN + 8.0, top + 12.0), &when, muted);
        let row = |n: usize| top + 22.0 + (n as f64 + 0.5) * ROW;
        for queue in 0..self.queues {
            let y = row(queue);
            let name = words::queue(queue_name(queue));
            canvas.text((MARGIN + 8.0, y), &name, Font::new(MEDIUM, INK));
            let room = ((HEAD - MARGIN - 90.0) / STEP) as usize;
            let line: Vec<_> =
                self.those(at, Place::InLine).filter(|v| v.queue == queue).collect();
            // The last place says how many more there are.
            let drawn = if line.len() > room { room - 1 } else { line.len() };
            for (n, visit) in line.iter().take(drawn).enumerate() {
                customer(canvas, (HEAD - n as f64 * STEP, y), &visit.customer);
            }
            if line.len() > drawn {
                let more = format!("+{}", line.len() - drawn);
                let place = (HEAD - drawn as f64 * STEP, y);
                canvas.text(
                    place,
                    &more,
                    Font::new(MEDIUM, INK).anchor(Anchor::Middle),
                );
            }
        }
        for machine in 0..self.machines {
            let of = |v: &&Visit| v.machine == machine;
            let guest = self.those(at, Place::Machine).find(of);
            draw_machine(canvas, row(machine), machine, guest);
        }
    }

    fn customers(&self) -> usize {
        self.visits.last().map_or(0, |visit| visit.number + 1)
    }

    /// How many customers have all that they ordered.
    fn served(&self, at: Duration) -> usize {
        let customers = self.visits.chunk_by(|a, b| a.number == b.number);
        let done =
            |cups: &&[Visit]| cups.iter().all(|cup| cup.place(at) == Place::Served);
        customers.filter(done).count()
    }

    fn those(&self, at: Duration, place: Place) -> impl Iterator<Item = &Visit> {
        self.visits.iter().filter(move |visit| visit.place(at) == place)
    }

    fn tell(&self, text: &mut String, at: Duration) {
        let names = |visits: Vec<&Visit>| match &*visits {
            [] => words::nobody().to_owned(),
            all => all.iter().map(|v| &*v.customer).collect::<Vec<_>>().join(", "),
        };
        let served = self.served(at);
        let _ = writeln!(text, "{}", words::after(units::duration(at), served));
        for queue in 0..self.queues {
            let line = self.those(at, Place::InLine).filter(|v| v.queue == queue);
            let _ = writeln!(
                text,
                "{}",
                words::in_queue(queue_name(queue), names(line.collect()))
            );
        }
        for machine in 0..self.machines {
            let guest = self.those(at, Place::Machine).filter(|v| v.machine == machine);
            let _ = writeln!(
                text,
                "{}",
                words::at_machine(machine + 1, names(guest.collect()))
            );
        }
    }
}

fn customer(canvas: &mut Canvas<'_>, at: Point, name: &str) {
    canvas.dot(at, HALF, INK);
    canvas.dot(at, HALF - 1.5, CARD);
    let name = label::fit(name, SMALL, 2.0 * HALF - 4.0);
    canvas.text(at, &name, Font::new(SMALL, INK).anchor(Anchor::Middle));
}

fn draw_machine(canvas: &mut Canvas<'_>, y: f64, n: usize, guest: Option<&Visit>) {
    let (corner, size) = ((MACHINE, y - ROW / 2.0 + 4.0), (BOX, ROW - 8.0));
    let (fill, ink) = if guest.is_some() { (BLUE, CARD) } else { (CARD, INK) };
    canvas.rect(corner, size, fill);
    canvas.frame(corner, size, if guest.is_some() { BLUE } else { GREY }, 1.5);
    let name = match guest {
        Some(visit) => words::machine_of(n + 1, &visit.customer),
        None => words::machine(n + 1),
    };
    let font = Font::new(MEDIUM, ink).anchor(Anchor::Middle);
    canvas.text_in((MACHINE + BOX / 2.0, y), &name, font, BOX - 8.0);
}

#[cfg(test)]
mod tests {
    use crate::coffee::Shop;
    use crate::workload::ms;
    use potok_base::language::Language::{English, Russian};
    use potok_base::language::within;

    #[test]
    fn every_customer_is_at_one_place_at_every_moment() {
        let shop = Shop::queues(2).machines(2).customers(5).arrive_every(ms(1));
        let day = shop.brew(ms(2)).run().unwrap();
        for part in 0..=10 {
            let text = day.scene("x", day.closed * part / 10).unwrap().text;
            for visit in &day.visits {
                let places = text.matches(&*visit.customer).count();
                assert!(
                    places <= 1,
                    "{} stands {places} times in\n{text}",
                    visit.customer
                );
            }
        }
        let end = day.scene("x", day.closed).unwrap().text;
        assert!(end.contains("5 served") && !end.contains("a1"), "{end}");
    }

    #[test]
    fn a_machine_has_one_name_which_fits_its_box_in_either_language() {
        let shop = Shop::queues(2).machines(12).customers(40).arrive_every(ms(0));
        let day = shop.brew(ms(2)).run().unwrap();
        for (language, name) in [(English, "machine"), (Russian, "кофемашина")]
        {
            let picture = within(language, || day.scene("x", day.closed / 2)).unwrap();
            let svg = roxmltree::Document::parse(&picture.svg).unwrap();
            let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
            let texts = texts.filter_map(|node| node.text()).map(str::trim);
            let machines = texts.filter(|text| text.starts_with(name));
            assert_eq!(machines.clone().count(), 12, "{}", picture.svg);
            assert!(
                machines.clone().any(|text| text.contains(": ")),
                "{}",
                picture.svg
            );
            assert!(
                machines.clone().all(|text| !text.contains('…')),
                "{}",
                picture.svg
            );
        }
    }

    #[test]
    fn a_long_queue_is_counted_where_it_does_not_fit() {
        let day = Shop::queues(1).customers(30).brew(ms(1)).run().unwrap();
        let picture = day.scene("x", ms(0)).unwrap();
        assert!(picture.svg.contains("+"), "{}", picture.text);
        assert!(picture.text.contains("a30"));
    }
}

//! Every run of a measurement, in the order in which they were made.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, Font};
use super::card::{Card, MARGIN, SMALL, WIDTH};
use super::legend::{Key, Sign};
use super::palette::{BLUE, HAIRLINE, MUTED, VERMILLION};
use super::table::Table;
use super::together::{Together, alone};
use super::units::{count, duration};
use crate::display::{Picture, Show};
use potok_base::error::Result;
use potok_base::measure::Samples;
use std::time::Duration;

const LEFT: f64 = MARGIN + 48.0;
const RIGHT: f64 = WIDTH - MARGIN - 100.0;
const HEIGHT: f64 = 180.0;
/// More runs than these are drawn as the range of several runs each.
const MOST: usize = 400;

/// Draws a dot for each run, in order, with a line at the median.
///
/// A warm-up that was too short, a machine that slows down and a single slow run can
/// all be seen here, where a median alone hides them. Of more than 400 runs, several
/// neighbours share a line from the fastest to the slowest of them.
///
/// # Errors
/// The backend's own; none are expected.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let samples = measure("1 ms of work", 5, || busy(ms(1)))?;
/// let picture = chart::runs(&samples)?;
/// assert!(picture.text.contains("median"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn runs(samples: &Samples) -> Result<Picture> {
    alone(&format!("Every run: {}", samples.label), samples)
}

/// Runs share the slowest of all, and how many there are at most.
impl Together for Samples {
    type Scale = (Duration, usize);

    fn scale(all: &[&Self]) -> (Duration, usize) {
        let slowest = all.iter().map(|samples| samples.max()).max();
        let most = all.iter().map(|samples| samples.runs().len()).max();
        (slowest.unwrap_or_default(), most.unwrap_or(0))
    }

    fn draw_on(&self, title: &str, scale: &Self::Scale) -> Result<Picture> {
        picture(self, title, *scale)
    }
}

fn picture(
    samples: &Samples,
    title: &str,
    scale: (Duration, usize),
) -> Result<Picture> {
    let n = samples.runs().len();
    let facts = format!(
        "{}: median {}, from {} to {}",
        count(n, "run"),
        duration(samples.median()),
        duration(samples.min()),
        duration(samples.max()),
    );
    let sign = if n > MOST { "several runs, fastest to slowest" } else { "one run" };
    let card = Card {
        title: title.to_owned(),
        description: format!("The time of each run, in order. {facts}."),
        facts,
        legend: vec![
            Key::new(
                if n > MOST { Sign::Whisker(BLUE) } else { Sign::Dot(BLUE) },
                sign,
            ),
            Key::new(Sign::Line(VERMILLION), "median"),
        ],
        text: table(samples),
    };
    let top = card.top() + 6.0;
    card.draw(top + HEIGHT + 40.0, |canvas| draw(canvas, samples, scale, top))
}

impl Show for Samples {
    fn picture(&self) -> Result<Picture> {
        runs(self)
    }
}

fn draw(
    canvas: &mut Canvas<'_>,
    samples: &Samples,
    (slowest, most): (Duration, usize),
    top: f64,
) {
    let bottom = top + HEIGHT;
    let n = samples.runs().len();
    let slowest = slowest.as_secs_f64();
    let y = Scale::linear((0.0, slowest * 1.05), (bottom, top));
    let x = Scale::linear((0.5, most as f64 + 0.5), (LEFT, RIGHT));
    let (ticks, unit) = y.labelled_times(5);
    let font = Font::new(SMALL, MUTED);
    for (tick, text) in ticks {
        let y = y.at(tick);
        canvas.line((LEFT, y), (RIGHT, y), HAIRLINE, 1.0);
        canvas.text((LEFT - 8.0, y), &text, font.anchor(Anchor::End));
    }
    canvas.line((LEFT, bottom), (RIGHT, bottom), MUTED, 1.0);
    for (tick, text) in x.labelled(most.min(10)) {
        if tick.fract() == 0.0 && tick >= 1.0 {
            canvas.text(
                (x.at(tick), bottom + 14.0),
                &text,
                font.anchor(Anchor::Middle),
            );
        }
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let title = format!("run; time in {}", unit.name);
    canvas.text((middle, bottom + 33.0), &title, font.anchor(Anchor::Middle));

    let median = y.at(samples.median().as_secs_f64());
    canvas.line((LEFT, median), (RIGHT, median), VERMILLION, 1.5);
    let text = format!("median {}", duration(samples.median()));
    canvas.text((RIGHT + 6.0, median), &text, Font::new(SMALL, VERMILLION));

    let together = n.div_ceil(MOST);
    for (i, runs) in samples.runs().chunks(together).enumerate() {
        let x = x.at((i * together) as f64 + (runs.len() + 1) as f64 / 2.0);
        let times = || runs.iter().map(Duration::as_secs_f64);
        let (low, high) =
            (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max));
        if together == 1 {
            canvas.dot((x, y.at(low)), if n > 60 { 2.5 } else { 4.0 }, BLUE);
        } else {
            canvas.line((x, y.at(low) + 0.5), (x, y.at(high) - 0.5), BLUE, 1.5);
        }
    }
}

fn table(samples: &Samples) -> String {
    let mut table = Table::new(["", "time"]);
    table.row(["median", &duration(samples.median())]);
    table.row(["fastest", &duration(samples.min())]);
    table.row(["slowest", &duration(samples.max())]);
    if samples.runs().len() <= 20 {
        for (i, run) in samples.runs().iter().enumerate() {
            table.row([&format!("run {}", i + 1), &duration(*run)]);
        }
    }
    table.lines()
}

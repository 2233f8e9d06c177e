//! Every run of a measurement, in the order in which they were made.

use super::card::{Card, MARGIN, SMALL};
use super::label;
use super::legend::{LegendKey, Sign};
use super::palette::{BLUE, VERMILLION};
use super::plot::{Area, Drawn, quiet, small};
use super::table::Table;
use super::together::{Together, alone};
use super::units::{count, duration, plain, time_unit};
use crate::display::{Picture, Show};
use crate::words;
use plotters::prelude::*;
use potok_base::error::Result;
use potok_base::language::noun::RUN;
use potok_base::measure::Samples;
use std::time::Duration;

const HEIGHT: f64 = 250.0;
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
    alone(&words::every_run(label::clean(&samples.label)), samples)
}

impl Show for Samples {
    fn picture(&self) -> Result<Picture> {
        runs(self)
    }
}

/// Runs share the slowest of all, and how many there are at most.
impl Together for Samples {
    type Scale = (Duration, usize);

    fn scale(all: &[&Self]) -> (Duration, usize) {
        let slowest = all.iter().map(|samples| samples.max()).max();
        let most = all.iter().map(|samples| samples.runs().len()).max();
        (slowest.unwrap_or_default(), most.unwrap_or(1))
    }

    fn draw_on(&self, title: &str, scale: &Self::Scale) -> Result<Picture> {
        let n = self.runs().len();
        let facts = words::run_facts(
            count(n, RUN),
            duration(self.median()),
            duration(self.min()),
            duration(self.max()),
        );
        let run = match n > MOST {
            true => LegendKey::new(Sign::Whisker(BLUE), words::several_runs()),
            false => LegendKey::new(Sign::Dot(BLUE), words::one_run()),
        };
        let card = Card {
            title: title.to_owned(),
            description: words::runs_described(&facts),
            facts,
            legend: vec![run, LegendKey::new(Sign::Line(VERMILLION), words::median())],
            text: table(self),
        };
        card.plot(HEIGHT, |area| draw(area, self, *scale))
    }
}

fn draw(
    area: &Area<'_>,
    samples: &Samples,
    (slowest, most): (Duration, usize),
) -> Drawn {
    let unit = time_unit(slowest.as_secs_f64());
    let time = |time: Duration| time.as_secs_f64() / unit.seconds;
    let highest = if slowest.is_zero() { 1.0 } else { time(slowest) * 1.05 };
    let words = words::median_is(duration(samples.median()));
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(label::width(&words, SMALL) + 24.0)
        .margin_bottom(12)
        .x_label_area_size(44)
        .y_label_area_size(MARGIN + 52.0)
        .build_cartesian_2d(0.5..most as f64 + 0.5, 0.0..highest)?;

    let whole = |run: &f64| match run.fract() {
        0.0 => plain(*run),
        _ => String::new(),
    };
    let mut mesh = chart.configure_mesh();
    quiet(&mut mesh);
    mesh.disable_x_mesh()
        .x_labels(10.min(most))
        .y_labels(5)
        .x_label_formatter(&whole)
        .y_label_formatter(&|time| plain(*time))
        .x_desc(words::run_axis(unit.name))
        .draw()?;

    let median = time(samples.median());
    let ends = [(0.5, median), (most as f64 + 0.5, median)];
    chart.draw_series(LineSeries::new(ends, VERMILLION.stroke_width(2)))?;
    let place = chart.backend_coord(&ends[1]);
    area.draw(&Text::new(words, (place.0 + 8, place.1), small(VERMILLION)))?;

    let together = samples.runs().len().div_ceil(MOST);
    let runs = samples.runs().chunks(together).enumerate();
    let ranges = runs.map(|(i, runs)| {
        let x = (i * together) as f64 + (runs.len() + 1) as f64 / 2.0;
        let low = runs.iter().min().copied().unwrap_or_default();
        let high = runs.iter().max().copied().unwrap_or_default();
        (x, time(low), time(high))
    });
    if together == 1 {
        let radius = if samples.runs().len() > 60 { 3 } else { 4 };
        let dots = ranges.map(|(x, y, _)| Circle::new((x, y), radius, BLUE.filled()));
        chart.draw_series(dots)?;
    } else {
        let line = BLUE.stroke_width(2);
        chart.draw_series(
            ranges.map(|(x, y, high)| PathElement::new([(x, y), (x, high)], line)),
        )?;
    }
    Ok(())
}

fn table(samples: &Samples) -> String {
    let mut table = Table::new(["", words::time()]);
    table.row([words::median(), &duration(samples.median())]);
    table.row([words::fastest_run(), &duration(samples.min())]);
    table.row([words::slowest_run(), &duration(samples.max())]);
    if samples.runs().len() <= 20 {
        for (i, run) in samples.runs().iter().enumerate() {
            table.row([&words::run_number(i + 1), &duration(*run)]);
        }
    }
    table.lines()
}

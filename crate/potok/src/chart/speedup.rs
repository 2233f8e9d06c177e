//! How much faster a job gets with more workers, beside what would be ideal.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, Font};
use super::card::{Card, MARGIN, SMALL, WIDTH};
use super::glyph;
use super::label;
use super::legend::{Key, Sign};
use super::palette::{GREY, HAIRLINE, INK, MUTED, SERIES, VERMILLION};
use super::table::Table;
use super::units::{duration, fixed};
use crate::display::{Picture, Show};
use crate::error::{Error, Result};
use crate::measure::{Amdahl, Speedup};

const LEFT: f64 = MARGIN + 48.0;
const RIGHT: f64 = WIDTH - MARGIN - 24.0;
const HEIGHT: f64 = 300.0;
const MOST: usize = 8;

/// Draws how much faster a job got with more workers.
///
/// Medians with a whisker from the slowest to the fastest run, the line of an ideal job,
/// Amdahl's law fitted to the medians, and a mark at the number of cores.
///
/// # Errors
/// A `Speedup` without points, or with one for zero workers.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let speedup = Speedup::measure("waiting", [1, 2], |n| wait(ms(4) / n as u32))?;
/// let picture = chart::speedup(&speedup)?;
/// assert!(picture.text.contains("workers"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn speedup(speedup: &Speedup) -> Result<Picture> {
    let one = std::slice::from_ref(speedup);
    speedups(&format!("Speed-up: {}", speedup.label), one)
}

/// Draws several speed-ups in one chart, each with a marker and a colour of its own.
///
/// Each is relative to its own run with one worker. Amdahl's law is drawn for a single
/// one only; the text has it for all.
///
/// # Errors
/// No series, or more than eight; a series without points or with zero workers.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let steps = |label| Speedup::measure(label, [1, 2], |n| wait(ms(4) / n as u32));
/// let picture = chart::speedups("Two of a kind", &[steps("ann")?, steps("bob")?])?;
/// assert!(picture.text.contains("ann") && picture.text.contains("bob"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn speedups(title: &str, series: &[Speedup]) -> Result<Picture> {
    check(title, series)?;
    let card = Card {
        title: title.to_owned(),
        facts: facts(series),
        legend: legend(series),
        description: describe(series),
        text: table(series),
    };
    let top = card.top() + 6.0;
    let chart = Chart::new(series, top);
    card.draw(top + HEIGHT + 40.0, |canvas| chart.draw(canvas))
}

impl Show for Speedup {
    fn picture(&self) -> Result<Picture> {
        speedup(self)
    }
}

fn check(title: &str, series: &[Speedup]) -> Result<()> {
    let title = label::short(title, 60);
    if series.is_empty() || series.len() > MOST {
        let n = series.len();
        return Err(Error::invalid(format!(
            "`{title}` has {n} series; a chart of speed-ups takes 1 to {MOST}"
        )));
    }
    for one in series {
        let name = label::short(&one.label, 60);
        if one.points.is_empty() {
            return Err(Error::invalid(format!(
                "the speed-up `{name}` has no points; measure it with [1, 2, 4] workers"
            )));
        }
        if one.points.iter().any(|point| point.workers == 0) {
            return Err(Error::invalid(format!(
                "the speed-up `{name}` has a point for zero workers"
            )));
        }
    }
    Ok(())
}

/// The law, if there is a single series and it can be fitted.
fn law(series: &[Speedup]) -> Option<Amdahl> {
    match series {
        [one] => one.amdahl(),
        _ => None,
    }
}

fn facts(series: &[Speedup]) -> String {
    let runs = series.iter().flat_map(|s| &s.points).map(|p| p.samples.runs().len());
    let (least, most) = (runs.clone().min().unwrap_or(0), runs.max().unwrap_or(0));
    let runs =
        if least == most { most.to_string() } else { format!("{least}–{most}") };
    let mut machines: Vec<String> = vec![];
    for one in series {
        let machine = one.machine.to_string();
        if !machines.contains(&machine) {
            machines.push(machine);
        }
    }
    format!("measured on {}; median of {runs} runs", machines.join(" and on "))
}

fn legend(series: &[Speedup]) -> Vec<Key> {
    let mut keys = vec![];
    for (i, one) in series.iter().enumerate() {
        let name = if series.len() == 1 { "measured" } else { &one.label };
        keys.push(Key::new(Sign::Marker(i, SERIES[i % SERIES.len()]), name));
    }
    keys.push(Key::new(Sign::Whisker(INK), "slowest to fastest run"));
    if let Some(law) = law(series) {
        keys.push(Key::new(Sign::Line(VERMILLION), &format!("Amdahl's law: {law}")));
    }
    keys.push(Key::new(Sign::Dashes(MUTED), "ideal"));
    keys
}

fn describe(series: &[Speedup]) -> String {
    let mut words = String::from("Speed-up over one worker, by number of workers.");
    for one in series {
        let best = one.medians().into_iter().zip(&one.points);
        if let Some((ratio, point)) = best.max_by(|a, b| a.0.total_cmp(&b.0)) {
            words += &format!(
                " {}: at best {} × with {}.",
                label::short(&one.label, 60),
                fixed(ratio, 2),
                super::units::count(point.workers, "worker"),
            );
        }
        if let Some(law) = one.amdahl() {
            words += &format!(" Amdahl's law: {law}.");
        }
    }
    words
}

fn table(series: &[Speedup]) -> String {
    let mut text = String::new();
    for one in series {
        let mut table = Table::new([
            "workers",
            "speed-up",
            "slowest",
            "fastest",
            "median time",
            "runs",
        ]);
        let points = one.points.iter().zip(one.medians()).zip(one.ranges());
        for ((point, ratio), (low, high)) in points {
            table.row([
                &point.workers.to_string(),
                &format!("{} ×", fixed(ratio, 2)),
                &format!("{} ×", fixed(low, 2)),
                &format!("{} ×", fixed(high, 2)),
                &duration(point.samples.median()),
                &point.samples.runs().len().to_string(),
            ]);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        if series.len() > 1 {
            text += &format!("{}\n", label::short(&one.label, 80));
        }
        text += &table.lines();
        if let Some(law) = one.amdahl() {
            text += &format!("Amdahl's law fitted: {law}\n");
        }
    }
    text
}

struct Chart<'a> {
    series: &'a [Speedup],
    x: Scale,
    y: Scale,
    top: f64,
    most_workers: usize,
}

impl<'a> Chart<'a> {
    fn new(series: &'a [Speedup], top: f64) -> Self {
        let workers = series.iter().flat_map(|s| &s.points).map(|point| point.workers);
        let most_workers = workers.max().unwrap_or(1).max(2);
        let fastest = series.iter().flat_map(Speedup::ranges).map(|range| range.1);
        let fastest = fastest.fold(1.0, f64::max);
        // Room above for what is measured; the ideal line may leave it.
        let highest =
            (fastest * 1.3).max(2.2).min((most_workers as f64).max(fastest) * 1.1);
        let x = Scale::linear((0.6, most_workers as f64 + 0.4), (LEFT, RIGHT));
        let y = Scale::linear((0.0, highest), (top + HEIGHT, top));
        Chart { series, x, y, top, most_workers }
    }

    fn draw(&self, canvas: &mut Canvas<'_>) {
        self.draw_axes(canvas);
        self.draw_cores(canvas);
        self.draw_ideal(canvas);
        if let Some(law) = law(self.series) {
            let steps = 120;
            let point = |i: usize| {
                let most = (self.most_workers - 1) as f64;
                let workers = 1.0 + most * i as f64 / f64::from(steps);
                (self.x.at(workers), self.y.at(speedup_between(&law, workers)))
            };
            let points: Vec<_> = (0..=steps as usize).map(point).collect();
            canvas.path(&points, VERMILLION, 2.0);
        }
        for i in 0..self.series.len() {
            self.draw_series(canvas, i);
        }
    }

    fn draw_axes(&self, canvas: &mut Canvas<'_>) {
        let bottom = self.top + HEIGHT;
        let font = Font::new(SMALL, MUTED);
        for (tick, text) in self.y.labelled(6) {
            let y = self.y.at(tick);
            canvas.line((LEFT, y), (RIGHT, y), HAIRLINE, 1.0);
            let text = format!("{text} ×");
            canvas.text((LEFT - 8.0, y), &text, font.anchor(Anchor::End));
        }
        canvas.line((LEFT, bottom), (RIGHT, bottom), MUTED, 1.0);
        let mut free = LEFT - 20.0;
        for workers in self.workers() {
            let x = self.x.at(workers as f64);
            canvas.line((x, bottom), (x, bottom + 4.0), MUTED, 1.0);
            let text = workers.to_string();
            let half = label::width(&text, SMALL) / 2.0;
            if x - half > free {
                canvas.text((x, bottom + 14.0), &text, font.anchor(Anchor::Middle));
                free = x + half + 4.0;
            }
        }
        let middle = f64::midpoint(LEFT, RIGHT);
        canvas.text((middle, bottom + 33.0), "workers", font.anchor(Anchor::Middle));
    }

    /// All numbers of workers that were measured.
    fn workers(&self) -> Vec<usize> {
        let points = self.series.iter().flat_map(|series| &series.points);
        let mut workers: Vec<usize> = points.map(|point| point.workers).collect();
        workers.sort_unstable();
        workers.dedup();
        workers
    }

    /// A mark at the number of cores of each machine, where it is within the chart.
    fn draw_cores(&self, canvas: &mut Canvas<'_>) {
        let mut cores: Vec<usize> =
            self.series.iter().map(|s| s.machine.cores).collect();
        cores.sort_unstable();
        cores.dedup();
        for cores in cores.into_iter().filter(|cores| *cores <= self.most_workers) {
            let x = self.x.at(cores as f64);
            let bottom = self.top + HEIGHT;
            canvas.dashes((x, self.top), (x, bottom), GREY, 1.5, (1.5, 4.0));
            let text = format!("{} here", super::units::count(cores, "core"));
            let width = label::width(&text, SMALL);
            let anchor =
                if x + width + 12.0 < RIGHT { Anchor::Start } else { Anchor::End };
            let x = if anchor == Anchor::Start { x + 6.0 } else { x - 6.0 };
            let font = Font::new(SMALL, MUTED).anchor(anchor);
            canvas.text_on_patch((x, bottom - 12.0), &text, font);
        }
    }

    /// The ideal line, up to where it leaves the chart.
    fn draw_ideal(&self, canvas: &mut Canvas<'_>) {
        let end = self.y.range().1.min(self.most_workers as f64);
        let place = |v: f64| (self.x.at(v), self.y.at(v));
        canvas.dashes(place(1.0), place(end), MUTED, 1.5, (6.0, 4.0));
    }

    fn draw_series(&self, canvas: &mut Canvas<'_>, i: usize) {
        let series = &self.series[i];
        let colour = SERIES[i % SERIES.len()];
        // Several series stand a little beside each other, so that whiskers stay apart.
        let aside = (i as f64 - (self.series.len() - 1) as f64 / 2.0) * 7.0;
        let points = series.points.iter().zip(series.medians()).zip(series.ranges());
        let points: Vec<_> = points
            .map(|((point, ratio), (low, high))| {
                let x = self.x.at(point.workers as f64) + aside;
                (x, ratio, self.y.at(ratio), self.y.at(low), self.y.at(high))
            })
            .collect();
        let line: Vec<_> = points.iter().map(|&(x, _, y, ..)| (x, y)).collect();
        if self.series.len() > 1 {
            canvas.path(&line, colour, 2.0);
        }
        for &(x, _, y, low, high) in &points {
            glyph::whisker(canvas, (x, low), (x, high), INK);
            glyph::marker(canvas, i, (x, y), colour);
        }
        if self.series.len() == 1 {
            for &(x, ratio, y, low, _) in &points {
                let text = format!("{} ×", fixed(ratio, 2));
                let place = (x + 10.0, f64::max(y, low) + 14.0);
                canvas.text_on_patch(place, &text, Font::new(SMALL, INK));
            }
        }
    }
}

/// Amdahl's law between whole numbers of workers, so that its curve is smooth.
fn speedup_between(law: &Amdahl, workers: f64) -> f64 {
    let p = workers.min(law.processors.max(1) as f64);
    1.0 / (law.serial + (1.0 - law.serial) / p)
}

//! Points, lines and axes of a speed-up.

use super::law;
use crate::axis::Scale;
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::{MARGIN, SMALL, WIDTH};
use crate::legend::{Key, Sign};
use crate::palette::{GREY, HAIRLINE, INK, MUTED, SERIES, VERMILLION};
use crate::units::{count, fixed};
use crate::{glyph, label};
use potok_base::measure::{Amdahl, Speedup};

const LEFT: f64 = MARGIN + 48.0;
const RIGHT: f64 = WIDTH - MARGIN - 24.0;
const HEIGHT: f64 = 300.0;

pub(super) fn legend(series: &[Speedup]) -> Vec<Key> {
    let mut keys = vec![];
    for (i, one) in series.iter().enumerate() {
        let colour = SERIES[i % SERIES.len()];
        keys.push(match series.len() {
            1 => Key::new(Sign::Marker(i, colour), "measured"),
            _ => Key::new(Sign::Series(i, colour), &one.label),
        });
    }
    keys.push(Key::new(Sign::Whisker(INK), "slowest to fastest run"));
    if let Some(law) = law(series) {
        keys.push(Key::new(Sign::Line(VERMILLION), &format!("Amdahl's law: {law}")));
    }
    keys.push(Key::new(Sign::Dashes(MUTED), "ideal"));
    keys
}

/// Scales and series.
pub(super) struct Chart<'a> {
    series: &'a [Speedup],
    x: Scale,
    y: Scale,
    top: f64,
    most_workers: usize,
}

impl<'a> Chart<'a> {
    pub(super) fn new(series: &'a [Speedup], top: f64) -> Self {
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

    /// Where the picture ends, below the axis.
    pub(super) fn bottom(&self) -> f64 {
        self.top + HEIGHT + 40.0
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
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
            let text = format!("{} here", count(cores, "core"));
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
            for (point, &(x, ratio, y, ..)) in series.points.iter().zip(&points) {
                let text = format!("{} ×", fixed(ratio, 2));
                // Below the point, unless the law's curve runs there.
                let curve =
                    |law| self.y.at(speedup_between(&law, point.workers as f64));
                let crossed = law(self.series)
                    .is_some_and(|law| (y + 4.0..y + 26.0).contains(&curve(law)));
                let y = if crossed { y - 15.0 } else { y + 15.0 };
                canvas.text_on_patch((x + 9.0, y), &text, Font::new(SMALL, INK));
            }
        }
    }
}

/// Amdahl's law between whole numbers of workers, so that its curve is smooth.
fn speedup_between(law: &Amdahl, workers: f64) -> f64 {
    let p = workers.min(law.processors.max(1) as f64);
    1.0 / (law.serial + (1.0 - law.serial) / p)
}

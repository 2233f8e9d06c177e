//! The chart: plotters' axes, a line for what could be, a marker for what was.

use super::law;
use crate::card::{MARGIN, SMALL};
use crate::label;
use crate::legend::{LegendKey, Sign};
use crate::palette::{CARD, GREY, INK, MUTED, SERIES, VERMILLION};
use crate::plot::{Area, Drawn, markers, quiet, small};
use crate::units::{count, fixed, plain};
use crate::words;
use plotters::prelude::*;
use potok_base::language::noun::CORE;
use potok_base::measure::{Speedup, SpeedupPoint, Why};

/// The line of what the machine gave: a colour that no series has.
const GIVEN: RGBColor = INK;

pub(super) fn legend(series: &[Speedup]) -> Vec<LegendKey> {
    let mut keys = vec![];
    for (i, one) in series.iter().enumerate() {
        let colour = SERIES[i % SERIES.len()];
        keys.push(match series.len() {
            1 => LegendKey::new(Sign::Marker(i, colour), words::measured()),
            _ => LegendKey::new(Sign::Series(i, colour), &one.label),
        });
    }
    if series.iter().flat_map(|one| &one.points).any(several_runs) {
        keys.push(LegendKey::new(Sign::Whisker(INK), words::slowest_to_fastest()));
    }
    keys.push(LegendKey::new(Sign::Dashes(MUTED), words::ideal()));
    if !given(series).is_empty() {
        keys.push(LegendKey::new(Sign::Line(GIVEN), words::machine_gave()));
    }
    if let Some(law) = law(series) {
        keys.push(LegendKey::new(Sign::Line(VERMILLION), &words::law(law)));
    }
    keys
}

pub(super) fn draw(area: &Area<'_>, series: &[Speedup]) -> Drawn {
    let workers = workers(series);
    let most = workers.last().copied().unwrap_or(1).max(2) as f64;
    let given = given(series);
    let highest = highest(series, &given, most);
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(44)
        .margin_bottom(12)
        .x_label_area_size(44)
        .y_label_area_size(MARGIN + 48.0)
        .build_cartesian_2d(0.6..most + 0.4, 0.0..highest)?;

    let measured = |x: &f64| match workers.iter().any(|&n| n as f64 == *x) {
        true => plain(*x),
        false => String::new(),
    };
    let mut mesh = chart.configure_mesh();
    quiet(&mut mesh);
    mesh.disable_x_mesh()
        .x_labels((most as usize + 1).min(64))
        .y_labels(6)
        .x_label_formatter(&measured)
        .y_label_formatter(&|y| format!("{} ×", plain(*y)))
        .x_desc(words::workers_axis())
        .draw()?;

    // Lines that leave the chart at the top end there.
    let below = |point: &(f64, f64)| point.1 <= highest;
    for cores in cores(series).into_iter().filter(|cores| *cores as f64 <= most) {
        let x = cores as f64;
        let ends = [(x, 0.0), (x, highest)];
        chart.draw_series(DashedLineSeries::new(ends, 2, 4, GREY.stroke_width(1)))?;
        let words = words::cores_here(count(cores, CORE));
        let wide = label::width(&words, SMALL) as i32;
        let (at, _) = chart.backend_coord(&(x, 0.0));
        // Right of all markers and ranges; on the other side where the border is near.
        let last = chart
            .backend_coord(&(x + aside(series.len() - 1, series.len(), most), 0.0));
        let gap = (last.0 - at) + if series.len() > 1 { 10 } else { 8 };
        let fits = at + gap + wide + 12 < area.dim_in_pixel().0 as i32;
        let aside = if fits { gap } else { -wide - gap };
        chart.draw_series([EmptyElement::at((x, free_height(series, x, highest)))
            + Text::new(words, (aside, -14), small(MUTED))])?;
    }
    let end = highest.min(most);
    let ideal = [(1.0, 1.0), (end, end)];
    chart.draw_series(DashedLineSeries::new(ideal, 6, 4, MUTED.stroke_width(2)))?;
    let line = given.iter().copied().filter(below);
    chart.draw_series(LineSeries::new(line, GIVEN.stroke_width(2)))?;
    if let Some(law) = law(series) {
        let curve = (0..=40).map(|i| 1.0 + (most - 1.0) * f64::from(i) / 40.0);
        let curve = curve.map(|n| (n, law.on(n))).filter(below);
        chart.draw_series(LineSeries::new(curve, VERMILLION.stroke_width(2)))?;
    }

    for (i, one) in series.iter().enumerate() {
        let colour = SERIES[i % SERIES.len()];
        let aside = aside(i, series.len(), most);
        let points = one.points.iter().zip(one.medians());
        let points = points.map(|(point, y)| (point.workers as f64 + aside, y));
        if series.len() > 1 {
            chart
                .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?;
        }
        let runs = one.points.iter().zip(one.ranges()).zip(points.clone());
        let runs = runs.filter(|((point, _), _)| several_runs(point));
        chart.draw_series(runs.map(|((_, (low, high)), (x, y))| {
            ErrorBar::new_vertical(x, low, y, high, INK.filled().stroke_width(2), 8)
        }))?;
        markers(&mut chart, i, points.clone(), colour)?;
        if series.len() == 1 {
            // On a patch of the card's colour, so that no line crosses the number; above
            // the point where the axis is near.
            chart.draw_series(points.map(|(x, y)| {
                let words = format!("{} ×", fixed(y, 2));
                let right = 14 + label::width(&words, SMALL) as i32;
                let down = if y < highest * 0.13 { -17 } else { 17 };
                EmptyElement::at((x, y))
                    + Rectangle::new([(10, down - 9), (right, down + 9)], CARD.filled())
                    + Text::new(words, (12, down), small(INK))
            }))?;
        }
    }
    Ok(())
}

/// How far beside its place a series stands, of several: so that ranges stay apart.
fn aside(i: usize, n: usize, most: f64) -> f64 {
    (i as f64 - (n - 1) as f64 / 2.0) * most * 0.009
}

/// All numbers of workers that were measured.
fn workers(series: &[Speedup]) -> Vec<usize> {
    let points = series.iter().flat_map(|one| &one.points);
    let mut workers: Vec<usize> = points.map(|point| point.workers).collect();
    workers.sort_unstable();
    workers.dedup();
    workers
}

/// How many cores the machines have.
fn cores(series: &[Speedup]) -> Vec<usize> {
    let mut cores: Vec<usize> = series.iter().map(|one| one.machine.cores).collect();
    cores.sort_unstable();
    cores.dedup();
    cores
}

/// What the machine gave for each number of workers: the mean where several were measured.
/// A job that waits is not bounded by it, so it has none.
fn given(series: &[Speedup]) -> Vec<(f64, f64)> {
    let waits = |one: &Speedup| one.verdict().is_some_and(|v| v.why == Why::Waits);
    let of = |workers: usize| {
        let computing = series.iter().filter(|one| !waits(one));
        let points = computing.flat_map(|one| &one.points);
        let given = points.filter(|point| point.workers == workers);
        let given: Vec<f64> = given.filter_map(|p| Some(p.given?.cores)).collect();
        let mean = given.iter().sum::<f64>() / given.len() as f64;
        (!given.is_empty()).then_some((workers as f64, mean))
    };
    workers(series).into_iter().filter_map(of).collect()
}

/// Where words beside this number of workers cross no series: as low as there is room.
fn free_height(series: &[Speedup], workers: f64, highest: f64) -> f64 {
    let beside = |one: &Speedup| {
        let points = one.points.iter().zip(one.medians());
        let from = points.filter(|(point, _)| point.workers as f64 >= workers);
        from.map(|(_, y)| y / highest).collect::<Vec<f64>>()
    };
    let taken: Vec<f64> = series.iter().flat_map(beside).collect();
    // The words stand on their height, and are about a tenth of a chart high.
    let is_free = |height: &f64| {
        !taken.iter().any(|y| (height - 0.04..height + 0.14).contains(y))
    };
    let heights = (0..8).map(|step| f64::from(step) * 0.1);
    heights.into_iter().find(is_free).unwrap_or(0.0) * highest
}

/// Room above for what is measured and for what was given; the ideal may leave it.
fn highest(series: &[Speedup], given: &[(f64, f64)], most: f64) -> f64 {
    let ranges = series.iter().flat_map(Speedup::ranges).map(|range| range.1);
    let fastest = ranges.chain(given.iter().map(|given| given.1)).fold(1.0, f64::max);
    (fastest * 1.3).max(2.2).min(most.max(fastest) * 1.1)
}

fn several_runs(point: &SpeedupPoint) -> bool {
    point.samples.runs().len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_machine_gave_has_a_colour_of_its_own() {
        assert!(!SERIES.contains(&GIVEN));
    }
}

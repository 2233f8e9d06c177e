//! A chart for each queue, one below the other.

use super::text::told;
use super::{LengthScale, end_of};
use crate::card::{MARGIN, MEDIUM, SMALL};
use crate::label;
use crate::palette::{BAND, BLUE, INK, MUTED, SKY};
use crate::plot::{Area, Drawn, medium, quiet, small};
use crate::units::{plain, time_unit};
use crate::words;
use plotters::prelude::*;
use potok_base::trace::QueueLength;
use std::time::Duration;

/// Below the last chart: the ticks of time, and the border.
pub(super) const BELOW: f64 = 36.0;
const GAP: i32 = 10;
/// Changes are told apart in this many steps of time, which are about a pixel each.
const STEPS: f64 = 600.0;

/// How high the chart of one of so many queues is, with the gap above, in this room.
pub(super) fn strip(queues: usize, room: f64) -> f64 {
    ((room - BELOW) / queues as f64).clamp(40.0, if queues == 1 { 160.0 } else { 92.0 })
}

pub(super) fn strips(
    area: &Area<'_>,
    queues: &[QueueLength],
    scale: &LengthScale,
    strip: f64,
) -> Drawn {
    let unit = time_unit(scale.end.as_secs_f64());
    let time = |time: Duration| time.as_secs_f64() / unit.seconds;
    let end = if scale.end.is_zero() { 1.0 } else { time(scale.end) };
    let longest = scale.longest as f64 * 1.1;
    let names = scale.names.clamp(110.0, 210.0);
    let left = (MARGIN + names + 46.0) as i32;

    let mut rest = area.clone();
    for (i, queue) in queues.iter().enumerate() {
        let last = i + 1 == queues.len();
        let height = if last { strip + BELOW } else { strip } as i32;
        let (this, below) = rest.split_vertically(height);
        rest = below;
        let mut chart = ChartBuilder::on(&this)
            .margin_top(GAP)
            .margin_right(26)
            .margin_bottom(if last { BELOW as i32 - 24 } else { 0 })
            .x_label_area_size(if last { 24 } else { 0 })
            .y_label_area_size(left)
            .build_cartesian_2d(0.0..end, 0.0..longest)?;
        chart.plotting_area().fill(&BAND)?;

        let whole = |length: &f64| match length.fract() {
            0.0 => plain(*length),
            _ => String::new(),
        };
        let mut mesh = chart.configure_mesh();
        quiet(&mut mesh);
        mesh.x_labels(8)
            .y_labels((strip / 26.0).max(2.0) as usize)
            .x_label_formatter(&|time| plain(*time))
            .y_label_formatter(&whole)
            .draw()?;

        let steps = steps(queue, scale.end);
        let line: Vec<_> = steps.iter().map(|&(at, n)| (time(at), n as f64)).collect();
        chart.draw_series(AreaSeries::new(line.clone(), 0.0, SKY))?;
        // A line of thousands of corners would only make the document larger.
        if line.len() < 500 {
            chart.draw_series(LineSeries::new(line, BLUE.stroke_width(2)))?;
        }

        let middle = GAP + (strip as i32 - GAP) / 2;
        let name = label::fit_with_whole(&queue.name, MEDIUM, names);
        let place = |y| (MARGIN as i32, middle + y);
        this.draw(&Text::new(name, place(-9), medium(INK)))?;
        let words = label::fit_with_whole(&told(queue), SMALL, names);
        this.draw(&Text::new(words, place(10), small(MUTED)))?;
        if last {
            let words = words::time_in(unit.name);
            let y = strip as i32 + 14;
            this.draw(&Text::new(words, (MARGIN as i32, y), small(MUTED)))?;
        }
    }
    Ok(())
}

/// The corners of a step line. All changes in the same step of time become the greatest and
/// the last of them.
fn steps(queue: &QueueLength, end: Duration) -> Vec<(Duration, usize)> {
    let end = end.as_secs_f64().max(1e-9);
    let step =
        |change: &(Duration, usize)| (change.0.as_secs_f64() / end * STEPS).floor();
    let mut line: Vec<(Duration, usize)> = vec![];
    let mut before = 0;
    for same in queue.changes.chunk_by(|a, b| step(a) == step(b)) {
        let at = same[0].0;
        let greatest = same.iter().map(|change| change.1).max().unwrap_or(0);
        let last = same[same.len() - 1].1;
        line.extend([(at, before), (at, greatest)]);
        if greatest != last {
            line.push((at, last));
        }
        before = last;
    }
    if !line.is_empty() {
        line.push((end_of(queue), before));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_base::workload::ms;

    #[test]
    fn changes_of_one_step_keep_the_greatest_and_the_last() {
        let changes = vec![(ms(110), 1), (ms(111), 7), (ms(111), 2), (ms(500), 0)];
        let queue = QueueLength { name: "x".into(), changes, until: ms(1_000) };
        let line = steps(&queue, ms(1_000));
        let lengths: Vec<usize> = line.iter().map(|corner| corner.1).collect();
        assert_eq!(lengths, [0, 7, 2, 2, 0, 0]);
    }
}

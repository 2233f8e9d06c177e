//! The chart: plotters' axes, a rectangle for each bar, its range and its value.

use super::scale::{BarScale, GAP};
use super::text::{self, beside};
use super::{Bar, Bars};
use crate::card::{Card, HIGHEST, MARGIN, MEDIUM, SMALL, WIDTH};
use crate::display::Picture;
use crate::label;
use crate::legend::{LegendKey, Sign};
use crate::palette::{GREY, INK, MUTED};
use crate::plot::{Area, Drawn, bold, medium, quiet, small};
use crate::units::{plain, time};
use crate::words;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use potok_base::error::Result;

/// Below the bars: ticks, what they count, and the border.
const AXIS: f64 = 44.0;
const BELOW: f64 = 12.0;

pub(super) fn picture(title: &str, bars: &Bars, scale: &BarScale) -> Result<Picture> {
    let drawn = bars.drawn();
    let range = LegendKey::new(Sign::Whisker(INK), words::smallest_to_largest());
    let ranged = drawn.iter().any(|bar| range_of(bar).is_some());
    let card = Card {
        title: title.to_owned(),
        facts: text::facts(&bars.bars),
        legend: if ranged { vec![range] } else { vec![] },
        description: text::describe(&bars.axis, &bars.bars),
        text: text::table(&bars.axis, &bars.bars),
    };
    let rows = rows(&drawn);
    let room = HIGHEST - card.top() - AXIS - BELOW;
    let row = (room / rows.len() as f64).clamp(24.0, 34.0) as i32;
    let chart = Chart { bars, scale, rows: &rows, row };
    card.plot(f64::from(chart.bottom()) + AXIS + BELOW, |area| match scale.ends {
        (from, to) if from > 0.0 => {
            let decades = (to / from).log10().round() as i32;
            let ticks = (0..=decades).map(|n| from * 10_f64.powi(n)).collect();
            chart.draw(area, (from..to).log_scale().with_key_points(ticks))
        }
        (from, to) => chart.draw(area, from..to),
    })
}

/// What stands in a row of its own.
enum Row<'a> {
    Group(&'a str),
    Bar(&'a Bar),
}

/// From top to bottom: each group begins with its name.
fn rows<'a>(bars: &[&'a Bar]) -> Vec<Row<'a>> {
    let (mut rows, mut group) = (vec![], "");
    for bar in bars {
        if bar.group != group {
            group = &bar.group;
            rows.push(Row::Group(group));
        }
        rows.push(Row::Bar(bar));
    }
    rows
}

struct Chart<'a> {
    bars: &'a Bars,
    scale: &'a BarScale,
    rows: &'a [Row<'a>],
    /// How many pixels high a row is.
    row: i32,
}

impl Chart<'_> {
    fn bottom(&self) -> i32 {
        self.row * self.rows.len() as i32
    }

    /// Values along `x`; `y` counts pixels from the top.
    fn draw<X>(&self, area: &Area<'_>, x: X) -> Drawn
    where
        X: AsRangedCoord<Value = f64>,
        X::CoordDescType: ValueFormatter<f64>,
    {
        let (scale, row) = (self.scale, self.row);
        let tops = (0..self.rows.len() as i32).map(|i| i * row);
        let bars =
            tops.clone().zip(self.rows).filter(|(_, r)| matches!(r, Row::Bar(_)));
        let middles = bars.map(|(top, _)| top + row * 2 / 5).collect();
        let mut chart = ChartBuilder::on(area)
            .margin_right((WIDTH - scale.left - scale.width).round() as i32)
            .margin_bottom(BELOW)
            .x_label_area_size(AXIS)
            .y_label_area_size(scale.left.round())
            .build_cartesian_2d(x, (self.bottom()..0).with_key_points(middles))?;

        let decades_of_time = scale.ends.0 > 0.0 && self.bars.axis.time;
        let value = |value: &f64| match decades_of_time {
            true => time(*value),
            false => plain(*value),
        };
        let name = |y: &i32| match &self.rows[(y / row) as usize] {
            Row::Bar(bar) => {
                label::fit_with_whole(&bar.label, MEDIUM, scale.left - MARGIN - 8.0)
            }
            Row::Group(_) => String::new(),
        };
        let mut mesh = chart.configure_mesh();
        quiet(&mut mesh);
        // As many ticks as there is room for the widest number.
        let widest = label::width(&value(&scale.ends.1), SMALL) + 24.0;
        mesh.disable_y_mesh()
            .x_labels(((scale.width / widest) as usize).clamp(2, 7))
            .x_label_formatter(&value)
            .x_desc(text::below(&self.bars.axis, scale))
            .y_label_formatter(&name)
            .y_label_style(medium(INK))
            .draw()?;

        let begin = scale.ends.0;
        for (one, y) in self.rows.iter().zip(tops) {
            let bar = match one {
                Row::Bar(bar) => bar,
                Row::Group(name) => {
                    let y = chart.backend_coord(&(begin, y + row * 3 / 5)).1;
                    let name = label::fit_with_whole(name, SMALL, WIDTH - 2.0 * MARGIN);
                    area.draw(&Text::new(name, (MARGIN as i32, y), bold(INK)))?;
                    continue;
                }
            };
            let end = bar.value.map_or(begin, |value| value / scale.unit.0);
            if bar.value.is_some() {
                let colour = scale.colour(bar);
                if begin > 0.0 {
                    // A length would begin at a power of ten that means nothing.
                    let line = [(begin, y + row * 2 / 5), (end, y + row * 2 / 5)];
                    let line = DashedLineSeries::new(line, 2, 4, GREY.stroke_width(1));
                    chart.draw_series(line)?;
                    let dot = Circle::new((end, y + row * 2 / 5), 6, colour.filled());
                    chart.draw_series([dot])?;
                } else {
                    // Even next to nothing leaves a trace.
                    let end = end.max(scale.at_share(2e-3));
                    let corners = [(begin, y + row / 7), (end, y + row * 2 / 3)];
                    chart.draw_series([Rectangle::new(corners, colour.filled())])?;
                }
            }
            if let Some((low, high)) = range_of(bar) {
                let (low, high) = (low / scale.unit.0, high / scale.unit.0);
                let line = INK.filled().stroke_width(2);
                let y = y + row * 6 / 7;
                chart.draw_series([ErrorBar::new_horizontal(
                    y, low, end, high, line, 6,
                )])?;
            }
            let style = small(if bar.value.is_some() { INK } else { MUTED });
            let value = label::fit_with_whole(
                &beside(&self.bars.axis, bar),
                SMALL,
                scale.room(bar),
            );
            chart.draw_series([EmptyElement::at((end, y + row * 2 / 5))
                + Text::new(value, (GAP as i32, 0), style)])?;
        }
        Ok(())
    }
}

/// The range of a bar, where it has one.
fn range_of(bar: &Bar) -> Option<(f64, f64)> {
    let value = bar.value?;
    let (low, high) = (bar.low.unwrap_or(value), bar.high.unwrap_or(value));
    (low < high).then_some((low, high))
}

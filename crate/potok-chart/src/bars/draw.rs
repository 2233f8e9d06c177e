//! The bars and their axis.

use super::{Axis, Bar};
use crate::axis::Scale;
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use crate::legend::{Key, Sign};
use crate::palette::{BLUE, GREY, HAIRLINE, INK, MUTED, SERIES};
use crate::{glyph, label};
use plotters::style::RGBColor as Rgb;

/// The height of a row, and of the bar on it.
const ROW: f64 = 30.0;
const BAR: f64 = 18.0;

/// Bars with their places.
pub(super) struct Bars<'a> {
    axis: &'a Axis,
    bars: &'a [&'a Bar],
    scale: Scale,
    left: f64,
    right: f64,
}

impl<'a> Bars<'a> {
    pub(super) fn new(axis: &'a Axis, bars: &'a [&'a Bar]) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let names =
            &mut bars.iter().map(|b| label::width(&label::clean(&b.label), MEDIUM));
        let left = MARGIN + widest(names).clamp(40.0, 230.0) + 12.0;
        // What stands in a missing bar's place needs no room of its own.
        let values = &mut bars
            .iter()
            .filter(|bar| bar.value.is_some())
            .map(|bar| label::width(&beside(axis, bar), SMALL));
        let right = WIDTH - MARGIN - widest(values).clamp(40.0, 200.0) - 14.0;

        let values = || bars.iter().flat_map(|b| [b.low, b.value, b.high]).flatten();
        let largest = values().fold(0.0, f64::max);
        let scale = match values().reduce(f64::min) {
            Some(smallest) if axis.log => {
                Scale::log((smallest, largest), (left, right))
            }
            _ if largest > 0.0 => Scale::linear((0.0, largest), (left, right)),
            _ => Scale::linear((0.0, 1.0), (left, right)),
        };
        Bars { axis, bars, scale, left, right }
    }

    pub(super) fn legend(&self) -> Vec<Key> {
        let ranges =
            self.bars.iter().any(|bar| bar.low.is_some() || bar.high.is_some());
        let key = || Key::new(Sign::Whisker(INK), "from the smallest to the largest");
        if ranges { vec![key()] } else { vec![] }
    }

    /// Where each bar stands below the top, with the name of the group that begins there.
    fn places(&self) -> Vec<(f64, Option<&str>)> {
        let (mut y, mut group) = (0.0, "");
        let mut places = vec![];
        for bar in self.bars {
            let begins = bar.group != group;
            if begins {
                y += 26.0;
                group = &bar.group;
            }
            places.push((y, begins.then_some(group)));
            y += ROW;
        }
        places
    }

    pub(super) fn height(&self) -> f64 {
        self.places().last().map_or(0.0, |place| place.0) + ROW + 6.0
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, top: f64) {
        let bottom = top + self.height();
        self.draw_axis(canvas, top, bottom);
        let grouped = self.bars.iter().any(|bar| !bar.group.is_empty());
        let mut labels: Vec<&str> = vec![];
        for (bar, (y, group)) in self.bars.iter().zip(self.places()) {
            if let Some(group) = group {
                let name = label::fit(group, SMALL, WIDTH - 2.0 * MARGIN);
                let font = Font::new(SMALL, INK).bold();
                canvas.text_on_patch((MARGIN, top + y - 10.0), &name, font);
            }
            let known = labels.iter().position(|label| *label == bar.label);
            let place = known.unwrap_or_else(|| {
                labels.push(&bar.label);
                labels.len() - 1
            });
            let colour = if grouped { SERIES[place % SERIES.len()] } else { BLUE };
            self.draw_bar(canvas, bar, top + y + ROW / 2.0 + 3.0, colour);
        }
        canvas.line((self.left, top), (self.left, bottom), MUTED, 1.0);
    }

    fn draw_axis(&self, canvas: &mut Canvas<'_>, top: f64, bottom: f64) {
        let (ticks, unit) = if self.axis.time {
            let (ticks, unit) = self.scale.labelled_times(6);
            (ticks, if self.axis.log { "" } else { unit.name })
        } else {
            (self.scale.labelled(6), "")
        };
        let font = Font::new(SMALL, MUTED).anchor(Anchor::Middle);
        for (tick, text) in ticks {
            let x = self.scale.at(tick);
            canvas.line((x, top), (x, bottom), HAIRLINE, 1.0);
            canvas.text((x, bottom + 12.0), &text, font);
        }
        canvas.line((self.left, bottom), (self.right, bottom), MUTED, 1.0);
        let mut title = label::short(&self.axis.label, 120);
        if !unit.is_empty() {
            title = format!("{title}, {unit}");
        }
        if self.axis.log {
            title += " (logarithmic: each step multiplies)";
        }
        let title = label::fit(&title, SMALL, WIDTH - 2.0 * MARGIN);
        let half = label::width(&title, SMALL) / 2.0;
        let middle = f64::midpoint(self.left, self.right);
        let x = middle.clamp(MARGIN + half, (WIDTH - MARGIN - half).max(MARGIN + half));
        canvas.text((x, bottom + 32.0), &title, font);
    }

    fn draw_bar(&self, canvas: &mut Canvas<'_>, bar: &Bar, y: f64, colour: Rgb) {
        let room = self.left - MARGIN - 10.0;
        let name = label::fit(&bar.label, MEDIUM, room);
        let font = Font::new(MEDIUM, INK).anchor(Anchor::End);
        canvas.text((self.left - 10.0, y), &name, font);

        let text = beside(self.axis, bar);
        let Some(value) = bar.value else {
            let end = WIDTH - MARGIN - self.left - 20.0;
            canvas.dashes((self.left, y), (self.left + 12.0, y), GREY, 1.5, (3.0, 3.0));
            let text = label::fit(&text, SMALL, end);
            let font = Font::new(SMALL, MUTED);
            return canvas.text_on_patch((self.left + 18.0, y), &text, font);
        };
        let x = self.scale.at(value);
        // Even next to nothing leaves a trace.
        let wide = (x - self.left).max(1.0);
        canvas.rect((self.left, y - BAR / 2.0), (wide, BAR), colour);
        let mut end = x;
        if bar.low.is_some() || bar.high.is_some() {
            let from = self.scale.at(bar.low.unwrap_or(value));
            end = self.scale.at(bar.high.unwrap_or(value));
            glyph::whisker(canvas, (from, y), (end, y), INK);
        }
        let text = label::fit(&text, SMALL, WIDTH - MARGIN - end - 10.0);
        canvas.text_on_patch((end + 10.0, y), &text, Font::new(SMALL, INK));
    }
}

/// What stands to the right of a bar.
fn beside(axis: &Axis, bar: &Bar) -> String {
    let note = label::short(&bar.note, 100);
    match bar.value {
        Some(value) if note.is_empty() => axis.show(value),
        Some(value) => format!("{} · {note}", axis.show(value)),
        None if note.is_empty() => "not measured".to_owned(),
        None => note,
    }
}

//! What bars that are compared have in common.

use super::{Axis, Bar, Bars};
use crate::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use crate::label;
use crate::palette::{BLUE, SERIES};
use crate::units::time_unit;
use plotters::style::RGBColor as Rgb;

/// Between a bar and its value.
pub(super) const GAP: f64 = 8.0;
/// The widest name that is not cut.
const NAME: f64 = 300.0;

/// The ends of the axis, in its unit, and where it stands.
#[derive(Debug)]
pub struct BarScale {
    /// The smallest and the largest value.
    pub(super) ends: (f64, f64),
    /// The values of one of the unit, and its name.
    pub(super) unit: (f64, &'static str),
    /// Pixels from the left to where the bars begin.
    pub(super) left: f64,
    /// Pixels from there to the largest value.
    pub(super) width: f64,
    /// What has a colour of its own, in the order of colours; empty where all have one.
    pub(super) colours: Vec<String>,
}

/// The least part of the room that bars have beside what is said of them.
const LEAST: f64 = 0.35;

/// What the second half of `100 ms` needs beyond the card's margin, in pixels.
const HALF_A_NUMBER: f64 = 10.0;

impl BarScale {
    pub(super) fn new(all: &[&Bars]) -> Self {
        let drawn: Vec<(&Axis, &Bar)> = all
            .iter()
            .flat_map(|bars| bars.drawn().into_iter().map(|bar| (&bars.axis, bar)))
            .collect();
        let values = drawn.iter().flat_map(|(_, b)| [b.low, b.value, b.high]);
        let values = || values.clone().flatten().filter(|value| value.is_finite());
        let largest = values().fold(0.0, f64::max);
        let log = all.iter().any(|bars| bars.axis.log);
        let time = all.iter().any(|bars| bars.axis.time);
        let mut unit = (1.0, "");
        let ends = match values().reduce(f64::min) {
            // Decades: the smallest value should not stand at the very end, where no bar
            // is seen.
            Some(smallest) if log && smallest > 0.0 => {
                let from = 10_f64.powf((smallest.log10() - 0.05).floor());
                (from, 10_f64.powf(largest.log10().ceil()).max(from * 10.0))
            }
            _ => {
                if time {
                    let fitting = time_unit(largest);
                    unit = (fitting.seconds, fitting.name);
                }
                (0.0, if largest > 0.0 { largest / unit.0 } else { 1.0 })
            }
        };
        let names =
            drawn.iter().map(|(_, b)| label::width(&label::clean(&b.label), MEDIUM));
        let left = MARGIN + names.fold(40.0, f64::max).min(NAME) + 12.0;
        let mut scale =
            BarScale { ends, unit, left, width: 0.0, colours: colours(&drawn) };
        scale.width = scale.widest(&drawn);
        scale
    }

    /// The share of the axis that a value takes.
    pub(super) fn share(&self, value: f64) -> f64 {
        let ((from, to), value) = (self.ends, value / self.unit.0);
        let share = if from > 0.0 {
            (value.max(from) / from).ln() / (to / from).ln()
        } else {
            value / to
        };
        share.clamp(0.0, 1.0)
    }

    /// The value at this share of the axis, in its unit.
    pub(super) fn at_share(&self, share: f64) -> f64 {
        let (from, to) = self.ends;
        if from > 0.0 { from * (to / from).powf(share) } else { to * share }
    }

    /// Pixels from the end of a bar to the border.
    pub(super) fn room(&self, bar: &Bar) -> f64 {
        let end = self.left + self.share(bar.value.unwrap_or(0.0)) * self.width;
        // A hair more, so that what was measured for this room fits.
        WIDTH - MARGIN - end - GAP + 0.01
    }

    /// The colour of a bar: that of its label, where labels have one.
    pub(super) fn colour(&self, bar: &Bar) -> Rgb {
        let place = self.colours.iter().position(|label| *label == bar.label);
        place.map_or(BLUE, |place| SERIES[place % SERIES.len()])
    }

    /// The widest axis that leaves room for the value behind each bar.
    fn widest(&self, drawn: &[(&Axis, &Bar)]) -> f64 {
        let room = WIDTH - MARGIN - self.left;
        let widths = drawn.iter().filter_map(|(axis, bar)| {
            let share = self.share(bar.value?);
            let text = label::width(&super::text::beside(axis, bar), SMALL);
            Some((room - GAP - text) / share.max(1e-3))
        });
        // The axis may end with a number, whose second half stands to the right of it.
        widths.fold(room - HALF_A_NUMBER, f64::min).max(room * LEAST)
    }
}

/// In groups, each label has its colour.
fn colours(drawn: &[(&Axis, &Bar)]) -> Vec<String> {
    let mut colours: Vec<String> = vec![];
    if drawn.iter().any(|(_, bar)| !bar.group.is_empty()) {
        for (_, bar) in drawn {
            if !colours.contains(&bar.label) {
                colours.push(bar.label.clone());
            }
        }
    }
    colours
}

//! Values side by side, with their ranges.
//!
//! * `bar`: one bar, and what it is made from.
//! * `draw`: the chart, by plotters. `scale`: what several of them have in common.
//! * `text`: the same in words.

mod bar;
mod draw;
mod scale;
mod text;

pub use bar::{Bar, IntoBar};

use super::label;
use super::together::{Together, alone};
use super::units::{number, time, with_unit};
use crate::display::{Picture, Show};
use crate::words;
use potok_base::error::{Error, Result};
use scale::BarScale;

/// More bars than these are summed up in a line of text.
const MOST: usize = 60;

/// What the values of [`bars`] are.
///
/// ```
/// use potok::chart::Axis;
/// let axis = Axis::time("to create one").log();
/// assert!(axis.log && axis.time);
/// assert_eq!(Axis::from("requests per second").label, "requests per second");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Axis {
    /// What is measured, and in what unit if the values are not times. Values of a label
    /// that begins with `%` are shown with that sign.
    pub label: String,
    /// Whether the values are seconds, to be shown in a fitting unit.
    pub time: bool,
    /// Whether equal steps to the right multiply the value.
    pub log: bool,
}

impl Axis {
    /// Values are seconds and are shown in a fitting unit of time.
    pub fn time(label: impl Into<String>) -> Self {
        Axis { label: label.into(), time: true, log: false }
    }

    /// The same axis by logarithm, for values that are many times each other.
    #[must_use]
    pub fn log(self) -> Self {
        Axis { log: true, ..self }
    }

    fn show(&self, value: f64) -> String {
        match (self.time, self.label.starts_with('%')) {
            (true, _) => time(value),
            (_, true) => with_unit(&number(value), "%"),
            _ => number(value),
        }
    }
}

/// Values that are plain numbers.
impl From<&str> for Axis {
    fn from(label: &str) -> Self {
        Axis { label: label.to_owned(), ..Axis::default() }
    }
}

/// Values that are plain numbers.
impl From<String> for Axis {
    fn from(label: String) -> Self {
        Axis { label, ..Axis::default() }
    }
}

/// Bars and what they say: what [`together`](crate::together) draws on one scale.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use potok::chart::Bars;
/// let before = Bars::new("requests per second", [("threads", 900), ("async", 2_400)]);
/// let after = Bars::new("requests per second", [("threads", 1_000), ("async", 9_000)]);
/// let both = chart::together([("before", &before), ("after", &after)])?;
/// assert_eq!(both[0].title, "before");
/// # Ok::<(), potok::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bars {
    axis: Axis,
    bars: Vec<Bar>,
}

impl Bars {
    /// Bars along this axis.
    pub fn new<B: IntoBar>(
        axis: impl Into<Axis>,
        bars: impl IntoIterator<Item = B>,
    ) -> Self {
        let bars = bars.into_iter().map(IntoBar::into_bar).collect();
        Bars { axis: axis.into(), bars }
    }

    /// The bars that are drawn: those of one group side by side, in the order of the
    /// first of each group.
    fn drawn(&self) -> Vec<&Bar> {
        let mut groups: Vec<&str> = vec![];
        for bar in &self.bars {
            if !groups.contains(&&*bar.group) {
                groups.push(&bar.group);
            }
        }
        let mut bars: Vec<&Bar> = self.bars.iter().take(MOST).collect();
        bars.sort_by_key(|bar| groups.iter().position(|group| *group == bar.group));
        bars
    }
}

impl Together for Bars {
    type Scale = BarScale;

    fn scale(all: &[&Self]) -> BarScale {
        BarScale::new(all)
    }

    fn draw_on(&self, title: &str, scale: &BarScale) -> Result<Picture> {
        check(title, &self.axis, &self.bars)?;
        draw::picture(title, self, scale)
    }
}

impl Show for Bars {
    fn picture(&self) -> Result<Picture> {
        alone(&self.axis.label, self)
    }
}

/// Draws a horizontal bar for each value, and below it a line over its range. On a
/// logarithmic axis a point stands in place of a bar, whose length would mean nothing.
///
/// The value is printed at the end of its bar. A bar without a value shows its note instead.
/// In groups, bars of the same label have the same colour. Of more than 60 bars, the
/// first 60 are drawn and the picture says so.
///
/// # Errors
/// No bars; a value that is negative, infinite or not a number; a range that does not
/// contain its value; zero on a logarithmic axis.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use potok::chart::{Axis, Bar};
/// let nothing = measure("nothing", 3, || ())?;
/// let work = measure("1 ms of work", 3, || busy(ms(1)))?;
/// let bars = [Bar::from(&nothing), Bar::from(&work)];
/// let picture = chart::bars("Work takes time", Axis::time("one call"), bars)?;
/// assert!(picture.text.contains("1 ms of work"));
///
/// let error = chart::bars("bad", "x", [Bar::new("ann", f64::NAN)]).unwrap_err();
/// assert!(error.to_string().contains("`ann`"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn bars<B: IntoBar>(
    title: &str,
    axis: impl Into<Axis>,
    bars: impl IntoIterator<Item = B>,
) -> Result<Picture> {
    alone(title, &Bars::new(axis, bars))
}

fn check(title: &str, axis: &Axis, bars: &[Bar]) -> Result<()> {
    if bars.is_empty() {
        let title = label::short(title, 60);
        return Err(Error::invalid(words::no_bars(title)));
    }
    for bar in bars {
        let name = label::short(&bar.label, 60);
        for value in [bar.low, bar.value, bar.high].into_iter().flatten() {
            if !value.is_finite() || value < 0.0 {
                return Err(Error::invalid(words::bad_value(name, value)));
            }
            if axis.log && value == 0.0 {
                return Err(Error::invalid(words::zero_on_log(name)));
            }
        }
        let Some(value) = bar.value else { continue };
        if bar.low.is_some_and(|low| low > value)
            || bar.high.is_some_and(|high| high < value)
        {
            return Err(Error::invalid(words::bad_range(name, value)));
        }
    }
    Ok(())
}

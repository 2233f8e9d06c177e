//! Values side by side, with their ranges.
//!
//! * `draw`: the bars and their axis.
//! * `text`: the same in words.

mod draw;
mod text;

use super::card::Card;
use super::label;
use super::units::{number, time};
use crate::display::Picture;
use potok_base::error::{Error, Result};
use potok_base::measure::Samples;
use std::fmt::Display;

/// More bars than these are summed up in a line of text.
const MOST: usize = 60;

/// One bar of [`bars`]: a value with its range, or a note on why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How long the bar is; `None` where there is no value.
    pub value: Option<f64>,
    /// The smallest value that was seen.
    pub low: Option<f64>,
    /// The largest value that was seen.
    pub high: Option<f64>,
    /// A remark beside the bar, or why there is no value.
    pub note: String,
    /// Bars of the same group stand together below its name; empty for none.
    pub group: String,
}

impl Bar {
    /// A bar without a range.
    ///
    /// # Examples
    /// ```
    /// use potok::chart::Bar;
    /// let bar = Bar::new("threads", 8.0).range(7.0, 9.0).group("I/O-bound");
    /// assert_eq!((bar.low, bar.value, bar.high), (Some(7.0), Some(8.0), Some(9.0)));
    /// ```
    pub fn new(label: impl Into<String>, value: f64) -> Self {
        Bar { label: label.into(), value: Some(value), ..Bar::default() }
    }

    /// A bar whose value could not be had, with the reason.
    ///
    /// # Examples
    /// ```
    /// use potok::chart::{Bar, bars};
    /// let missing = Bar::missing("CPython", "not measured: no python3 on this machine");
    /// let picture = bars("Languages", "seconds", [Bar::new("Rust", 1.0), missing])?;
    /// assert!(picture.text.contains("no python3"));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn missing(label: impl Into<String>, why: impl Into<String>) -> Self {
        Bar { label: label.into(), note: why.into(), ..Bar::default() }
    }

    /// The same bar with the smallest and the largest value that was seen.
    #[must_use]
    pub fn range(self, low: f64, high: f64) -> Self {
        Bar { low: Some(low), high: Some(high), ..self }
    }

    /// The same bar with a remark.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Bar { note: note.into(), ..self }
    }

    /// The same bar in a group.
    #[must_use]
    pub fn group(self, group: impl Into<String>) -> Self {
        Bar { group: group.into(), ..self }
    }
}

/// The median in seconds, with the fastest and the slowest run. Use [`Axis::time`].
impl From<&Samples> for Bar {
    fn from(samples: &Samples) -> Self {
        Bar::new(samples.label.clone(), samples.median().as_secs_f64())
            .range(samples.min().as_secs_f64(), samples.max().as_secs_f64())
    }
}

macro_rules! counted {
    ($($number:ty),*) => {$(
        /// A name and a number: what `Run::top` gives.
        impl<K: Display> From<(K, $number)> for Bar {
            fn from((label, value): (K, $number)) -> Self {
                Bar::new(label.to_string(), value as f64)
            }
        }
    )*};
}
counted!(u32, u64, usize, f64);

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
    /// What is measured, and in what unit if the values are not times.
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
        if self.time { time(value) } else { number(value) }
    }
}

/// Values that are plain numbers.
impl From<&str> for Axis {
    fn from(label: &str) -> Self {
        Axis { label: label.to_owned(), ..Axis::default() }
    }
}

/// Draws a horizontal bar for each value, with a whisker over its range.
///
/// The value is printed beside its bar. A bar without a value shows its note instead.
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
pub fn bars<B: Into<Bar>>(
    title: &str,
    axis: impl Into<Axis>,
    bars: impl IntoIterator<Item = B>,
) -> Result<Picture> {
    let axis = axis.into();
    let bars: Vec<Bar> = bars.into_iter().map(Into::into).collect();
    check(title, &axis, &bars)?;
    let drawn = in_groups(&bars);
    let chart = draw::Bars::new(&axis, &drawn);
    let card = Card {
        title: title.to_owned(),
        facts: text::facts(&bars),
        legend: chart.legend(),
        description: text::describe(&axis, &bars),
        text: text::table(&axis, &bars),
    };
    let top = card.top();
    card.draw(top + chart.height() + 40.0, |canvas| chart.draw(canvas, top))
}

fn check(title: &str, axis: &Axis, bars: &[Bar]) -> Result<()> {
    if bars.is_empty() {
        let title = label::short(title, 60);
        return Err(Error::invalid(format!(
            "`{title}` has no bars; give it at least one"
        )));
    }
    for bar in bars {
        let name = label::short(&bar.label, 60);
        let bad = |what: &str| Err(Error::invalid(format!("the bar `{name}` {what}")));
        for value in [bar.low, bar.value, bar.high].into_iter().flatten() {
            if !value.is_finite() || value < 0.0 {
                return bad(&format!("is {value}; it must be a number from 0"));
            }
            if axis.log && value == 0.0 {
                return bad("is 0, which a logarithmic axis does not have");
            }
        }
        let Some(value) = bar.value else { continue };
        if bar.low.is_some_and(|low| low > value)
            || bar.high.is_some_and(|high| high < value)
        {
            return bad(&format!(
                "has a range that does not contain its value {value}"
            ));
        }
    }
    Ok(())
}

/// Bars of the same group side by side, in the order of the first of each group.
fn in_groups(bars: &[Bar]) -> Vec<&Bar> {
    let mut groups: Vec<&str> = vec![];
    for bar in bars {
        if !groups.contains(&&*bar.group) {
            groups.push(&bar.group);
        }
    }
    let mut bars: Vec<&Bar> = bars.iter().take(MOST).collect();
    bars.sort_by_key(|bar| groups.iter().position(|group| *group == bar.group));
    bars
}

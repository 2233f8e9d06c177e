//! One bar, and what it is made from.

use potok_base::measure::Samples;
use std::fmt::Display;
use std::time::Duration;

/// One bar of [`bars`](crate::bars()): a value with its range, or a note on why there is none.
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

/// What [`bars`](crate::bars) takes: bars, and what a bar can be made from.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let samples = [measure("1 ms of work", 3, || busy(ms(1)))?];
/// let times = chart::bars("Samples", chart::Axis::time("one call"), &samples)?;
/// let counts = chart::bars("Counts", "how many", [("ann", 3), ("bob", 5)])?;
/// assert!(times.text.contains("1 ms of work") && counts.text.contains("bob"));
/// # Ok::<(), potok::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a bar",
    label = "not a list of bars",
    note = "a bar is made from what `measure` gives, from a name and a number, \
            `(\"ann\", 5)`, or by hand: `chart::Bar::new(\"ann\", 5.0)`"
)]
pub trait IntoBar {
    /// The bar.
    fn into_bar(self) -> Bar;
}

impl IntoBar for Bar {
    fn into_bar(self) -> Bar {
        self
    }
}

impl IntoBar for &Bar {
    fn into_bar(self) -> Bar {
        self.clone()
    }
}

/// The median in seconds, from the fastest to the slowest where there were several runs.
/// Use [`Axis::time`](crate::Axis::time).
impl From<&Samples> for Bar {
    fn from(samples: &Samples) -> Self {
        let bar = Bar::new(samples.label.clone(), samples.median().as_secs_f64());
        match samples.runs().len() {
            1 => bar,
            _ => bar.range(samples.min().as_secs_f64(), samples.max().as_secs_f64()),
        }
    }
}

impl IntoBar for &Samples {
    fn into_bar(self) -> Bar {
        Bar::from(self)
    }
}

impl IntoBar for Samples {
    fn into_bar(self) -> Bar {
        Bar::from(&self)
    }
}

/// A name and a time, in seconds.
impl<K: Display> IntoBar for (K, Duration) {
    fn into_bar(self) -> Bar {
        Bar::new(self.0.to_string(), self.1.as_secs_f64())
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

        impl<K: Display> IntoBar for (K, $number) {
            fn into_bar(self) -> Bar {
                Bar::from(self)
            }
        }
    )*};
}
counted!(i32, i64, u32, u64, usize, f32, f64);

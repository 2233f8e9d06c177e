//! Values side by side, with their ranges.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, Font};
use super::card::{Card, MARGIN, MEDIUM, SMALL, WIDTH};
use super::glyph;
use super::label;
use super::legend::{Key, Sign};
use super::palette::{BLUE, GREY, HAIRLINE, INK, MUTED, SERIES};
use super::table::Table;
use super::units::{count, number, time};
use crate::display::Picture;
use crate::error::{Error, Result};
use crate::measure::Samples;
use plotters::style::RGBColor as Rgb;

const ROW: f64 = 30.0;
const BAR: f64 = 18.0;
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
    let chart = Bars::new(&axis, &drawn);
    let card = Card {
        title: title.to_owned(),
        facts: facts(&bars),
        legend: chart.legend(),
        description: describe(&axis, &bars),
        text: table(&axis, &bars),
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

struct Bars<'a> {
    axis: &'a Axis,
    bars: &'a [&'a Bar],
    scale: Scale,
    left: f64,
    right: f64,
}

impl<'a> Bars<'a> {
    fn new(axis: &'a Axis, bars: &'a [&'a Bar]) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let names =
            &mut bars.iter().map(|b| label::width(&label::clean(&b.label), MEDIUM));
        let left = MARGIN + widest(names).clamp(40.0, 230.0) + 12.0;
        let values =
            &mut bars.iter().map(|bar| label::width(&beside(axis, bar), SMALL));
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

    fn legend(&self) -> Vec<Key> {
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

    fn height(&self) -> f64 {
        self.places().last().map_or(0.0, |place| place.0) + ROW + 6.0
    }

    fn draw(&self, canvas: &mut Canvas<'_>, top: f64) {
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

fn facts(bars: &[Bar]) -> String {
    if bars.len() > MOST {
        return format!("the first {MOST} of {}", count(bars.len(), "bar"));
    }
    String::new()
}

fn describe(axis: &Axis, bars: &[Bar]) -> String {
    let with = || bars.iter().filter_map(|bar| Some((bar, bar.value?)));
    let end = |most: Option<(&Bar, f64)>| {
        most.map_or_else(String::new, |(bar, value)| {
            format!("{} ({})", label::short(&bar.label, 60), axis.show(value))
        })
    };
    let smallest = end(with().min_by(|a, b| a.1.total_cmp(&b.1)));
    let largest = end(with().max_by(|a, b| a.1.total_cmp(&b.1)));
    let what = label::short(&axis.label, 100);
    match with().count() {
        0 => format!("Bar chart of {what}: no value could be measured."),
        1 => format!("Bar chart of {what}: {largest}."),
        n => format!("Bar chart of {n} values, {what}: from {smallest} to {largest}."),
    }
}

fn table(axis: &Axis, bars: &[Bar]) -> String {
    let heading = label::short(&axis.label, 40);
    let mut table = Table::new(["", &heading, "smallest", "largest", ""]).with_notes();
    for bar in bars.iter().take(MOST) {
        let show =
            |value: Option<f64>| value.map_or_else(String::new, |v| axis.show(v));
        let name = match &*bar.group {
            "" => label::short(&bar.label, 36),
            group => {
                format!("{}: {}", label::short(group, 16), label::short(&bar.label, 20))
            }
        };
        table.row([
            &name,
            &show(bar.value),
            &show(bar.low),
            &show(bar.high),
            &bar.note,
        ]);
    }
    table.lines()
}

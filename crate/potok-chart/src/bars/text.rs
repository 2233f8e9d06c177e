//! Bars in words.

use super::scale::BarScale;
use super::{Axis, Bar, MOST};
use crate::card::{MARGIN, SMALL, WIDTH};
use crate::label;
use crate::table::Table;
use crate::units::count_of;
use crate::words;
use potok_base::language::noun::BAR;

pub(super) fn facts(bars: &[Bar]) -> String {
    if bars.len() > MOST {
        return words::first_bars(MOST, count_of(bars.len(), BAR));
    }
    String::new()
}

pub(super) fn describe(axis: &Axis, bars: &[Bar]) -> String {
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
        0 => words::no_value(what),
        1 => words::one_value(what, largest),
        n => words::values(n, what, smallest, largest),
    }
}

pub(super) fn table(axis: &Axis, bars: &[Bar]) -> String {
    let heading = label::short(&axis.label, 40);
    let mut table = Table::new(["", &heading, words::smallest(), words::largest(), ""])
        .with_notes();
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

/// What stands behind a bar.
pub(super) fn beside(axis: &Axis, bar: &Bar) -> String {
    let note = label::short(&bar.note, 100);
    match bar.value {
        Some(value) if note.is_empty() => axis.show(value),
        Some(value) => format!("{} · {note}", axis.show(value)),
        None if note.is_empty() => words::not_measured().to_owned(),
        None => note,
    }
}

/// What stands below the axis.
pub(super) fn below(axis: &Axis, scale: &BarScale) -> String {
    let mut words = label::clean(&axis.label);
    if !scale.unit.1.is_empty() {
        words += &format!(", {}", scale.unit.1);
    }
    if scale.ends.0 > 0.0 {
        words += words::logarithmic();
    }
    // It is centred below the axis.
    let middle = scale.left + scale.width / 2.0;
    let room = 2.0 * (middle.min(WIDTH - middle) - MARGIN);
    label::fit_with_whole(&words, SMALL, room)
}

//! Bars in words.

use super::{Axis, Bar, MOST};
use crate::label;
use crate::table::Table;
use crate::units::count;

pub(super) fn facts(bars: &[Bar]) -> String {
    if bars.len() > MOST {
        return format!("the first {MOST} of {}", count(bars.len(), "bar"));
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
        0 => format!("Bar chart of {what}: no value could be measured."),
        1 => format!("Bar chart of {what}: {largest}."),
        n => format!("Bar chart of {n} values, {what}: from {smallest} to {largest}."),
    }
}

pub(super) fn table(axis: &Axis, bars: &[Bar]) -> String {
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

//! The timeline as a table: a line for each lane, and for each span if they are few.

use super::MOST_LANES;
use crate::label::short;
use crate::table::Table;
use crate::units::{count, duration};
use crate::words;
use potok_base::language::noun::{LANE, SHORTER_LABEL};
use potok_base::trace::{Activity, Trace};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Up to this many spans, each has a line.
const FEW: usize = 24;
/// Of more labels, those that took the longest have a line.
const MOST_LABELS: usize = 12;

pub(super) fn table(trace: &Trace) -> String {
    let mut text = lanes(trace);
    if trace.spans.len() + trace.marks.len() <= FEW {
        text.push('\n');
        text.push_str(&events(trace));
    } else {
        text.push('\n');
        text.push_str(&labels(trace));
    }
    text
}

fn lanes(trace: &Trace) -> String {
    let several = trace.lanes.iter().any(|lane| lane.pid != trace.lanes[0].pid);
    let mut table = Table::new([
        words::lane(),
        words::ran(),
        words::on_core(),
        words::waited(),
        words::spans(),
        words::marks(),
        words::cpus(),
    ]);
    for (i, lane) in trace.lanes.iter().enumerate().take(MOST_LANES) {
        let mut name = lane.name.clone();
        if several && !lane.is_named_after_process() {
            name = words::of_process(short(&name, 20), lane.pid);
        }
        table.row([
            &name,
            &duration(time_of(trace, i, Activity::Running)),
            &trace.cpu_time(i).map_or_else(|| "-".to_owned(), duration),
            &duration(time_of(trace, i, Activity::Waiting)),
            &trace.spans_of(i).count().to_string(),
            &trace.marks.iter().filter(|mark| mark.lane == i).count().to_string(),
            &cpus(trace, i),
        ]);
    }
    let mut lines = table.lines();
    if let more @ 1.. = trace.lanes.len().saturating_sub(MOST_LANES) {
        lines += &(words::and_more(count(more, LANE)) + "\n");
    }
    lines
}

fn time_of(trace: &Trace, lane: usize, activity: Activity) -> Duration {
    let segments = trace.segments(lane).into_iter();
    segments.filter(|s| s.activity == activity).map(|s| s.end - s.start).sum()
}

/// The processors that a lane was seen on, such as `0, 1`; `-` where none is known.
pub(super) fn cpus(trace: &Trace, lane: usize) -> String {
    let spans = trace.spans_of(lane);
    let cpus: BTreeSet<u32> =
        spans.flat_map(|span| [span.cpu_start, span.cpu_end]).flatten().collect();
    match cpus.len() {
        0 => "-".to_owned(),
        1..=4 => cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
        n => words::of_them(n),
    }
}

/// A line for each span and mark, in the order of time.
fn events(trace: &Trace) -> String {
    let mut rows: Vec<(Duration, [String; 5])> = vec![];
    for span in &trace.spans {
        let verb = match span.activity {
            Activity::Running => words::ran(),
            Activity::Waiting => words::waited(),
        };
        let lasted = span.duration().map_or_else(
            || words::not_ended().to_owned(),
            |d| words::lasted(duration(d)),
        );
        let row = [
            duration(span.start),
            trace.lanes[span.lane].name.clone(),
            verb.to_owned(),
            lasted,
            span.label.to_string(),
        ];
        rows.push((span.start, row));
    }
    for mark in &trace.marks {
        let row = [
            duration(mark.at),
            trace.lanes[mark.lane].name.clone(),
            words::mark().to_owned(),
            String::new(),
            mark.label.to_string(),
        ];
        rows.push((mark.at, row));
    }
    rows.sort_by_key(|row| row.0);
    let mut table =
        Table::new([words::at(), words::lane(), "", "", words::label()]).with_notes();
    for (_, row) in &rows {
        table.row(row.each_ref().map(String::as_str));
    }
    table.lines()
}

/// A line for each of the labels that took most of the time.
fn labels(trace: &Trace) -> String {
    let mut sums: BTreeMap<(&str, bool), (usize, Duration)> = BTreeMap::new();
    for span in &trace.spans {
        let runs = span.activity == Activity::Running;
        let sum = sums.entry((&span.label, runs)).or_default();
        *sum = (sum.0 + 1, sum.1 + (trace.end_of(span) - span.start));
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, (_, time))| Reverse(*time));
    let more = sums.len().saturating_sub(MOST_LABELS);
    let mut table = Table::new([words::label(), "", words::spans(), words::in_all()]);
    for ((label, runs), (n, time)) in sums.into_iter().take(MOST_LABELS) {
        let verb = if runs { words::ran() } else { words::waited() };
        table.row([label, verb, &n.to_string(), &duration(time)]);
    }
    let mut lines = table.lines();
    if more > 0 {
        lines += &(words::and(count(more, SHORTER_LABEL)) + "\n");
    }
    lines
}

//! A sequence diagram as a table: a line for each message, or for each pair of lanes.

use super::MOST_MESSAGES;
use crate::words;
use potok_base::language::noun::PAIR;
use potok_base::trace::Trace;
use potok_chart::table::Table;
use potok_chart::units::{count, duration};
use std::collections::BTreeMap;

/// More pairs of lanes than these are counted.
const MOST_PAIRS: usize = 20;

pub(super) fn table(trace: &Trace) -> String {
    if trace.messages.len() > MOST_MESSAGES {
        return pairs(trace);
    }
    let mut table = Table::new([
        words::sent(),
        words::received(),
        words::took(),
        words::from(),
        words::to(),
        words::message(),
    ])
    .with_notes();
    for message in super::drawn(trace) {
        table.row([
            &duration(message.sent),
            &duration(message.received),
            &duration(message.received.saturating_sub(message.sent)),
            &trace.lanes[message.from].name,
            &trace.lanes[message.to].name,
            &message.label,
        ]);
    }
    table.lines()
}

/// How many messages went from which lane to which.
fn pairs(trace: &Trace) -> String {
    let mut sums: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for message in &trace.messages {
        *sums.entry((message.from, message.to)).or_default() += 1;
    }
    let mut table = Table::new([words::from(), words::to(), words::messages()]);
    for (&(from, to), n) in sums.iter().take(MOST_PAIRS) {
        table.row([&trace.lanes[from].name, &trace.lanes[to].name, &n.to_string()]);
    }
    let mut lines = table.lines();
    if let more @ 1.. = sums.len().saturating_sub(MOST_PAIRS) {
        lines += &(words::more_of_lanes(count(more, PAIR)) + "\n");
    }
    lines
}

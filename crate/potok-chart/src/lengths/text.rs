//! Queue lengths in words.

use super::MOST;
use crate::label;
use crate::table::Table;
use crate::units::{count, duration, number};
use potok_base::trace::QueueLength;

pub(super) fn facts(queues: &[QueueLength]) -> String {
    let mut facts = count(queues.len(), "queue");
    match queues.iter().max_by_key(|queue| queue.max()) {
        Some(longest) if longest.max() > 0 => {
            let name = label::short(&longest.name, 40);
            facts += &format!("; the longest was {name} with {}", longest.max());
        }
        _ => facts += "; nobody ever waited",
    }
    if queues.len() > MOST {
        facts += &format!("; the first {MOST} drawn");
    }
    facts
}

pub(super) fn table(queues: &[QueueLength]) -> String {
    let mut table = Table::new(["queue", "longest", "first at", "mean", "at the end"]);
    for queue in queues.iter().take(MOST) {
        let longest = queue.max();
        let first = queue.changes.iter().find(|change| change.1 == longest);
        let first = first.map_or_else(|| "-".to_owned(), |change| duration(change.0));
        let last = queue.changes.last().map_or(0, |change| change.1);
        table.row([
            &queue.name,
            &longest.to_string(),
            &first,
            &mean(queue),
            &last.to_string(),
        ]);
    }
    table.lines()
}

/// The mean length: nobody cares for less than the hundredth part of somebody who waits.
fn mean(queue: &QueueLength) -> String {
    match queue.mean() {
        mean if mean < 1.0 => format!("{mean:.2}"),
        mean => number(mean),
    }
}

pub(super) fn told(queue: &QueueLength) -> String {
    format!("mean {}, most {}", mean(queue), queue.max())
}

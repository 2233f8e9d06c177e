//! Queue lengths in words.

use super::MOST;
use crate::label;
use crate::table::Table;
use crate::units::{count, decimal, duration, number};
use crate::words;
use potok_base::language::noun::QUEUE;
use potok_base::trace::QueueLength;

pub(super) fn facts(queues: &[QueueLength]) -> String {
    let mut facts = count(queues.len(), QUEUE);
    match queues.iter().max_by_key(|queue| queue.max()) {
        Some(longest) if longest.max() > 0 => {
            let name = label::short(&longest.name, 40);
            facts += &words::longest_queue(name, longest.max());
        }
        _ => facts += words::nobody_waited(),
    }
    if queues.len() > MOST {
        facts += &words::first_drawn(MOST);
    }
    facts
}

pub(super) fn table(queues: &[QueueLength]) -> String {
    let mut table = Table::new([
        words::queue(),
        words::longest(),
        words::first_at(),
        words::mean(),
        words::at_the_end(),
    ]);
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
        mean if mean < 1.0 => decimal(mean, 2),
        mean => number(mean),
    }
}

pub(super) fn told(queue: &QueueLength) -> String {
    words::mean_and_most(mean(queue), queue.max())
}

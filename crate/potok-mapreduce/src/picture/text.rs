//! The same in words and tables.

use crate::words;
use crate::{Flow, Shuffled};
use potok_base::language::noun::{KEY, MAP_TASK, PAIR, REDUCE_TASK};
use potok_base::language::{Language, current};
use potok_chart::table::Table;
use potok_chart::units::{count, number, with_unit};

/// What there is to see, in two sentences.
pub(super) fn describe(flow: &Flow) -> String {
    let busiest =
        (0..flow.reduces.len()).max_by_key(|&n| flow.into(n).pairs).unwrap_or(0);
    words::described(
        count(flow.maps.len(), MAP_TASK),
        count(flow.emitted() as usize, PAIR),
        count(flow.reduces.len(), REDUCE_TASK),
        count(flow.keys() as usize, KEY),
        busiest,
        number(flow.skew()),
    )
}

/// Tables of every pair and every key.
pub(super) fn pairs(flow: &Flow) -> String {
    let mut maps =
        Table::new([words::split(), words::worker(), words::emitted()]).with_notes();
    for map in &flow.maps {
        let pairs: Vec<String> =
            map.pairs.iter().map(|(key, value)| format!("({key}, {value})")).collect();
        maps.row([&map.split.label, &map.worker.to_string(), &pairs.join(" ")]);
    }
    let mut keys = Table::new([
        words::key(),
        words::values(),
        words::result(),
        words::reducer(),
        words::worker(),
    ]);
    for (n, reduce) in flow.reduces.iter().enumerate() {
        for group in &reduce.groups {
            let values = group.values.join(" ");
            let (n, worker) = (n.to_string(), reduce.worker.to_string());
            keys.row([&group.key, &values, &group.result, &n, &worker]);
        }
    }
    format!("{}\n{}", maps.lines(), keys.lines())
}

/// Tables of amounts by task.
pub(super) fn amounts(flow: &Flow) -> String {
    let mut maps = Table::new([
        words::split(),
        words::size(),
        words::records(),
        words::emitted(),
        words::worker(),
    ]);
    for map in flow.maps.iter().take(20) {
        maps.row([
            &map.split.label,
            &size(map.split.size),
            &map.records.to_string(),
            &map.emitted.to_string(),
            &map.worker.to_string(),
        ]);
    }
    let more = match flow.maps.len() {
        n if n > 20 => words::and_more(n - 20) + "\n",
        _ => String::new(),
    };
    let mut reduces = Table::new([
        words::reducer(),
        words::pairs(),
        words::size(),
        words::keys(),
        words::worker(),
    ]);
    for (n, reduce) in flow.reduces.iter().enumerate().take(20) {
        let Shuffled { pairs, bytes } = flow.into(n);
        reduces.row([
            &n.to_string(),
            &pairs.to_string(),
            &size(bytes),
            &reduce.keys.to_string(),
            &reduce.worker.to_string(),
        ]);
    }
    format!("{}{more}\n{}", maps.lines(), reduces.lines())
}

/// A number of bytes with a fitting unit.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => with_unit(&bytes.to_string(), words::bytes()),
        1_000..1_000_000 => with_unit(&number(bytes as f64 / 1e3), words::kilobytes()),
        1_000_000..1_000_000_000 => {
            with_unit(&number(bytes as f64 / 1e6), words::megabytes())
        }
        _ => with_unit(&number(bytes as f64 / 1e9), words::gigabytes()),
    }
}

/// A number that fits a box: `9876`, `12.3 k` or `1.23 M`.
pub(super) fn short(n: u64) -> String {
    match n {
        0..10_000 => number(n as f64),
        // The Russian word for a thousand is longer than the digits.
        10_000..1_000_000 if current() == Language::Russian => number(n as f64),
        10_000..1_000_000 => with_unit(&number(n as f64 / 1e3), words::thousand()),
        _ => with_unit(&number(n as f64 / 1e6), words::million()),
    }
}

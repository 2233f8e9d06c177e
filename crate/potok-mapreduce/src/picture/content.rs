//! What stands in the boxes: every pair of a small run, amounts of a large one.

use super::columns::{Cell, Columns, Edge, Room};
use super::text::{short, size};
use crate::words;
use crate::{Flow, MapTask};
use potok_base::language::noun::{KEY, Noun, PAIR, RECORD};
use potok_base::language::{Language, current};
use potok_chart::card::SMALL;
use potok_chart::label;
use potok_chart::palette::{GREY, SERIES};
use potok_chart::units::count;
use potok_chart::wrap::wrap;
use std::ops::Range;

/// How wide a line of a box may be before its noun goes to a line of its own, and the name
/// of a split before its second line begins.
const AMOUNT: f64 = 92.0;
const NAME: f64 = 112.0;

/// How many pairs stand in a box.
fn pairs_in(n: u64) -> String {
    in_russian(n, PAIR).unwrap_or_else(|| words::pairs_in(short(n)))
}

/// How many keys stand in a box.
fn keys_in(n: u64) -> String {
    in_russian(n, KEY).unwrap_or_else(|| words::keys_in(short(n)))
}

/// The number first, with the noun's own form.
fn in_russian(n: u64, noun: Noun) -> Option<String> {
    (current() == Language::Russian && n < 1_000_000).then(|| count(n as usize, noun))
}

/// An amount on one line, or its number and its noun on two.
fn on_lines(amount: &str) -> Vec<String> {
    if label::width(amount, SMALL) <= AMOUNT {
        return vec![amount.to_owned()];
    }
    let space = |c: char| c == ' ' || c == '\u{a0}';
    match amount.rsplit_once(space) {
        Some((number, noun)) => vec![number.to_owned(), noun.to_owned()],
        None => vec![amount.to_owned()],
    }
}

/// The name of a split on at most two lines.
fn name(label: &str) -> Vec<String> {
    let mut lines = wrap(label, SMALL, NAME);
    if lines.len() > 2 {
        let rest = lines.split_off(1);
        lines.push(rest.join(" "));
    }
    lines
}

/// The slide: each pair, each key.
pub(super) fn every_pair(flow: &Flow) -> Columns {
    let groups: Vec<(usize, _)> = flow
        .reduces
        .iter()
        .enumerate()
        .flat_map(|(n, reduce)| reduce.groups.iter().map(move |group| (n, group)))
        .collect();
    let colour = |n: usize| SERIES[n % SERIES.len()];
    let pair = |key: &str, value: &str| format!("{key}, {value}");
    let splits = flow.maps.iter().map(|map| map.split.label.clone());
    let mut boxes: [Vec<Cell>; 6] = std::array::from_fn(|_| vec![]);
    let mut lines = vec![];
    boxes[0].push(Cell::new(splits.clone()));
    boxes[1] = splits.map(|label| Cell::new([label])).collect();
    for (n, map) in flow.maps.iter().enumerate() {
        let mut cell = Cell::new(map.pairs.iter().map(|(key, value)| pair(key, value)));
        cell.note = vec![words::by_worker("map", n, map.worker)];
        boxes[2].push(cell);
        lines.push(Edge { column: 0, from: 0, to: n, colour: GREY, wide: 1.5 });
        lines.push(Edge { column: 1, from: n, to: n, colour: GREY, wide: 1.5 });
        for (to, (_, group)) in groups.iter().enumerate() {
            if map.pairs.iter().any(|(key, _)| *key == group.key) {
                let edge =
                    Edge { column: 2, from: n, to, colour: colour(to), wide: 1.5 };
                lines.push(edge);
            }
        }
    }
    for (n, (reducer, group)) in groups.iter().enumerate() {
        let mut cell =
            Cell::new(group.values.iter().map(|value| pair(&group.key, value)));
        cell.colour = Some(colour(n));
        boxes[3].push(cell);
        let mut cell = Cell::new([pair(&group.key, &group.result)]);
        // Once for all keys of a reducer: they stand below each other.
        if groups.get(n + 1).is_none_or(|(next, _)| next != reducer) {
            let worker = flow.reduces[*reducer].worker;
            cell.note = reduced(*reducer, worker);
        }
        cell.colour = Some(colour(n));
        boxes[4].push(cell);
        for column in [3, 4] {
            let to = if column == 3 { n } else { 0 };
            lines.push(Edge { column, from: n, to, colour: colour(n), wide: 1.5 });
        }
    }
    boxes[5].push(Cell::new(groups.iter().map(|(_, g)| pair(&g.key, &g.result))));
    Columns { room: Room::AMPLE, boxes, lines }
}

/// Which reduce task that was, and who ran it: two lines, since its box is narrow.
fn reduced(task: usize, worker: usize) -> Vec<String> {
    vec![format!("reduce {task}"), words::worker_number(worker)]
}

/// Positions that share a box: the first ones alone, the others together.
fn bundles(n: usize, most: usize) -> Vec<Range<usize>> {
    let alone = if n <= most { n } else { most - 1 };
    let mut bundles: Vec<_> = (0..alone).map(|i| i..i + 1).collect();
    if alone < n {
        bundles.push(alone..n);
    }
    bundles
}

/// At most so many boxes of a column fit a picture of amounts.
const MOST: usize = 5;

/// A large run: how much, not what.
pub(super) fn amounts(flow: &Flow) -> Columns {
    let maps = bundles(flow.maps.len(), MOST);
    let reduces = bundles(flow.reduces.len(), MOST);
    let mut boxes: [Vec<Cell>; 6] = std::array::from_fn(|_| vec![]);
    let mut lines = vec![];
    let bytes = flow.maps.iter().map(|map| map.split.size).sum();
    let records: u64 = flow.maps.iter().map(|map| map.records).sum();
    let records = on_lines(&count(records as usize, RECORD));
    boxes[0].push(Cell::new([size(bytes)].into_iter().chain(records)));
    let sent = |maps: &[MapTask], to: &Range<usize>| {
        maps.iter()
            .flat_map(|map| &map.shuffled[to.clone()])
            .map(|s| s.pairs)
            .sum::<u64>()
    };
    // The width of a line is what one map task of the box sends on the average.
    let sent_by_one = |from: &Range<usize>, to| {
        sent(&flow.maps[from.clone()], to) as f64 / from.len() as f64
    };
    let all =
        maps.iter().flat_map(|from| reduces.iter().map(|to| sent_by_one(from, to)));
    let widest = all.fold(1.0, f64::max);
    for (n, from) in maps.iter().enumerate() {
        let tasks = &flow.maps[from.clone()];
        let total = |f: fn(&MapTask) -> u64| tasks.iter().map(f).sum::<u64>();
        let mut split = match tasks {
            [one] => name(&one.split.label),
            many => vec![words::more(many.len())],
        };
        split.push(size(total(|map| map.split.size)));
        boxes[1].push(Cell::new(split));
        let mut cell = Cell::new([
            pairs_in(total(|map| map.emitted)),
            words::sent(short(
                tasks.iter().flat_map(|m| &m.shuffled).map(|s| s.pairs).sum(),
            )),
        ]);
        cell.note = match tasks {
            [one] => vec![words::by_worker("map", n, one.worker)],
            many => vec![words::tasks(many.len())],
        };
        boxes[2].push(cell);
        lines.push(Edge { column: 0, from: 0, to: n, colour: GREY, wide: 1.5 });
        lines.push(Edge { column: 1, from: n, to: n, colour: GREY, wide: 1.5 });
        for (to, range) in reduces.iter().enumerate() {
            let share = sent_by_one(from, range) / widest;
            if share > 0.0 {
                let colour = SERIES[to % SERIES.len()];
                let wide = 0.4 + 2.6 * share;
                lines.push(Edge { column: 2, from: n, to, colour, wide });
            }
        }
    }
    let total_pairs = flow.shuffled().pairs;
    let most = reduces.iter().map(|to| sent(&flow.maps, to)).max().unwrap_or(1).max(1);
    for (n, range) in reduces.iter().enumerate() {
        let pairs = sent(&flow.maps, range);
        let bytes = range.clone().map(|n| flow.into(n).bytes).sum();
        let mut cell = Cell::new([pairs_in(pairs), size(bytes)]);
        let mean = total_pairs as f64 / flow.reduces.len() as f64 * range.len() as f64;
        cell.bar = Some((pairs as f64 / most as f64, pairs as f64 > 1.3 * mean));
        cell.colour = Some(SERIES[n % SERIES.len()]);
        boxes[3].push(cell);
        let tasks = &flow.reduces[range.clone()];
        let keys = tasks.iter().map(|reduce| reduce.keys).sum();
        let mut cell = Cell::new([keys_in(keys)]);
        cell.note = match tasks {
            [one] => reduced(n, one.worker),
            many => vec![words::tasks(many.len())],
        };
        cell.colour = Some(SERIES[n % SERIES.len()]);
        boxes[4].push(cell);
        for column in [3, 4] {
            let to = if column == 3 { n } else { 0 };
            let colour = SERIES[n % SERIES.len()];
            lines.push(Edge { column, from: n, to, colour, wide: 1.5 });
        }
    }
    boxes[5].push(Cell::new(on_lines(&keys_in(flow.keys()))));
    Columns { room: Room::AMPLE, boxes, lines }
}

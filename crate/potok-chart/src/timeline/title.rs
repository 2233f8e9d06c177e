//! What a trace is called that nobody gave a title: what it shows, in its own words.

use super::MOST_LANES;
use crate::label::short;
use crate::units::count;
use crate::words;
use potok_base::language::noun::{LANE, THREAD};
use potok_base::trace::Trace;
use std::time::Duration;

/// Of more kinds of spans, those that took the longest are named, in the order in which they
/// first began.
const KINDS: usize = 3;
/// More lanes than these are counted, and longer names too.
const NAMES: usize = 3;
const LETTERS: usize = 30;
/// Of a label that is longer, its first words.
const WORDS: usize = 20;

/// As `compute and disk, on ann and bob`.
pub(super) fn of(trace: &Trace) -> String {
    let mut kinds: Vec<(String, Duration)> = vec![];
    for span in &trace.spans {
        let (kind, time) = (stem(&span.label), trace.end_of(span) - span.start);
        match kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, sum)) => *sum += time,
            None => kinds.push((kind, time)),
        }
        // A trace of a thousand labels is not named after them.
        if kinds.len() > MOST_LANES {
            break;
        }
    }
    kinds.retain(|(kind, _)| !kind.is_empty());
    let more = kinds.len() > KINDS;
    let mut longest: Vec<Duration> = kinds.iter().map(|&(_, time)| time).collect();
    longest.sort_unstable_by(|a, b| b.cmp(a));
    let least = longest.get(KINDS - 1).copied().unwrap_or_default();
    kinds.retain(|&(_, time)| time >= least);
    let mut named: Vec<String> =
        kinds.into_iter().map(|(kind, _)| kind).take(KINDS).collect();
    if more {
        named.push(words::more().to_owned());
    }
    let lanes: Vec<String> =
        trace.lanes.iter().map(|lane| short(&lane.name, 20)).take(NAMES + 1).collect();
    let on = match lanes.len() {
        2.. if trace.lanes.iter().all(|lane| is_numbered(&lane.name)) => {
            count(trace.lanes.len(), THREAD)
        }
        0..=NAMES if joined(&lanes).chars().count() <= LETTERS => joined(&lanes),
        _ => count(trace.lanes.len(), LANE),
    };
    let what =
        if named.is_empty() { words::some_marks().to_owned() } else { joined(&named) };
    if named == lanes { capital(&what) } else { words::on(capital(&what), on) }
}

/// Whether a thread has a number in place of a name.
fn is_numbered(name: &str) -> bool {
    ["thread ", "поток "].iter().any(|word| name.starts_with(word))
}

/// A label without what differs in its numbers: `chunk 7` is `chunk`.
fn stem(label: &str) -> String {
    let label = short(label, 60);
    let stem = label.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    let mut words = String::new();
    for word in stem.split(' ') {
        if !words.is_empty() && words.chars().count() + word.chars().count() > WORDS {
            break;
        }
        words.push_str(word);
        words.push(' ');
    }
    words.trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => words::both(first.join(", "), last),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_base::trace::record;
    use potok_base::workload::{busy, ms};

    #[test]
    fn a_trace_is_named_after_what_it_shows() {
        let trace = record(|rec| {
            for lane in ["ann", "bob"] {
                let lane = rec.lane(lane);
                (1..3).for_each(|i| lane.span(format!("chunk {i}"), || ()));
            }
        });
        assert_eq!(of(&trace), "Chunk, on ann and bob");
        let later = record(|rec| {
            let lane = rec.lane("ann");
            lane.span("map", || ());
            lane.span("reduce", || busy(ms(1)));
        });
        assert_eq!(of(&later), "Map and reduce, on ann");
        let marks = record(|rec| rec.lane("ann").mark("x"));
        assert_eq!(of(&marks), "Marks, on ann");
        let who = record(|rec| rec.lane("ann").span("ann", || ()));
        assert_eq!(of(&who), "Ann");
        let long = "a label that goes on and on, without an end";
        let long = record(|rec| rec.lane("ann").span(long, || ()));
        assert_eq!(of(&long), "A label that goes on, on ann");
    }
}

//! What one span costs, beside two bare readings of the clock, in one interleaved run.
//!
//! `make bench WHAT=trace`
#![allow(clippy::print_stdout, reason = "a benchmark reports to a terminal")]

use potok::measure::{Machine, Samples};
use potok::trace::Recorder;
use std::hint::black_box;
use std::time::{Duration, Instant};

const SPANS: u32 = 100_000;
const ROUNDS: usize = 15;

fn main() -> potok::Result<()> {
    let mut rows: [(&str, Vec<Duration>); 3] = [
        ("two clock readings", vec![]),
        ("one span", vec![]),
        ("one span, two threads", vec![]),
    ];
    for _ in 0..ROUNDS {
        rows[0].1.push(per_span(|| {
            black_box(Instant::now());
            black_box(Instant::now());
        }));
        let recorder = Recorder::new();
        rows[1].1.push(per_span(|| recorder.span("x", || ())));
        let recorder = Recorder::new();
        rows[2].1.push(std::thread::scope(|s| {
            let other = s.spawn(|| per_span(|| recorder.span("x", || ())));
            let mine = per_span(|| recorder.span("x", || ()));
            other.join().map_or(mine, |theirs| mine.max(theirs))
        }));
    }
    println!("{}", Machine::here());
    for (label, runs) in rows {
        println!("{}", Samples::new(label, runs)?);
    }
    Ok(())
}

fn per_span(mut f: impl FnMut()) -> Duration {
    let start = Instant::now();
    (0..SPANS).for_each(|_| f());
    start.elapsed() / SPANS
}

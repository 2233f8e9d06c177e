//! `Parallel` beside the same loop written with rayon by hand: `make bench WHAT=parallel`.
//!
//! rayon has the loop in two forms: over a range, whose length and places it knows, and
//! over a list made from the same lazy input as `Parallel` takes. Python's own figures
//! come from `parallel_peer.py` beside this file, where a Python with joblib is found.
#![allow(clippy::print_stdout, reason = "a benchmark reports to a terminal")]

use potok::measure::{Machine, Samples};
use potok::parallel::Parallel;
use rayon::prelude::*;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
/// Items of a loop that does nothing.
const IDLE: u64 = 1_000_000;

fn main() -> potok::Result<()> {
    let jobs = rayon::current_num_threads();
    println!("on {}; {jobs} jobs, {ROUNDS} rounds", Machine::here());
    let ours = Parallel::new().jobs(jobs);
    // Steps of about 1 ns each, and as many items as make some 200 ms on one core.
    for (label, steps, items) in [
        ("1 ms", 1_000_000_u64, 200_u64),
        ("10 µs", 10_000, 20_000),
        ("100 ns", 100, 2_000_000),
    ] {
        println!("\n{items} items of {label}");
        let ways: [(&str, &dyn Fn() -> Vec<u64>); 4] = [
            ("plain loop", &|| (0..items).map(|n| work(n, steps)).collect()),
            ("rayon, over the range", &|| {
                (0..items).into_par_iter().map(|n| work(n, steps)).collect()
            }),
            ("rayon, over a list", &|| {
                let list: Vec<u64> = (0..items).collect();
                list.into_par_iter().map(|n| work(n, steps)).collect()
            }),
            ("Parallel", &|| ours.map(0..items, |n| work(n, steps)).unwrap()),
        ];
        let mut runs = vec![vec![]; ways.len()];
        for _ in 0..ROUNDS {
            for ((_, way), runs) in ways.iter().zip(&mut runs) {
                runs.push(time(way));
            }
        }
        let mut medians = vec![];
        for ((label, _), runs) in ways.iter().zip(runs) {
            let samples = Samples::new(*label, runs)?;
            println!("{samples}");
            medians.push(samples.median().as_secs_f64());
        }
        for at in [1, 2] {
            println!("Parallel: {:.3} × {}", medians[3] / medians[at], ways[at].0);
        }
    }
    println!();
    let processes = ours.clone().processes();
    let idle: [(&str, &dyn Fn() -> Vec<u64>); 2] = [
        ("Parallel, threads, nothing to do: an item", &|| {
            ours.map(0..IDLE, |n| n).unwrap()
        }),
        ("Parallel, processes, nothing to do: an item", &|| {
            processes.map(0..IDLE, |n| n).unwrap()
        }),
    ];
    for (label, way) in idle {
        let each = (0..ROUNDS).map(|_| time(way) / IDLE as u32).collect();
        println!("{}", Samples::new(label, each)?);
    }
    let peer = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/parallel_peer.py");
    let ran = ["../../.venv/bin/python", "python3"].iter().any(|python| {
        Command::new(python).arg(peer).status().is_ok_and(|status| status.success())
    });
    if !ran {
        println!("no Python with joblib to compare with");
    }
    Ok(())
}

fn time(f: impl FnOnce() -> Vec<u64>) -> Duration {
    let start = Instant::now();
    black_box(f());
    start.elapsed()
}

/// A chain of steps, each of which needs the one before. The same machine code for all
/// ways: inlined, each got its own, and one of them was a tenth slower.
#[inline(never)]
fn work(seed: u64, steps: u64) -> u64 {
    (0..steps)
        .fold(seed, |x, _| black_box(x.wrapping_mul(6_364_136_223_846_793_005) ^ 1))
}

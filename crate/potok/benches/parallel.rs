//! `Parallel` beside the same loop written with rayon by hand, and beside a plain loop.
#![allow(clippy::print_stdout, reason = "a benchmark reports to a terminal")]

use potok::parallel::Parallel;
use rayon::prelude::*;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;

fn main() -> potok::Result<()> {
    let jobs = rayon::current_num_threads();
    println!(
        "{jobs} jobs; medians of {ROUNDS} interleaved rounds; ratio is Parallel / rayon"
    );
    // Steps of about 1 ns each, and as many items as make some 200 ms on one core.
    for (label, steps, items) in [
        ("1 ms", 1_000_000_u64, 200_u64),
        ("10 µs", 10_000, 20_000),
        ("100 ns", 100, 2_000_000),
    ] {
        let mut times = [const { vec![] }; 3];
        for _ in 0..ROUNDS {
            times[0].push(time(|| (0..items).map(|n| work(n, steps)).collect()));
            times[1].push(time(|| {
                let items: Vec<u64> = (0..items).collect();
                items.into_par_iter().map(|n| work(n, steps)).collect()
            }));
            let parallel = Parallel::new().jobs(jobs);
            let mut failed = Ok(());
            times[2].push(time(|| match parallel.map(0..items, |n| work(n, steps)) {
                Ok(results) => results,
                Err(error) => {
                    failed = Err(error);
                    vec![]
                }
            }));
            failed?;
        }
        let [plain, rayon, ours] = times.map(median);
        println!(
            "{label:>7} an item: plain {plain:>8.1?}  rayon {rayon:>8.1?}  Parallel {ours:>8.1?}  \
             ratio {:.3}",
            ours.as_secs_f64() / rayon.as_secs_f64()
        );
    }
    Ok(())
}

fn time(f: impl FnOnce() -> Vec<u64>) -> Duration {
    let start = Instant::now();
    black_box(f());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A chain of steps, each of which needs the one before.
fn work(seed: u64, steps: u64) -> u64 {
    (0..steps)
        .fold(seed, |x, _| black_box(x.wrapping_mul(6_364_136_223_846_793_005) ^ 1))
}

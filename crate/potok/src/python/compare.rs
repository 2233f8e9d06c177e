//! Threads and processes of Python beside threads of Rust, as [`Speedup`]s.
//!
//! ```no_run
//! use potok::prelude::*;
//!
//! let cpu = python::compare_cpu_bound([1, 2, 4])?;
//! for speedup in &cpu.speedups {
//!     assert_eq!(speedup.points.len(), 3);
//! }
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: with the GIL, Python's threads gain nothing where they compute and
//! everything where they wait; processes gain in both cases.

use super::run::interpreter;
use super::timed::speedup_with;
use crate::error::{Error, ErrorKind, Result};
use crate::measure::{Plan, Speedup};
use crate::words;
use crate::workload::{chunks, collatz_like, ms, wait};
use potok_base::threads::{all_at_once, numbered};
use std::hint::black_box;
use std::time::Duration;

/// The Python code behind [`compare_cpu_bound`] and [`compare_io_bound`].
const JOBS: &str = include_str!("jobs.py");

/// The same job by threads and processes of Python and by threads of Rust.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What each worker did.
    pub job: &'static str,
    /// CPython's threads, CPython's processes, Rust's threads; only the last of them
    /// where there is no Python.
    pub speedups: Vec<Speedup>,
    /// Why Python is missing, if it is.
    pub missing: Option<Error>,
}

/// How much work there is in a comparison.
#[derive(Clone, Copy)]
struct Work {
    plan: Plan,
    python_steps: u64,
    rust_steps: u64,
    requests: u64,
    wait: Duration,
}

impl Work {
    /// Each job takes about 0.2 s with one worker, in either language: what is compared is
    /// the gain from more workers, not the speed of a language.
    const LECTURE: Work = Work {
        plan: Plan { runs: 3, warm_up: 1 },
        python_steps: 5_000_000,
        rust_steps: 90_000_000,
        requests: 8,
        wait: ms(25),
    };
}

/// Computing: the same loop in each worker, its steps divided among them.
///
/// # Errors
/// No workers or zero workers; an error in Python other than its absence, which is in
/// [`Comparison::missing`].
pub fn compare_cpu_bound(
    workers: impl IntoIterator<Item = usize>,
) -> Result<Comparison> {
    let workers: Vec<usize> = workers.into_iter().collect();
    cpu_bound(&workers, Work::LECTURE)
}

/// Waiting: eight requests of 25 ms each, divided among the workers.
///
/// # Errors
/// As [`compare_cpu_bound`].
pub fn compare_io_bound(
    workers: impl IntoIterator<Item = usize>,
) -> Result<Comparison> {
    let workers: Vec<usize> = workers.into_iter().collect();
    io_bound(&workers, Work::LECTURE)
}

fn cpu_bound(workers: &[usize], work: Work) -> Result<Comparison> {
    let call = format!("compute, {}", work.python_steps);
    compare(words::computing(), workers, work, &call, |n| {
        share_out(work.rust_steps, n, |steps| {
            (0..steps / 1_000).fold(27, |state, _| collatz_like(state, 1_000))
        })
    })
}

fn io_bound(workers: &[usize], work: Work) -> Result<Comparison> {
    let call = format!("ask, {}", work.requests);
    compare(words::waiting(), workers, work, &call, |n| {
        share_out(work.requests, n, |requests| {
            (0..requests).for_each(|_| wait(work.wait));
            requests
        })
    })
}

fn compare(
    job: &'static str,
    workers: &[usize],
    work: Work,
    call: &str,
    rust: impl Fn(usize) -> Result<()>,
) -> Result<Comparison> {
    let failed = std::cell::RefCell::new(None);
    let rust = Speedup::measure_with(
        work.plan,
        words::rust_threads(),
        workers.to_vec(),
        |n| {
            if let Err(error) = rust(n) {
                failed.replace(Some(error));
            }
        },
    )?;
    if let Some(error) = failed.take() {
        return Err(error);
    }
    let python = match interpreter() {
        Ok(python) => python,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Comparison { job, speedups: vec![rust], missing: Some(error) });
        }
        Err(error) => return Err(error),
    };
    let mut speedups = vec![];
    for how in ["threads", "processes"] {
        let version = format!("{} {}", python.implementation, python.version);
        let label = match how {
            "threads" => words::python_threads(version),
            _ => words::python_processes(version),
        };
        let seconds = work.wait.as_secs_f64();
        let code = format!(
            "{JOBS}\n\nWAIT = {seconds}\n\ndef job(n):\n    {how}({call}, n)\n"
        );
        speedups.push(speedup_with(work.plan, label, workers.to_vec(), &code)?);
    }
    speedups.push(rust);
    Ok(Comparison { job, speedups, missing: None })
}

/// Runs `job` with its share of `total` on each of `n` threads.
fn share_out(total: u64, n: usize, job: impl Fn(u64) -> u64 + Sync) -> Result<()> {
    let shares: Vec<u64> =
        chunks(0..total, n).iter().map(|r| r.end - r.start).collect();
    let names = numbered(words::thread(), shares.len());
    all_at_once(&names, |i| black_box(job(black_box(shares[i])))).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Work = Work {
        plan: Plan { runs: 2, warm_up: 0 },
        python_steps: 2_000,
        rust_steps: 20_000,
        requests: 2,
        wait: ms(1),
    };

    #[test]
    fn both_jobs_are_timed_with_every_kind_of_worker() {
        for comparison in [cpu_bound(&[1, 2], SMALL), io_bound(&[1, 2], SMALL)] {
            let comparison = comparison.unwrap();
            let labels = comparison.speedups.iter().map(|speedup| &speedup.label);
            let labels: Vec<_> =
                labels.map(|l| l.rsplit(' ').next().unwrap()).collect();
            match comparison.missing {
                None => assert_eq!(labels, ["threads", "processes", "threads"]),
                Some(_) => assert_eq!(labels, ["threads"]),
            }
            for point in comparison.speedups.iter().flat_map(|s| &s.points) {
                assert_eq!(point.samples.runs().len(), 2);
            }
        }
    }

    #[test]
    fn requests_take_at_least_their_waiting_time() {
        let rust = io_bound(&[1], SMALL).unwrap();
        for speedup in &rust.speedups {
            assert!(speedup.points[0].samples.min() >= ms(2), "{}", speedup.label);
        }
    }

    #[test]
    fn no_workers_are_an_error() {
        assert_eq!(compare_cpu_bound([]).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

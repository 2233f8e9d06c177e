//! A Python function timed with more and more workers, by Python's own clock.
//!
//! ```no_run
//! use potok::prelude::*;
//!
//! let pool = python::speedup("a pool of processes", [1, 2, 4], r#"
//!     from multiprocessing import Pool
//!
//!     def job(n):
//!         with Pool(n) as pool:
//!             pool.map(sum, [range(1_000_000)] * 8)
//! "#)?;
//! assert_eq!(pool.points.len(), 3);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the result is a [`Speedup`] like any other; its times do not include the
//! interpreter's start.

use super::run::{dedent, run_within};
use crate::error::{Error, Result};
use crate::measure::{Machine, Plan, Samples, Speedup, SpeedupPoint};
use crate::words;
use crate::workload::ms;
use std::fmt::Write as _;
use std::time::Duration;

/// Times a Python function `job(n)`, which `code` defines, for each number of workers.
///
/// Five runs each after a warm-up, interleaved, by Python's own `perf_counter_ns`: the
/// interpreter's start is not included. The result can be drawn beside that of
/// [`Speedup::measure`] for the same job in Rust.
///
/// # Errors
/// No workers, or zero workers; those of [`run`](super::run), with a limit of 60 s.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// # if python::interpreter().is_err() { return Ok(()) }
/// let threads = python::speedup("sleeping threads", [1, 2], r#"
///     from threading import Thread
///     from time import sleep
///
///     def job(n):
///         threads = [Thread(target=sleep, args=(0.01 / n,)) for _ in range(n)]
///         for t in threads: t.start()
///         for t in threads: t.join()
/// "#)?;
/// assert_eq!(threads.points[1].workers, 2);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn speedup(
    label: impl Into<String>,
    workers: impl IntoIterator<Item = usize>,
    code: &str,
) -> Result<Speedup> {
    speedup_with(Plan::default(), label, workers, code)
}

/// Like [`speedup`], with as many runs as `plan` says.
pub(super) fn speedup_with(
    plan: Plan,
    label: impl Into<String>,
    workers: impl IntoIterator<Item = usize>,
    code: &str,
) -> Result<Speedup> {
    let label = label.into();
    let mut workers: Vec<usize> = workers.into_iter().collect();
    if workers.is_empty() || workers.contains(&0) {
        let message = words::bad_workers(label);
        return Err(Error::invalid(message));
    }
    workers.push(1);
    workers.sort_unstable();
    workers.dedup();

    let output = run_within(ms(60_000), &timed(code, &workers, plan))?;
    let point = |&workers: &usize| {
        let runs = output.stdout.lines().filter_map(|line| {
            let mut words = line.strip_prefix(TIME)?.split_whitespace();
            let n: usize = words.next()?.parse().ok()?;
            let ns = words.next()?.parse().ok()?;
            (n == workers).then(|| Duration::from_nanos(ns))
        });
        let samples =
            Samples::new(words::labelled_workers(&label, workers), runs.collect())?;
        Ok(SpeedupPoint { workers, samples, given: None })
    };
    let points: Result<Vec<SpeedupPoint>> = workers.iter().map(point).collect();
    Ok(Speedup { points: points?, label, machine: Machine::here() })
}

/// Marks the lines with times among the code's own output.
const TIME: &str = "potok-time ";

/// `code` with a main program that times its `job`. Processes that import the file again
/// do not run the main program.
fn timed(code: &str, workers: &[usize], plan: Plan) -> String {
    let (mut code, rounds) = (dedent(code), plan.warm_up + plan.runs);
    let _ = write!(
        code,
        r#"

if __name__ == "__main__":
    from time import perf_counter_ns as _now
    for _round in range({rounds}):
        for _n in {workers:?}:
            _start = _now()
            job(_n)
            _time = _now() - _start
            if _round >= {}:
                print("\n{TIME}" + str(_n), _time, flush=True)
"#,
        plan.warm_up
    );
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn bad_input_is_an_error() {
        let kind = |r: Result<Speedup>| r.unwrap_err().kind();
        assert_eq!(kind(speedup("x", [], "")), ErrorKind::InvalidInput);
        assert_eq!(kind(speedup("x", [0], "")), ErrorKind::InvalidInput);
        if super::super::interpreter().is_ok() {
            let none = Plan { runs: 0, warm_up: 1 };
            let code = "def job(n): pass";
            assert_eq!(
                kind(speedup_with(none, "x", [1], code)),
                ErrorKind::InvalidInput
            );
            assert_eq!(kind(speedup("x", [1], "")), ErrorKind::Exited(1));
        }
    }
}

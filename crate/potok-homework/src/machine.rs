//! What else goes on on this machine, as far as a check has to know.

use std::thread::available_parallelism;
use std::time::Duration;

/// A check waits so many times as long at most: the cell that it is in has an end, too.
const MOST: f64 = 6.0;

/// How long a check waits for what takes `at_rest` at most on a machine that does nothing
/// else. A right answer shall not be a wrong one because others compute.
pub(crate) fn patience(at_rest: Duration) -> Duration {
    let cores = available_parallelism().map_or(1, usize::from);
    at_rest.mul_f64(crowding(&load(), cores))
}

/// How many threads there are on this machine, all users together.
pub(crate) fn threads() -> u64 {
    let (_, all) = running_and_all(&load()).unwrap_or((0, 4_096));
    all
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default()
}

/// How many want each core: those of the last minute, or those of now.
fn crowding(load: &str, cores: usize) -> f64 {
    let minute: f64 =
        load.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0.0);
    let (now, _) = running_and_all(load).unwrap_or((0, 0));
    (minute.max(now as f64) / cores as f64).clamp(1.0, MOST)
}

/// The fourth field: `2/345`.
fn running_and_all(load: &str) -> Option<(u64, u64)> {
    let (running, all) = load.split(' ').nth(3)?.split_once('/')?;
    Some((running.parse().ok()?, all.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_waits_longer_where_others_compute() {
        for (load, cores, longer) in [
            ("0.00 0.00 0.52 1/345 1234\n", 2, 1.0),
            ("1.90 1.00 0.52 2/345 1234\n", 2, 1.0),
            ("6.00 1.00 0.52 1/345 1234\n", 2, 3.0),
            ("0.50 1.00 0.52 8/345 1234\n", 2, 4.0),
            ("0.50 1.00 0.52 8/345 1234\n", 8, 1.0),
            ("90.0 1.00 0.52 80/345 1234\n", 2, MOST),
            ("", 2, 1.0),
        ] {
            assert_eq!(crowding(load, cores), longer, "{load}");
        }
        assert_eq!(running_and_all("0.50 1.00 0.52 8/345 1234\n"), Some((8, 345)));
        assert!(threads() > 0);
    }
}

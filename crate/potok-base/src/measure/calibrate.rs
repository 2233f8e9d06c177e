//! Finding out what the machine gives: threads that share nothing and only compute.
//!
//! Where the system has no `/proc`, less is known, and nothing is made up.

use super::{Given, machine::Machine};
use crate::error::Result;
use crate::sys;
use crate::threads::{all_at_once, numbered};
use std::fs;
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Longer than a turn of the scheduler, and short beside what is measured.
const LONGEST: Duration = Duration::from_millis(10);
const SHORTEST: Duration = Duration::from_millis(2);

/// How long to calibrate beside a job that takes so long: five runs are 50 ms at most.
pub(super) fn window(job: Duration) -> Duration {
    (job / 4).clamp(SHORTEST, LONGEST)
}

/// What was seen of all runs with one number of workers.
#[derive(Debug, Default)]
pub(super) struct Seen {
    spun: Vec<u64>,
    /// Processor time that the spinning threads had, of how long they spun.
    had: Duration,
    spinning: Duration,
    waited: Option<Duration>,
    cpu: Duration,
    wall: Duration,
    ticks: Option<Ticks>,
}

impl Seen {
    /// Lets as many threads as there are workers spin for `window`, and counts what they
    /// get done together.
    pub(super) fn calibrate(&mut self, workers: usize, window: Duration) -> Result<()> {
        // Threads beyond a few for each core would find out nothing more.
        let threads = workers.min(4 * Machine::here().cores);
        let deadline = OnceLock::new();
        let spun = all_at_once(&numbered("calibration", threads), |_| {
            let before = (sys::thread_cpu_time(), waited());
            let end = *deadline.get_or_init(|| Instant::now() + window);
            let rounds = spin(end);
            let had = sys::thread_cpu_time() - before.0;
            (rounds, had, waited().zip(before.1).map(|(after, before)| after - before))
        })?;
        self.spun.push(spun.iter().map(|one| one.0).sum());
        self.had += spun.iter().map(|one| one.1).sum::<Duration>();
        self.spinning += window;
        let waited: Option<Duration> = spun.iter().map(|one| one.2).sum();
        if let Some(waited) = waited {
            self.waited = Some(self.waited.unwrap_or_default() + waited);
        }
        Ok(())
    }

    /// Runs `job`, which says how long it took, and notes the processor time it used.
    pub(super) fn run(
        &mut self,
        job: impl FnOnce() -> Result<Duration>,
    ) -> Result<Duration> {
        let (cpu, ticks) = (sys::process_cpu_time(), Ticks::now());
        let time = job()?;
        self.cpu += sys::process_cpu_time().saturating_sub(cpu);
        self.wall += time;
        if let (Some(before), Some(after)) = (ticks, Ticks::now()) {
            self.ticks = Some(after.since(before).and(self.ticks.unwrap_or_default()));
        }
        Ok(time)
    }

    /// All of it, where `one` was seen of a single worker.
    pub(super) fn given(&self, one: &Seen) -> Option<Given> {
        let (alone, all) = (middle(&one.spun)?, middle(&self.spun)?);
        let share = |part: Duration, whole: Duration| {
            part.as_secs_f64() / whole.as_secs_f64().max(1e-9)
        };
        // On a machine that is busy with other things, one thread has no whole core.
        let core = share(one.had, one.spinning).min(1.0);
        let spun = all as f64 / (alone as f64).max(1.0) * core;
        let busy = share(self.cpu, self.wall);
        Some(Given {
            // What the job had was there, even if the moments between its runs were worse.
            cores: spun.max(busy),
            busy,
            waited: self.waited.map(|waited| share(waited, waited + self.had)),
            stolen: self.ticks.and_then(Ticks::stolen),
        })
    }
}

/// Computes until then; how far it came.
fn spin(end: Instant) -> u64 {
    let (mut rounds, mut x) = (0, 88_172_645_463_325_252_u64);
    while Instant::now() < end {
        for _ in 0..500 {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        black_box(x);
        rounds += 1;
    }
    rounds
}

fn middle(counts: &[u64]) -> Option<u64> {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// How long the calling thread has waited for a core since it began.
fn waited() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().nth(1)?.parse().ok()?))
}

/// Ticks of the clock on all cores of the machine, and those of them that were stolen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ticks {
    all: u64,
    stolen: u64,
}

/// Fewer than these say nothing.
const ENOUGH_TICKS: u64 = 20;

impl Ticks {
    fn now() -> Option<Self> {
        Ticks::read(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// Reads the first line: user, nice, system, idle, waiting for the disk, interrupts of
    /// two kinds, stolen. What follows is contained in the first two.
    fn read(stat: &str) -> Option<Self> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks = line.split_whitespace().take(8).map(str::parse);
        let ticks: Vec<u64> = ticks.collect::<std::result::Result<_, _>>().ok()?;
        Some(Ticks { all: ticks.iter().sum(), stolen: *ticks.get(7)? })
    }

    fn since(self, before: Self) -> Self {
        Ticks {
            all: self.all.saturating_sub(before.all),
            stolen: self.stolen.saturating_sub(before.stolen),
        }
    }

    fn and(self, other: Self) -> Self {
        Ticks { all: self.all + other.all, stolen: self.stolen + other.stolen }
    }

    fn stolen(self) -> Option<f64> {
        (self.all >= ENOUGH_TICKS).then(|| self.stolen as f64 / self.all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{busy, ms};

    #[test]
    fn the_first_line_of_the_system_is_read() {
        let stat = "cpu  10 1 5 80 2 1 1 25 9 9\ncpu0 1 1 1\n";
        let ticks = Ticks::read(stat).unwrap();
        assert_eq!(ticks, Ticks { all: 125, stolen: 25 });
        assert_eq!(ticks.stolen(), Some(0.2));
        assert_eq!(Ticks { all: 3, stolen: 1 }.stolen(), None);
        for odd in ["", "cpu", "cpu 1 2", "intr 5", "cpu a b c d e f g h"] {
            assert_eq!(Ticks::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn one_thread_alone_has_one_core_at_most() {
        let mut seen = Seen::default();
        seen.calibrate(1, ms(2)).unwrap();
        let time = seen.run(|| {
            let begin = Instant::now();
            busy(ms(3));
            Ok(begin.elapsed())
        });
        let given = seen.given(&seen).unwrap();
        assert!(given.cores > 0.0 && given.cores <= given.busy.max(1.0), "{given:?}");
        assert!(time.unwrap() >= ms(3) && given.busy > 0.0);
        assert!(given.waited.is_none_or(|waited| (0.0..=1.0).contains(&waited)));
        assert_eq!(Seen::default().given(&seen), None);
    }

    #[test]
    fn what_the_job_had_was_there() {
        let seen = |rounds, cpu| Seen {
            spun: vec![rounds],
            had: ms(10),
            spinning: ms(10),
            cpu,
            wall: ms(100),
            ..Seen::default()
        };
        let one = seen(1_000, ms(100));
        let cores = |two: Seen| two.given(&one).unwrap().cores;
        assert_eq!(cores(seen(1_000, ms(200))), 2.0);
        assert_eq!(cores(seen(1_900, ms(20))), 1.9);
    }

    #[test]
    fn calibration_is_short_beside_the_job() {
        assert_eq!(window(ms(0)), ms(2));
        assert_eq!(window(ms(20)), ms(5));
        assert_eq!(window(ms(5_000)), ms(10));
    }
}

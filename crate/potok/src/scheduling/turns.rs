//! More threads than cores: the system lets them take turns.
//!
//! ```
//! use potok::prelude::*;
//!
//! let turns = scheduling::take_turns(3, ms(30), Cores::All)?;
//! assert_eq!(turns.threads.len(), 3);
//! assert!(turns.trace.makespan() >= ms(20));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: each thread computes without a pause, and yet has gaps: its turn ended
//! without its doing (an *involuntary* context switch). After a gap it may be on another
//! core (a *migration*).

use super::spinner::{Spun, spin_all, trace_of};
use crate::error::Result;
use crate::trace::Trace;
use crate::words;
use potok_base::cpu::a_core;
use potok_base::table;
use potok_base::threads::numbered;
use potok_chart::units::duration;
use std::fmt;
use std::time::Duration;

/// Which cores threads may run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// All that this process may use.
    All,
    /// One core for all of them.
    One,
}

/// What threads that never pause noticed of the scheduler.
#[derive(Clone, Debug, PartialEq)]
pub struct Turns {
    /// When each thread ran, and when it waited for its turn.
    pub trace: Trace,
    /// The same, counted.
    pub threads: Vec<ThreadTurns>,
}

/// What one thread noticed, and what the system counted for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadTurns {
    /// Its name.
    pub name: String,
    /// Time on a processor.
    pub cpu_time: Duration,
    /// How often the clock jumped by more than 0.1 ms. It also jumps where a virtual machine
    /// gets no processor from its host.
    pub gaps: usize,
    /// The longest of those jumps.
    pub longest_gap: Duration,
    /// How often it moved to another core.
    pub migrations: usize,
    /// Context switches because it waited; `None` where the system does not tell.
    pub voluntary: Option<u64>,
    /// Context switches because its turn was over.
    pub involuntary: Option<u64>,
}

/// Lets `n_threads` threads compute for `wall` and records when they did not run.
///
/// # Errors
/// No threads; no time, or more than a minute; [`Unsupported`](crate::ErrorKind) for
/// [`Cores::One`] on a system that does not pin threads.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// match scheduling::take_turns(2, ms(40), Cores::One) {
///     // Both stay on their core.
///     Ok(turns) => assert!(turns.threads.iter().all(|thread| thread.migrations == 0)),
///     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
/// }
/// ```
pub fn take_turns(n_threads: usize, wall: Duration, cores: Cores) -> Result<Turns> {
    let core = match cores {
        Cores::All => None,
        Cores::One => Some(a_core()?),
    };
    let names = numbered(words::thread(), n_threads);
    let spun = spin_all(&names, wall, core, &[])?;
    let threads = names.iter().zip(&spun).map(|(name, spun)| count(name, spun));
    Ok(Turns { trace: trace_of(&names, &spun), threads: threads.collect() })
}

fn count(name: &str, spun: &Spun) -> ThreadTurns {
    let gaps = spun.runs.windows(2).map(|pair| pair[1].0 - pair[0].1);
    let gaps: Vec<Duration> = gaps
        .map(Duration::from_nanos)
        .filter(|gap| *gap > Duration::from_micros(100))
        .collect();
    let (voluntary, involuntary) = spun.switches.unzip();
    ThreadTurns {
        name: name.to_owned(),
        cpu_time: spun.cpu_time,
        gaps: gaps.len(),
        longest_gap: gaps.into_iter().max().unwrap_or_default(),
        migrations: spun.migrations,
        voluntary,
        involuntary,
    }
}

impl fmt::Display for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: Option<u64>| n.map_or("?".into(), |n| n.to_string());
        let row = |thread: &ThreadTurns| {
            [
                thread.name.clone(),
                duration(thread.cpu_time),
                thread.gaps.to_string(),
                duration(thread.longest_gap),
                thread.migrations.to_string(),
                count(thread.voluntary),
                count(thread.involuntary),
            ]
        };
        let rows: Vec<_> = self.threads.iter().map(row).collect();
        table::write(f, words::turns(), &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::trace::Activity;
    use crate::workload::ms;
    use std::time::Instant;

    #[test]
    fn a_jump_of_the_clock_is_a_gap_and_a_change_of_core_a_migration() {
        let spun = Spun {
            tid: 7,
            runs: vec![
                (0, 10, Some(0)),
                (3_000_010, 3_000_020, Some(0)),
                (3_000_021, 3_000_030, Some(1)),
            ],
            cpu_time: Duration::from_nanos(29),
            migrations: 1,
            switches: Some((0, 1)),
        };
        let turns = count("x", &spun);
        assert_eq!((turns.gaps, turns.migrations), (1, 1));
        assert_eq!(turns.longest_gap, ms(3));
        let trace = trace_of(&["x".into()], &[spun]);
        let waits = trace.spans.iter().filter(|s| s.activity == Activity::Waiting);
        assert_eq!(waits.count(), 2);
        assert_eq!(trace.busy_time(), [Duration::from_nanos(29)]);
    }

    #[test]
    fn on_one_core_the_turns_add_up_to_at_most_the_time() {
        let start = Instant::now();
        let turns = match take_turns(3, ms(60), Cores::One) {
            Ok(turns) => turns,
            Err(error) => return assert_eq!(error.kind(), ErrorKind::Unsupported),
        };
        let passed = start.elapsed();
        // One core cannot give more time than passes. The two clocks may differ by some
        // parts in ten thousand.
        let used: Duration = turns.threads.iter().map(|thread| thread.cpu_time).sum();
        assert!(used <= passed + passed / 100, "{used:?} in {passed:?}");
        assert!(turns.threads.iter().all(|thread| thread.migrations == 0), "{turns}");
    }

    #[test]
    fn bad_input_is_an_error() {
        assert!(take_turns(0, ms(1), Cores::All).is_err());
        assert!(take_turns(1, ms(0), Cores::All).is_err());
        assert!(take_turns(1, ms(1_000_000), Cores::All).is_err());
    }
}

//! Threads that compute without a pause and read the clock: where the clock jumps, the
//! thread did not run.

use super::process::switches;
use crate::error::{Error, Result};
use crate::trace::{Lane, Span, Trace};
use crate::words;
use potok_base::cpu::{Stretch, be_nice, pin, spans, stretches};
use potok_base::threads::all_at_once;
use potok_base::{sys, units};
use std::sync::{Barrier, OnceLock};
use std::time::Duration;

/// What one thread noticed.
pub(super) struct Spun {
    pub(super) tid: u64,
    /// Stretches in which it ran: start, end, processor.
    pub(super) runs: Vec<Stretch>,
    pub(super) cpu_time: Duration,
    pub(super) migrations: usize,
    pub(super) switches: Option<(u64, u64)>,
}

/// A class does not wait longer for a picture.
const LONGEST: Duration = Duration::from_secs(60);

/// Lets a thread for each name compute for `wall`, on `core` if given, with its nice value.
pub(super) fn spin_all(
    names: &[String],
    wall: Duration,
    core: Option<usize>,
    nices: &[i32],
) -> Result<Vec<Spun>> {
    if wall.is_zero() || wall > LONGEST {
        return Err(Error::invalid(words::cannot_watch(units::duration(wall))));
    }
    let (ready, start) = (Barrier::new(names.len()), OnceLock::new());
    let spun = all_at_once(names, |i| {
        let set_up = core.map_or(Ok(()), pin).and_then(|()| match nices.get(i) {
            Some(&nice) => be_nice(nice),
            None => Ok(()),
        });
        // Also after an error, since the others wait for all.
        ready.wait();
        set_up?;
        let end = *start.get_or_init(sys::monotonic_ns) + wall.as_nanos() as u64;
        Ok(spin(end))
    })?;
    spun.into_iter().collect()
}

fn spin(end: u64) -> Spun {
    let (before, cpu_before) = (switches(), sys::thread_cpu_time());
    let runs = stretches(|now| now < end);
    let cpu_time = sys::thread_cpu_time() - cpu_before;
    let switches = before.zip(switches()).map(|(a, b)| (b.0 - a.0, b.1 - a.1));
    let migrations = runs.windows(2).filter(|pair| pair[0].2 != pair[1].2).count();
    Spun { tid: sys::thread_id(), runs, cpu_time, migrations, switches }
}

/// The threads as a timeline: running, and waiting for their turn.
pub(super) fn trace_of(names: &[String], spun: &[Spun]) -> Trace {
    let runs = || spun.iter().flat_map(|thread| &thread.runs);
    let epoch = runs().map(|run| run.0).min().unwrap_or(0);
    let end = runs().map(|run| run.1).max().unwrap_or(epoch);
    let pid = std::process::id();
    let label = |cpu: Option<u32>| {
        cpu.map_or(words::runs().into(), |cpu| words::cpu(cpu).into())
    };
    let mut spans: Vec<Span> = spun
        .iter()
        .enumerate()
        .flat_map(|(lane, thread)| spans(lane, &thread.runs, epoch, label))
        .collect();
    spans.sort_by_key(|span| span.start);
    let lane = |(name, thread): (&String, &Spun)| Lane {
        name: name.clone(),
        pid,
        tid: thread.tid,
    };
    let lanes = names.iter().zip(spun).map(lane).collect();
    Trace {
        lanes,
        spans,
        recorded: Duration::from_nanos(end - epoch),
        ..Trace::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ms;
    use potok_base::cpu::a_core;
    use potok_base::threads::numbered;

    #[test]
    fn all_run_on_the_given_core() {
        let tried = |core| std::thread::spawn(move || pin(core?)).join().unwrap();
        let may: Vec<usize> =
            (0..1024).filter(|&core| tried(Ok(core)).is_ok()).take(2).collect();
        assert_eq!(may.is_empty(), tried(a_core()).is_err());
        // Alternating, since by chance they may be on one of them anyway.
        for &core in may.iter().cycle().take(may.len() * 6) {
            let spun =
                spin_all(&numbered("thread", 4), ms(10), Some(core), &[]).unwrap();
            let mut seen = spun.iter().flat_map(|thread| &thread.runs).map(|run| run.2);
            assert!(seen.all(|cpu| cpu.is_none_or(|cpu| cpu as usize == core)));
        }
    }
}

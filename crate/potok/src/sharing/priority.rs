//! Priority inversion: the most urgent thread waits for one that it shares nothing with.
//!
//! ```
//! use potok::prelude::*;
//! use potok::sharing::inversion;
//!
//! match inversion([0, 5, 19]) {
//!     Ok(run) => assert_eq!(run.trace.lanes[0].name, "high"),
//!     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
//! }
//! ```
//!
//! *What to notice*: `low` holds a lock that `high` wants. `middle` wants no lock at all,
//! but it is more urgent than `low`, so it gets the core; and while `low` does not get on,
//! `high` does not either. The cure is that whoever holds the lock is as urgent as the
//! most urgent one who may want it.
//!
//! Source: Butler Lampson and David Redell, "Experience with Processes and Monitors in
//! Mesa" (1980).

use crate::error::{Error, Result};
use crate::trace::{Activity, Lane, Span, Trace};
use crate::workload::ms;
use potok_base::cpu::{Stretch, a_core, be_nice, compute, pin};
use potok_base::sys;
use potok_base::threads::all_at_once;
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::Duration;

const NAMES: [&str; 3] = ["high", "middle", "low"];
/// How long each has to compute.
const WORK: [Duration; 3] = [ms(3), ms(60), ms(5)];

/// What came of a run of three threads on one core.
#[derive(Clone, Debug, PartialEq)]
pub struct Inversion {
    /// A lane each for `high`, `middle` and `low`.
    pub trace: Trace,
    /// How long `high` waited for the lock.
    pub waited: Duration,
    /// The processor time that `low` needed while it held the lock.
    pub held: Duration,
}

/// Runs three threads of these nice values on one core: `high` wants the lock that `low`
/// holds for 5 ms of work, `middle` only computes, for 60 ms.
///
/// When they begin, `low` has the lock. So the outcome needs no luck.
///
/// # Errors
/// A nice value outside −20 to 19; [`Unsupported`](crate::ErrorKind) where the system does
/// not pin threads or does not allow the nice value (a negative one needs rights).
pub fn inversion(nices: [i32; 3]) -> Result<Inversion> {
    if let Some(nice) = nices.iter().find(|nice| !(-20..=19).contains(*nice)) {
        return Err(Error::invalid(format!(
            "{nice} is no nice value; they go from -20 to 19"
        )));
    }
    let core = a_core()?;
    let (lock, ready) = (Mutex::new(()), Barrier::new(NAMES.len()));
    let take = || lock.lock().unwrap_or_else(PoisonError::into_inner);
    let ran = all_at_once(&NAMES.map(str::to_owned), |i| {
        let set_up = pin(core).and_then(|()| be_nice(nices[i]));
        let _held = (NAMES[i] == "low").then(take);
        // Also with an error: the others wait for all.
        ready.wait();
        set_up?;
        let asked = sys::monotonic_ns();
        let _got = (NAMES[i] == "high").then(take);
        let got = sys::monotonic_ns();
        Ok(Ran { tid: sys::thread_id(), asked, got, stretches: compute(WORK[i]) })
    })?;
    let ran: Vec<Ran> = ran.into_iter().collect::<Result<_>>()?;
    let waited = Duration::from_nanos(ran[0].got - ran[0].asked);
    Ok(Inversion { trace: trace(&ran), waited, held: WORK[2] })
}

/// What one thread did.
struct Ran {
    tid: u64,
    /// When it asked for the lock and when it had it, if it asked.
    asked: u64,
    got: u64,
    /// When it was on the core.
    stretches: Vec<Stretch>,
}

fn trace(ran: &[Ran]) -> Trace {
    let epoch = ran.iter().map(|thread| thread.asked).min().unwrap_or(0);
    let time = |ns: u64| Duration::from_nanos(ns.saturating_sub(epoch));
    let mut trace = Trace::default();
    for (lane, (thread, name)) in ran.iter().zip(NAMES).enumerate() {
        let pid = std::process::id();
        trace.lanes.push(Lane { name: name.to_owned(), pid, tid: thread.tid });
        let mut push = |label: &'static str, activity, start, end, cpu| {
            let (label, start, end) = (label.into(), time(start), Some(time(end)));
            let (cpu_start, cpu_end) = (cpu, cpu);
            trace.spans.push(Span {
                lane,
                label,
                activity,
                start,
                end,
                cpu_start,
                cpu_end,
                depth: 0,
                cpu_time: None,
            });
        };
        if name == "high" {
            push("wants the lock", Activity::Waiting, thread.asked, thread.got, None);
        }
        let label = if name == "middle" { "computes" } else { "has the lock" };
        let mut before = thread.got;
        for &(start, end, cpu) in &thread.stretches {
            if start > before + 100_000 {
                push("not its turn", Activity::Waiting, before, start, None);
            }
            push(label, Activity::Running, start, end, cpu);
            before = end;
        }
        trace.recorded = trace.recorded.max(time(before));
    }
    trace.spans.sort_by_key(|span| span.start);
    trace
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn high_waits_until_low_has_done_its_work() {
        let run = match inversion([0, 5, 19]) {
            Ok(run) => run,
            Err(error) => return assert_eq!(error.kind(), ErrorKind::Unsupported),
        };
        let spans =
            |lane| run.trace.spans_of(lane).filter(|s| &*s.label != "not its turn");
        let wanted = spans(0).next().unwrap();
        assert_eq!(&*wanted.label, "wants the lock");
        let released = spans(2).map(|span| run.trace.end_of(span)).max().unwrap();
        assert!(run.trace.end_of(wanted) >= released);
        assert_eq!(run.trace.end_of(wanted) - wanted.start, run.waited);
        assert!(spans(1).all(|span| &*span.label == "computes"));
    }

    #[test]
    fn a_nice_value_that_is_none_is_an_error() {
        let kind = inversion([0, 5, 20]).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::InvalidInput);
    }
}

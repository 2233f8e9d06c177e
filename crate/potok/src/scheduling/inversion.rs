//! Priority inversion: the most urgent thread waits for a thread with which it shares
//! nothing.
//!
//! ```
//! use potok::prelude::*;
//!
//! match inversion([0, 5, 19]) {
//!     Ok(run) => assert_eq!(run.trace.lanes[0].name, "high"),
//!     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
//! }
//! ```
//!
//! *What to notice*: `low` holds a lock that `high` wants. `middle` wants no lock at all,
//! but it is more urgent than `low`, so it gets the core; and while `low` does not run,
//! `high` cannot either. The cure is a *priority ceiling*: the holder of the lock gets the
//! priority of the most urgent thread that may want it.
//!
//! Source: Butler Lampson and David Redell, "Experience with Processes and Monitors in
//! Mesa" (1980).

use super::shares::weight;
use crate::error::Result;
use crate::trace::{Activity, Lane, Mark, Span, Trace};
use crate::words;
use crate::workload::ms;
use potok_base::cpu::{Stretch, a_core, be_nice, compute, pin, spans};
use potok_base::sync::lock;
use potok_base::sys;
use potok_base::threads::all_at_once;
use std::sync::{Barrier, Mutex};
use std::time::Duration;

const NAMES: [&str; 3] = ["high", "middle", "low"];
/// How long each of them computes when all are there.
const WORK: [Duration; 3] = [ms(3), ms(60), ms(4)];
/// How long `low` has the core and the lock for itself before that.
const ALONE: Duration = ms(1);

/// The result of three threads on one core.
#[derive(Clone, Debug, PartialEq)]
pub struct Inversion {
    /// A lane each for `high`, `middle` and `low`.
    pub trace: Trace,
    /// How long `high` waited for the lock.
    pub waited: Duration,
    /// The processor time that `low` needed while it held the lock.
    pub held: Duration,
}

/// Runs three threads with these nice values on one core: `high` wants the lock that `low`
/// holds for 5 ms of work, `middle` only computes, for 60 ms.
///
/// `low` begins alone and takes the lock; the others come a millisecond later. So the
/// outcome does not depend on luck.
///
/// # Errors
/// A nice value outside −20 to 19; [`Unsupported`](crate::ErrorKind) where the system does
/// not pin threads or does not allow the nice value (a negative one needs privileges).
pub fn inversion(nices: [i32; 3]) -> Result<Inversion> {
    nices.into_iter().try_for_each(|nice| weight(nice).map(drop))?;
    let core = a_core()?;
    let (shared, ready) = (Mutex::new(()), Barrier::new(NAMES.len()));
    let take = || lock(&shared);
    let ran = all_at_once(&NAMES.map(str::to_owned), |i| {
        let set_up = pin(core).and_then(|()| be_nice(nices[i]));
        // Also after an error, since the others wait for all.
        ready.wait();
        let first = (NAMES[i] == "low").then(|| (sys::monotonic_ns(), take()));
        let alone = first.iter().flat_map(|_| compute(ALONE)).collect::<Vec<_>>();
        ready.wait();
        set_up?;
        let asked = first.as_ref().map_or_else(sys::monotonic_ns, |low| low.0);
        let _got = (NAMES[i] == "high").then(take);
        let got = first.as_ref().map_or_else(sys::monotonic_ns, |low| low.0);
        let stretches = [alone, compute(WORK[i])].concat();
        Ok(Ran { tid: sys::thread_id(), asked, got, stretches })
    })?;
    let ran: Vec<Ran> = ran.into_iter().collect::<Result<_>>()?;
    let waited = Duration::from_nanos(ran[0].got - ran[0].asked);
    Ok(Inversion { trace: trace(&ran), waited, held: ALONE + WORK[2] })
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
    let at = |ns: u64| Duration::from_nanos(ns - epoch);
    let pid = std::process::id();
    let mut trace = Trace::default();
    for (lane, (thread, name)) in ran.iter().zip(NAMES).enumerate() {
        trace.lanes.push(Lane {
            name: words::priority(name).to_owned(),
            pid,
            tid: thread.tid,
        });
        let label = words::of_priority(name);
        let took = Mark { lane, label: words::takes_lock().into(), at: at(thread.got) };
        trace.marks.extend((name != "middle").then_some(took));
        // The thread is ready from here on, even if another one has the core.
        let all = [&[(thread.got, thread.got, None)], &*thread.stretches].concat();
        trace.spans.extend((name == "high").then(|| Span {
            lane,
            label: words::wants_lock().into(),
            activity: Activity::Waiting,
            start: at(thread.asked),
            end: Some(at(thread.got)),
            cpu_start: None,
            cpu_end: None,
            depth: 0,
            cpu_time: None,
        }));
        let spans = spans(lane, &all, epoch, |_| label.into());
        // Shorter waits are the program's own way from one statement to the next.
        trace.spans.extend(spans.into_iter().filter(|span| {
            let shortest = match span.activity {
                Activity::Running => Duration::ZERO,
                Activity::Waiting => Duration::from_micros(100),
            };
            span.duration().is_some_and(|time| time > shortest)
        }));
    }
    trace.recorded =
        trace.spans.iter().filter_map(|span| span.end).max().unwrap_or_default();
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
        // In the picture `low` takes the lock, alone, before the others are there.
        let [high, low] = [0, 2].map(|n| run.trace.marks.iter().find(|m| m.lane == n));
        let (high, low) = (high.unwrap().at, low.unwrap().at);
        assert_eq!((low, high), (Duration::ZERO, run.trace.end_of(wanted)));
        assert!(spans(0).chain(spans(1)).all(|span| span.start >= ALONE));
    }

    #[test]
    fn a_nice_value_out_of_range_is_an_error() {
        let kind = inversion([0, 5, 20]).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::InvalidInput);
    }
}

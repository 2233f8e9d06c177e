//! One job on several named threads at the same time.
//!
//! ```
//! use potok::prelude::*;
//!
//! let waits = threads::io_bound(3, ms(100))?;
//! assert!(waits.makespan() < ms(3 * 100));      // three waits in the time of one
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: waits overlap however few processors there are; computing overlaps
//! only as far as there are processors.

use crate::error::{Error, Result};
use crate::trace::{self, Recorder, Trace};
use crate::workload::{busy, wait};
use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};
use std::thread;
use std::time::Duration;

/// Runs `job` on a thread for each name, all released at once, and records them.
///
/// The lanes stand in the order of the names. Returns when all threads have ended: a job
/// that may wait for ever needs a deadline of its own.
///
/// # Errors
/// No names; a panic in `job`, named by its thread; a system that refuses a thread.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let trace = threads::record(["ann", "bob"], |rec| {
///     rec.span("compute", || busy(ms(1)));
/// })?;
/// let names: Vec<_> = trace.lanes.iter().map(|lane| &*lane.name).collect();
/// assert_eq!(names, ["ann", "bob"]);
///
/// let error = threads::record(["cy"], |_| panic!("no coffee")).unwrap_err();
/// assert_eq!(error.to_string(), "thread `cy` panicked: no coffee");
/// # Ok::<(), potok::Error>(())
/// ```
pub fn record<N: Into<String>, R: Send>(
    names: impl IntoIterator<Item = N>,
    job: impl Fn(&Recorder) -> R + Sync,
) -> Result<Trace> {
    let names = names_of(names);
    let mut outcome = Ok(vec![]);
    let mut trace = trace::record(|rec| outcome = all_at_once(&names, |_| job(rec)));
    lanes_in_order(&mut trace, &names);
    outcome.map(|_| trace)
}

/// `n` threads that each compute for `cpu_time`.
///
/// # Errors
/// Zero threads; a system that refuses a thread.
pub fn cpu_bound(n: usize, cpu_time: Duration) -> Result<Trace> {
    record(numbered("thread", n), |rec| rec.span("compute", || busy(cpu_time)))
}

/// `n` threads that each wait for `time`, as for a disk or a network.
///
/// # Errors
/// Zero threads; a system that refuses a thread.
pub fn io_bound(n: usize, time: Duration) -> Result<Trace> {
    record(numbered("thread", n), |rec| rec.wait("wait", || wait(time)))
}

/// Runs `job(0)`, `job(1)` … each on a thread of its name, all released at once: none
/// begins before all exist and are awake, so no thread wins by being created first.
pub(crate) fn all_at_once<R: Send>(
    names: &[String],
    job: impl Fn(usize) -> R + Sync,
) -> Result<Vec<R>> {
    if names.is_empty() {
        return Err(Error::invalid("no threads to run; name at least one"));
    }
    let (go, awake, job) = (RwLock::new(true), AtomicUsize::new(0), &job);
    thread::scope(|s| {
        let mut gate = go.write().unwrap_or_else(PoisonError::into_inner);
        let mut threads = vec![];
        for (i, name) in names.iter().enumerate() {
            let (go, awake) = (&go, &awake);
            let body = move || {
                if !*go.read().unwrap_or_else(PoisonError::into_inner) {
                    return None;
                }
                // The system wakes them one by one. Each that is awake counts itself
                // first, so this ends.
                awake.fetch_add(1, Ordering::Relaxed);
                while awake.load(Ordering::Relaxed) < names.len() {
                    thread::yield_now();
                }
                Some(job(i))
            };
            match thread::Builder::new().name(name.clone()).spawn_scoped(s, body) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    // Those that exist already must not run without the others.
                    *gate = false;
                    return Err(Error::io(format!("starting thread `{name}`"), &error));
                }
            }
        }
        drop(gate);
        let ended: Vec<_> =
            threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let results = ended.into_iter().zip(names).map(|(ended, name)| match ended {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(Error::invalid(format!("thread `{name}` did not start"))),
            Err(payload) => Err(error_of(name, &*payload)),
        });
        results.collect()
    })
}

/// Puts the lanes of `names` first and in their order; the others follow as they were.
pub(crate) fn lanes_in_order(trace: &mut Trace, names: &[String]) {
    let place =
        |name: &str| names.iter().position(|n| n == name).unwrap_or(names.len());
    let mut order: Vec<usize> = (0..trace.lanes.len()).collect();
    order.sort_by_key(|&lane| place(&trace.lanes[lane].name));
    let mut new_place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        new_place[old] = new;
    }
    trace.lanes = order.iter().map(|&old| trace.lanes[old].clone()).collect();
    for span in &mut trace.spans {
        span.lane = new_place[span.lane];
    }
    for mark in &mut trace.marks {
        mark.lane = new_place[mark.lane];
    }
    for message in &mut trace.messages {
        message.from = new_place[message.from];
        message.to = new_place[message.to];
    }
}

/// Names a thread can have: the system's names cannot contain a zero byte.
pub(crate) fn names_of<N: Into<String>>(
    names: impl IntoIterator<Item = N>,
) -> Vec<String> {
    names.into_iter().map(|name| name.into().replace('\0', "?")).collect()
}

/// `thread 1`, `thread 2` …
pub(crate) fn numbered(what: &str, n: usize) -> Vec<String> {
    (1..=n).map(|i| format!("{what} {i}")).collect()
}

/// A panic that carries one of potok's own errors is that error.
fn error_of(name: &str, payload: &(dyn Any + Send)) -> Error {
    match payload.downcast_ref::<Error>() {
        Some(error) => error.clone().context(format!("thread `{name}`")),
        None => Error::panicked(format!("thread `{name}`"), payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::workload::ms;
    use std::sync::Barrier;

    #[test]
    fn all_threads_are_there_at_the_same_time() {
        let meeting = Barrier::new(3);
        let results = all_at_once(&numbered("t", 3), |i| {
            meeting.wait();
            i * i
        });
        assert_eq!(results.unwrap(), [0, 1, 4]);
    }

    #[test]
    fn waits_overlap_on_any_machine() {
        let meeting = Barrier::new(3);
        let trace = record(["a", "b", "c"], |rec| {
            rec.wait("meeting", || meeting.wait());
        });
        let trace = trace.unwrap();
        let last_start = trace.spans.iter().map(|span| span.start).max();
        let first_end = trace.spans.iter().filter_map(|span| span.end).min();
        assert!(last_start < first_end);
    }

    #[test]
    fn lanes_follow_the_names_not_the_scheduler() {
        for _ in 0..20 {
            let trace = record(["d", "c", "b", "a"], |rec| {
                let me = thread::current().name().unwrap_or_default().to_owned();
                rec.span(me, || ());
            });
            let trace = trace.unwrap();
            let names: String = trace.lanes.iter().map(|lane| &*lane.name).collect();
            assert_eq!(names, "dcba");
            assert!(trace.spans.iter().all(|s| s.label == trace.lanes[s.lane].name));
        }
    }

    #[test]
    fn computing_uses_the_time_it_was_given() {
        let trace = cpu_bound(2, ms(5)).unwrap();
        assert!(trace.busy_time().iter().all(|&time| time >= ms(5)));
        assert_eq!(io_bound(2, ms(1)).unwrap().busy_time(), [ms(0), ms(0)]);
    }

    #[test]
    fn bad_input_is_an_error() {
        let none: [&str; 0] = [];
        assert_eq!(record(none, |_| ()).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(cpu_bound(0, ms(1)).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(record(["a\0b"], |rec| rec.mark("x")).is_ok());
    }
}

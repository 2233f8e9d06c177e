//! One job on several named threads at the same time.
//!
//! ```
//! use potok::prelude::*;
//!
//! let trace = threads::record(["ann", "bob"], |rec| rec.wait("disk", || wait(ms(50))))?;
//! assert!(trace.makespan() < ms(2 * 50));       // two waits in the time of one
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: waits overlap however few processors there are; computing overlaps
//! only as far as there are processors.

use crate::error::Result;
use crate::trace::{self, Recorder, Trace};
use potok_base::threads::{all_at_once, names_of};

/// Runs `job` on a thread for each name, all started at once, and records them.
///
/// The lanes are in the order of the names. Returns when all threads have ended: a job that
/// may wait for ever needs a time limit of its own.
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
    trace.order_lanes(&names);
    outcome.map(|_| trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::sync::Barrier;
    use std::thread;

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
    fn bad_input_is_an_error() {
        let none: [&str; 0] = [];
        assert_eq!(record(none, |_| ()).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(record(["a\0b"], |rec| rec.mark("x")).is_ok());
    }
}

//! Timelines that grow while threads run.

use super::frames::drawn;
use super::{Live, in_notebook};
use crate::timeline;
use potok_base::kernel;
use potok_base::trace::{Recorder, Trace, record};

/// Like [`record`], with the timeline on the page while `program` runs.
///
/// The frames are drawn by a thread of their own, which ends before this returns. In a
/// stock kernel only the finished timeline is shown.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let trace = record_live("Work, then wait", |rec| {
///     rec.span("work", || busy(ms(2)));
///     rec.wait("disk", || wait(ms(2)));
/// });
/// assert_eq!(trace.spans.len(), 2);
/// ```
pub fn record_live<R>(title: &str, program: impl FnOnce(&Recorder) -> R) -> Trace {
    let page = Page::new(title);
    let trace = record(|rec| {
        page.while_it_runs(|| rec.trace(), || drop(program(rec)));
    });
    page.show(&trace);
    trace
}

/// A place on the page for one timeline.
#[derive(Debug)]
pub struct Page<'a> {
    title: &'a str,
    live: Live,
}

impl<'a> Page<'a> {
    /// A place for a timeline of this title; nothing is there yet.
    pub fn new(title: &'a str) -> Self {
        Page { title, live: Live::new() }
    }

    /// Shows the trace so far while `program` runs, if somebody can see it.
    pub fn while_it_runs<R>(
        &self,
        so_far: impl Fn() -> Trace + Sync,
        program: impl FnOnce() -> R,
    ) -> R {
        if !kernel::listens() {
            return program();
        }
        drawn(|| self.draw(&so_far()), program)
    }

    /// Shows the finished trace.
    pub fn show(self, trace: &Trace) {
        if in_notebook() {
            self.draw(trace);
        }
    }

    fn draw(&self, trace: &Trace) {
        // Where nothing has begun yet there is nothing to draw.
        if let Ok(picture) = timeline(self.title, trace) {
            self.live.update(&picture);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_base::workload::{busy, ms};

    #[test]
    fn it_records_what_record_does() {
        let trace = record_live("x", |rec| rec.span("one", || busy(ms(1))));
        assert_eq!(trace.lanes.len(), 1);
        assert_eq!(trace.spans[0].label, "one");
    }
}

//! Timelines that grow while threads run, and other pictures that change.

use super::frames::drawn;
use super::{Live, Picture, in_notebook};
use crate::timeline;
use potok_base::error::Result;
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
    let page = Page::new();
    let draw = |trace: &Trace| timeline(title, trace);
    let trace = record(|rec| {
        page.while_it_runs(|| draw(&rec.trace()), || drop(program(rec)));
    });
    page.show(draw(&trace));
    trace
}

/// A place on the page for one picture that changes while something runs.
#[derive(Debug, Default)]
pub struct Page {
    live: Live,
}

impl Page {
    /// A place with nothing in it yet.
    pub fn new() -> Self {
        Page::default()
    }

    /// Shows what `draw` gives, again and again, while `program` runs, if somebody can
    /// see it. Where nothing has begun yet there is nothing to draw: an error is no frame.
    pub fn while_it_runs<R>(
        &self,
        draw: impl Fn() -> Result<Picture> + Sync,
        program: impl FnOnce() -> R,
    ) -> R {
        if !kernel::listens() {
            return program();
        }
        drawn(|| self.put(draw()), program)
    }

    /// Shows the last picture, which stays.
    pub fn show(self, picture: Result<Picture>) {
        if in_notebook() {
            self.put(picture);
        }
    }

    fn put(&self, picture: Result<Picture>) {
        if let Ok(picture) = picture {
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

//! Timelines that grow while threads run.

use super::frames::drawn;
use super::{Live, in_notebook};
use crate::chart;
use crate::coffee::{Book, Day, Shop};
use crate::error::Result;
use crate::kernel;
use crate::trace::{Recorder, Trace, record};

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
    let page = Page { title, live: Live::new() };
    let trace = record(|rec| {
        page.while_it_runs(|| rec.trace(), || drop(program(rec)));
    });
    page.show(&trace);
    trace
}

impl Shop {
    /// Like [`run`](Shop::run), with the day's timeline on the page while it goes on. In a
    /// stock kernel only the timeline of the whole day is shown.
    ///
    /// # Errors
    /// Those of `run`.
    ///
    /// # Examples
    /// ```
    /// use potok::coffee::Shop;
    /// use potok::prelude::*;
    /// let shop = Shop::queues(2).customers(4).brew(ms(2));
    /// let day = shop.run_live("Two queues, one machine")?;
    /// assert_eq!(day.visits.len(), 4);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn run_live(self, title: &str) -> Result<Day> {
        let page = Page { title, live: Live::new() };
        let book = Book::default();
        let so_far = || book.day().map_or_else(Trace::default, |day| day.trace());
        let day = page.while_it_runs(so_far, || self.run_in(&book))?;
        page.show(&day.trace());
        Ok(day)
    }
}

/// A place on the page for one timeline.
struct Page<'a> {
    title: &'a str,
    live: Live,
}

impl Page<'_> {
    /// Shows the trace so far while `program` runs, if somebody can see it.
    fn while_it_runs<R>(
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
    fn show(self, trace: &Trace) {
        if in_notebook() {
            self.draw(trace);
        }
    }

    fn draw(&self, trace: &Trace) {
        // Where nothing has begun yet there is nothing to draw.
        if let Ok(picture) = chart::timeline(self.title, trace) {
            self.live.update(&picture);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{busy, ms};

    #[test]
    fn it_records_what_record_does() {
        let trace = record_live("x", |rec| rec.span("one", || busy(ms(1))));
        assert_eq!(trace.lanes.len(), 1);
        assert_eq!(trace.spans[0].label, "one");
    }
}

//! The trace of a deadlock, as it is: who waits goes on waiting, who holds still holds.
//!
//! *What to notice*: to bring the threads home, a demonstration lets their waits end. In a
//! program they would not, and the picture must not say that they did.

use super::{Activity, Mark, Trace};
use crate::words;

/// Who waits, for what, and who holds it.
pub type Blocked<'a> = (&'a str, &'a str, &'a str);

impl Trace {
    /// Leaves these waits open, and marks when each thing that is waited for was taken.
    /// Lanes are known by their names; a wait is a span that is called what it waits for.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let mut trace = record(|rec| {
    ///     for (lane, waits) in [("ann", ["mill", "milk"]), ("bob", ["milk", "mill"])] {
    ///         let lane = rec.lane(lane);
    ///         waits.map(|what| lane.wait(what, || ()));
    ///     }
    /// });
    /// trace.stop([("ann", "milk", "bob"), ("bob", "mill", "ann")]);
    /// assert_eq!(trace.spans.iter().filter(|span| span.end.is_none()).count(), 2);
    /// assert!(trace.marks.iter().any(|mark| mark.label == "holds mill"));
    /// ```
    pub fn stop<'a>(&mut self, blocked: impl IntoIterator<Item = Blocked<'a>>) {
        for (who, wants, held_by) in blocked {
            let last = |trace: &Trace, lane: &str| {
                trace.spans.iter().rposition(|span| {
                    span.activity == Activity::Waiting
                        && trace.lanes[span.lane].name == lane
                        && span.label == wants
                })
            };
            if let Some(taken) = last(self, held_by).map(|i| &self.spans[i])
                && let Some(at) = taken.end
            {
                let (lane, label) = (taken.lane, words::holds(wants).into());
                self.marks.push(Mark { lane, label, at });
            }
            if let Some(i) = last(self, who) {
                (self.spans[i].end, self.spans[i].cpu_time) = (None, None);
            }
        }
        self.marks.sort_by_key(|mark| mark.at);
    }
}

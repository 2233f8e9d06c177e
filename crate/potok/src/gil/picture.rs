//! The picture of the result.

use super::{GilRun, RefCount, RefCounts};
use crate::error::Result;
use crate::words;
use potok_base::language::noun::{HANDOVER, THREAD};
use potok_chart::units::{count, duration, fixed};
use potok_chart::{Bar, Picture, Show, bars, timeline_with_words};

impl Show for GilRun {
    fn picture(&self) -> Result<Picture> {
        let threads = count(self.trace.lanes.len(), THREAD);
        let title = match self.on {
            true => words::under_gil(threads, count(self.handovers as usize, HANDOVER)),
            false => words::without_gil(threads),
        };
        let longest = duration(self.longest_wait());
        let words = words::handovers(self.handovers, self.drop_requests, longest);
        timeline_with_words(&title, &self.trace, &words)
    }
}

impl Show for RefCounts {
    fn picture(&self) -> Result<Picture> {
        let bar = |label: &str, way: &RefCount| {
            let times = words::took(duration(way.time), duration(way.alone));
            Bar::new(label, way.counted as f64).note(match way.lost() {
                0 => times,
                lost => words::some_lost(fixed(lost as f64, 0), times),
            })
        };
        let ways = [
            bar(words::load_then_store(), &self.unprotected),
            bar(words::same_under_gil(), &self.under_the_gil),
            bar(words::atomic_addition(), &self.atomic),
        ];
        let taken = fixed(self.atomic.taken as f64, 0);
        let title = words::references_taken(taken);
        bars(&title, words::references_counted(), ways)
    }
}

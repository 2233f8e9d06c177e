//! The picture of the result.

use super::{GilRun, RefCount, RefCounts};
use crate::error::Result;
use potok_base::language::noun::{HANDOVER, THREAD};
use potok_chart::units::{count, duration, fixed};
use potok_chart::{Bar, Picture, Show, bars, timeline_with_words};

impl Show for GilRun {
    fn picture(&self) -> Result<Picture> {
        let threads = count(self.trace.lanes.len(), THREAD);
        let title = match self.on {
            true => format!(
                "{threads} under the GIL: {}",
                count(self.handovers as usize, HANDOVER)
            ),
            false => format!("{threads} without a GIL"),
        };
        let words = format!(
            "handovers: {}, asked for after the switch interval: {}",
            self.handovers, self.drop_requests
        );
        timeline_with_words(&title, &self.trace, &words)
    }
}

impl Show for RefCounts {
    fn picture(&self) -> Result<Picture> {
        let bar = |label: &str, way: &RefCount| {
            Bar::new(label, way.counted as f64).note(format!(
                "{} lost, took {}",
                way.lost(),
                duration(way.time)
            ))
        };
        let ways = [
            bar("load, then store", &self.unprotected),
            bar("the same under the GIL", &self.under_the_gil),
            bar("one atomic addition", &self.atomic),
        ];
        let taken = fixed(self.atomic.taken as f64, 0);
        let title = format!("{taken} references taken: how many were counted?");
        bars(&title, "references counted", ways)
    }
}

//! The picture of the result.

use super::{GilRun, RefCount, RefCounts};
use crate::error::Result;
use potok_chart::{Bar, Picture, Show, bars, timeline_with_words};

impl Show for GilRun {
    fn picture(&self) -> Result<Picture> {
        let title = format!("Threads and the GIL: {} handovers", self.handovers);
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
                "{} lost, took {:.1?}",
                way.lost(),
                way.time
            ))
        };
        let ways = [
            bar("load, then store", &self.unprotected),
            bar("the same under the GIL", &self.under_the_gil),
            bar("one atomic addition", &self.atomic),
        ];
        let title =
            format!("{} references taken: how many were counted?", self.atomic.taken);
        bars(&title, "references counted", ways)
    }
}

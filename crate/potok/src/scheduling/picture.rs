//! The pictures of the results.

use super::{Inversion, Share, Shares, Turns};
use crate::error::Result;
use potok_chart::units::duration;
use potok_chart::{Bar, Picture, Show, bars, timeline, timeline_with_words};

impl Show for Turns {
    fn picture(&self) -> Result<Picture> {
        timeline_with_words("Threads taking turns", &self.trace, self)
    }
}

impl Show for Inversion {
    fn picture(&self) -> Result<Picture> {
        let title = format!(
            "high waited {} for a lock that was held for {} of work",
            duration(self.waited),
            duration(self.held)
        );
        timeline(&title, &self.trace)
    }
}

/// The timeline, and the shares as bars.
impl Show for Shares {
    fn picture(&self) -> Result<Picture> {
        timeline_with_words("One core, shared by priority", &self.trace, self)
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        let bar = |t: &Share| {
            Bar::new(format!("nice {}", t.nice), 100.0 * t.share)
                .note(format!("{:.0} % promised", 100.0 * t.promised))
        };
        let shares =
            bars("Shares of the core", "% of CPU time", self.threads.iter().map(bar));
        vec![self.picture(), shares]
    }
}

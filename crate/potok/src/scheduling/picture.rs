//! The pictures of the results.

use super::{Inversion, Share, Shares, Turns};
use crate::error::Result;
use crate::words;
use potok_chart::units::{duration, percent};
use potok_chart::{Bar, Picture, Show, bars, timeline, timeline_with_words};

impl Show for Turns {
    fn picture(&self) -> Result<Picture> {
        timeline_with_words(words::taking_turns(), &self.trace, self)
    }
}

impl Show for Inversion {
    fn picture(&self) -> Result<Picture> {
        let title = words::inversion(duration(self.waited), duration(self.held));
        timeline(&title, &self.trace)
    }
}

/// The timeline, and the shares as bars.
impl Show for Shares {
    fn picture(&self) -> Result<Picture> {
        timeline_with_words(words::by_priority(), &self.trace, self)
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        let bar = |t: &Share| {
            Bar::new(format!("nice {}", t.nice), 100.0 * t.share)
                .note(words::promised(percent(t.promised, 0)))
        };
        let shares = bars(
            words::shares(),
            words::percent_of_cpu(),
            self.threads.iter().map(bar),
        );
        vec![self.picture(), shares]
    }
}

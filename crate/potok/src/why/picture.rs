//! The picture of the result.

use super::multitasking::Interface;
use super::server::Served;
use crate::error::Result;
use crate::words;
use potok_base::language::noun::CLIENT;
use potok_chart::units::{count, duration};
use potok_chart::{Picture, Show, timeline_with_words};

impl Show for Interface {
    fn picture(&self) -> Result<Picture> {
        let title = words::freeze(duration(self.longest_freeze));
        timeline_with_words(&title, &self.trace, self)
    }
}

impl Show for Served {
    fn picture(&self) -> Result<Picture> {
        let clients = self.trace.lanes.iter().filter(|l| words::is_client(&l.name));
        let title =
            words::served_by(count(clients.count(), CLIENT), &self.latency.label);
        timeline_with_words(&title, &self.trace, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::why::multitasking;
    use crate::workload::{busy, ms};

    #[test]
    fn a_freeze_is_in_the_title() {
        let frozen = multitasking::frozen(|| busy(ms(30))).unwrap();
        let picture = frozen.picture().unwrap();
        assert!(picture.title.contains("longest freeze"));
        assert!(picture.text.contains("heavy job"));
    }
}

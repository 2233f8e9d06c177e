//! The picture of the result.

use super::Inversion;
use crate::error::Result;
use potok_chart::{Picture, Show, timeline};

impl Show for Inversion {
    fn picture(&self) -> Result<Picture> {
        let title = format!(
            "`high` waited {:.0?} for a lock that was held for {:.0?} of work",
            self.waited, self.held
        );
        timeline(&title, &self.trace)
    }
}

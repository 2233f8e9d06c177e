//! Which picture the result of each section has, so that a cell can simply end with it.
//!
//! ```
//! use potok::prelude::*;
//!
//! let run = Gil::new().threads(["ann", "bob"], |py| py.busy(ms(4)))?;
//! let picture = run.picture()?;
//! assert!(picture.text.contains("handovers"));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a section's result knows nothing of pictures. Here, one storey
//! higher, it gets one: mostly a timeline, with the result's own table below the text.

use super::{Bar, Picture, bars, speedups, timeline};
use crate::display::Show;
use crate::error::Result;
use crate::gil::{GilRun, RefCount, RefCounts};
use crate::multitasking::Interface;
use crate::python::Comparison;
use crate::scheduling::{Share, Shares, Turns};
use crate::server::Served;
use crate::sharing::Inversion;
use crate::threads::Orders;
use crate::trace::Trace;
use std::fmt::Display;

/// A timeline whose text ends with the result's own words.
fn told(title: &str, trace: &Trace, words: &impl Display) -> Result<Picture> {
    let mut picture = timeline(title, trace)?;
    picture.text = format!("{}\n\n{words}", picture.text.trim_end());
    Ok(picture)
}

impl Show for Turns {
    fn picture(&self) -> Result<Picture> {
        told("Threads taking turns", &self.trace, self)
    }
}

/// The timeline, and the shares as bars.
impl Show for Shares {
    fn picture(&self) -> Result<Picture> {
        told("One core, shared by priority", &self.trace, self)
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

impl Show for Interface {
    fn picture(&self) -> Result<Picture> {
        let title = format!(
            "A frame every 16 ms, and a job: longest freeze {:.0?}",
            self.longest_freeze
        );
        told(&title, &self.trace, self)
    }
}

impl Show for Served {
    fn picture(&self) -> Result<Picture> {
        told(&self.latency.label, &self.trace, self)
    }
}

impl Show for GilRun {
    fn picture(&self) -> Result<Picture> {
        let title = format!("Threads and the GIL: {} handovers", self.handovers);
        let words = format!(
            "handovers: {}, asked for after the switch interval: {}",
            self.handovers, self.drop_requests
        );
        told(&title, &self.trace, &words)
    }
}

impl Show for Comparison {
    fn picture(&self) -> Result<Picture> {
        let Some(error) = &self.missing else {
            let title = format!(
                "{}: threads and processes of CPython, threads of Rust",
                self.job
            );
            return speedups(&capital(&title), &self.speedups);
        };
        let title = format!("{}: Rust alone, there is no Python here", self.job);
        let mut picture = speedups(&capital(&title), &self.speedups)?;
        picture.text = format!("{}\n\nno Python: {error}", picture.text.trim_end());
        Ok(picture)
    }
}

impl Show for Inversion {
    fn picture(&self) -> Result<Picture> {
        let title = format!(
            "`high` waited {:.0?} for a lock that was held for {:.0?} of work",
            self.waited, self.held
        );
        timeline(&title, &self.trace)
    }
}

/// A title begins with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .chain(letters)
        .collect()
}

impl Show for Orders {
    fn picture(&self) -> Result<Picture> {
        let title = format!(
            "Who finished first? {} of {} orders in {} runs",
            self.counts.len(),
            self.possible,
            self.runs
        );
        let bar =
            |(order, count): &(String, usize)| Bar::new(order.clone(), *count as f64);
        bars(&title, "runs", self.counts.iter().map(bar))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::measure::Speedup;
    use crate::workload::{busy, ms};
    use crate::{multitasking, threads};

    #[test]
    fn a_freeze_is_in_the_title() {
        let frozen = multitasking::frozen(|| busy(ms(30))).unwrap();
        let picture = frozen.picture().unwrap();
        assert!(picture.title.contains("longest freeze"));
        assert!(picture.text.contains("heavy job"));
    }

    #[test]
    fn a_comparison_without_python_says_so() {
        let rust = Speedup::measure("Rust threads", [1, 2], |_| busy(ms(1))).unwrap();
        let missing = Some(Error::unsupported("install python3"));
        let comparison = Comparison { job: "computing", speedups: vec![rust], missing };
        let picture = comparison.picture().unwrap();
        assert!(picture.title.contains("no Python"));
        assert!(picture.text.contains("install python3"));
    }

    #[test]
    fn every_order_that_was_seen_has_a_bar() {
        let orders = threads::orders(30, ["ann", "bob"], || ()).unwrap();
        let picture = orders.picture().unwrap();
        assert!(orders.counts.iter().all(|(order, _)| picture.text.contains(order)));
    }
}

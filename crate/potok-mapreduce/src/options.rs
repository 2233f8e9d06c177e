//! The options of a job.

use super::coordinator::{Phase, Policy};
use super::faults::Faults;
use super::spill::Budget;
use potok_base::progress::ProgressBar;
use std::time::Duration;

/// The options of a job.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) reducers: usize,
    pub(super) splits: Option<usize>,
    pub(super) attempts: u32,
    pub(super) task_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) backup_tasks: bool,
    pub(super) faults: Faults,
    pub(super) budget: Budget,
    /// The label of its progress bar, if it has one.
    pub(super) progress: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            reducers: 4,
            splits: None,
            attempts: 3,
            task_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(600),
            backup_tasks: false,
            faults: Faults::none(),
            budget: Budget::default(),
            progress: None,
        }
    }
}

impl Options {
    pub(super) fn policy(&self) -> Policy {
        Policy {
            attempts: self.attempts,
            task_timeout: self.task_timeout,
            backup_tasks: self.backup_tasks,
        }
    }

    /// The progress bar of a phase.
    pub(super) fn bar(&self, phase: Phase, tasks: usize) -> Option<ProgressBar> {
        let label = self.progress.as_ref()?;
        let label = format!("{label}, {}", phase.name());
        Some(ProgressBar::new(label, tasks).in_lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_bar_only_if_one_was_asked_for() {
        let quiet = Options::default();
        assert!(quiet.bar(Phase::Map, 3).is_none());
        let options = Options { progress: Some("words".into()), ..quiet };
        let bar = options.bar(Phase::Reduce, 3).unwrap();
        assert!(format!("{bar:?}").contains("words, reduce"));
    }
}

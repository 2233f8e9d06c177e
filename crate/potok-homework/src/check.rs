//! One check, and what came out of it.

use potok_chart::display::Picture;

/// What came out of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// As it should be; what was seen.
    Passed(String),
    /// Not as it should be, and in which way.
    Failed(String),
}

impl CheckResult {
    /// Whether all was as it should be.
    pub fn passed(&self) -> bool {
        matches!(self, CheckResult::Passed(_))
    }

    /// What was seen, or what was wrong.
    pub fn text(&self) -> &str {
        match self {
            CheckResult::Passed(text) | CheckResult::Failed(text) => text,
        }
    }
}

impl From<Result<String, String>> for CheckResult {
    fn from(result: Result<String, String>) -> Self {
        match result {
            Ok(seen) => CheckResult::Passed(seen),
            Err(why) => CheckResult::Failed(why),
        }
    }
}

/// One check of a cell.
#[derive(Clone, Debug)]
pub struct Check {
    /// What it is about.
    pub name: String,
    /// How much it counts, beside 1 for others.
    pub weight: f64,
    /// What came out.
    pub verdict: CheckResult,
    /// What may help, the vaguest first.
    pub hints: Vec<String>,
    /// What happened, to look at; only where it failed.
    pub picture: Option<Picture>,
    /// What the student's code printed meanwhile.
    pub printed: String,
    pub(crate) hidden: bool,
}

//! One check, and what came out of it.

use crate::words;
use potok_chart::display::Picture;
use serde::{Deserialize, Serialize};

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
    /// The call that shows the failed order again.
    pub(crate) again: Option<Again>,
    /// In which way the calls did not run at the same time as they should.
    pub(crate) overlap: Option<Overlap>,
}

/// A call that shows an order of steps again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Again {
    pub(crate) call: String,
    /// Whether it can be copied as it is: the program in it is a function with a name.
    pub(crate) whole: bool,
}

/// Calls that ran at the same time, but not as many as should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overlap {
    OneByOne,
    TooFew,
    TooMany,
}

impl Check {
    /// What may help with what went wrong. Staff's hints are for too few at once.
    pub(crate) fn advice(&self) -> Vec<&str> {
        let staffs = self.hints.iter().map(String::as_str);
        match self.overlap {
            Some(Overlap::TooMany) => vec![words::hint_too_many()],
            Some(Overlap::OneByOne) => {
                staffs.chain([words::hint_one_by_one()]).collect()
            }
            _ => staffs.collect(),
        }
    }
}

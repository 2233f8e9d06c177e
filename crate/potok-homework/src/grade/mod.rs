//! The sentence that the checks of a cell are written as.
//!
//! Each method that takes a closure is a thin shell: it boxes the closure and goes on in
//! code that is compiled here, once, and not in every cell that checks something.
//!
//! * `at_once`: the checks of what threads do at once, and in which order.

mod at_once;

use super::check::{Again, Check, CheckResult, Overlap};
use super::child::{self, Ended, Program};
use super::{page, words};
use potok_chart::display::Picture;
use potok_process::Limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{self, Debug, Display};

/// The checks of a cell, made one after the other as they are written. Name it last in the
/// cell: it is shown as a card, and as the number of points for whoever grades.
#[derive(Clone, Debug)]
pub struct Grade {
    points: f64,
    checks: Vec<Check>,
    limits: Limits,
    hidden: bool,
    when_graded: Vec<String>,
    timed_out: bool,
}

/// Begins the checks of a cell that is worth so many points.
///
/// # Panics
/// The points are not a positive number.
///
/// # Examples
/// ```
/// use potok::homework::grade;
/// fn half(n: u32) -> u32 { n / 2 + n % 3 }
/// let grade = grade(2.0).gives("of 6", || half(6), 3).gives("of 7", || half(7), 3);
/// assert_eq!(grade.score(), 1.0);
/// assert_eq!(grade.checks()[1].verdict.text(), "got 4, expected 3");
/// ```
pub fn grade(points: f64) -> Grade {
    assert!(points > 0.0 && points.is_finite(), "a cell of {points} points");
    Grade {
        points,
        checks: vec![],
        limits: child::limits(),
        hidden: false,
        when_graded: vec![],
        timed_out: false,
    }
}

impl Grade {
    /// `program` gives this value. The two are compared as `{:?}` prints them.
    #[must_use]
    pub fn gives<T: Debug>(
        self,
        name: &str,
        program: impl FnOnce() -> T,
        expected: T,
    ) -> Self {
        let program = move || format!("{:?}", program()).into_bytes();
        self.gives_text(name, Box::new(program), &format!("{expected:?}"))
    }

    fn gives_text(self, name: &str, program: Program<'_>, expected: &str) -> Self {
        self.judged(name, program, |bytes| {
            let got = String::from_utf8_lossy(bytes);
            if got == expected {
                Ok(words::short(&got))
            } else {
                Err(words::differs(&got, expected))
            }
        })
    }

    /// What `program` gives passes `judge`, which runs where the program cannot. It says
    /// what was seen, or what is wrong.
    ///
    /// # Examples
    /// ```
    /// use potok::homework::grade;
    /// let grade = grade(1.0).holds("a few", || vec![3, 4], |numbers| match numbers.len() {
    ///     n @ 1..=9 => Ok(format!("{n} numbers")),
    ///     n => Err(format!("{n} numbers are not a few")),
    /// });
    /// assert_eq!(grade.checks()[0].verdict.text(), "2 numbers");
    /// ```
    #[must_use]
    pub fn holds<T: Serialize + DeserializeOwned>(
        self,
        name: &str,
        program: impl FnOnce() -> T,
        judge: impl FnOnce(T) -> Result<String, String>,
    ) -> Self {
        let program = Box::new(move || child::bytes(&program()));
        self.judged(name, program, |bytes| judge(child::read(bytes)?))
    }

    /// What may help with the last check. Several: the vaguest first.
    #[must_use]
    pub fn hint(mut self, text: &str) -> Self {
        if let Some(check) = self.checks.last_mut() {
            check.hints.push(text.to_owned());
        }
        self
    }

    /// How much the last check counts, beside 1 for the others.
    #[must_use]
    pub fn worth(mut self, weight: f64) -> Self {
        if let Some(check) = self.checks.last_mut() {
            check.weight = weight.max(0.0);
        }
        self
    }

    /// Of the checks that follow, only the names are told.
    #[must_use]
    pub fn hidden(self) -> Self {
        Grade { hidden: true, ..self }
    }

    /// The names of checks that are not in a student's copy, to be told there. The release
    /// writes this line.
    ///
    /// # Examples
    /// ```
    /// use potok::homework::grade;
    /// let grade = grade(1.0).gives("two", || 2, 2).when_graded(&["none at all"]);
    /// assert!(grade.to_string().contains("1 check only when it is graded: none at all"));
    /// ```
    #[must_use]
    pub fn when_graded(mut self, names: &[&str]) -> Self {
        self.when_graded.extend(names.iter().map(|name| (*name).to_owned()));
        self
    }

    /// Of those, the ones that did not run here.
    pub(crate) fn not_run_here(&self) -> Vec<&str> {
        let ran = |name: &str| self.checks.iter().any(|check| check.name == name);
        let names = self.when_graded.iter().map(String::as_str);
        names.filter(|name| !ran(name)).collect()
    }

    /// Other limits for the checks that follow. The first ones are 4 s, longer where others
    /// compute on this machine, 8 s of processor time, 1 GiB, 256 KiB of output and 256
    /// threads.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Grade { limits, ..self }
    }

    /// The points that were earned, between 0 and all; in hundredths, rounded down.
    pub fn score(&self) -> f64 {
        let all: f64 = self.checks.iter().map(|check| check.weight).sum();
        let passed = self.checks.iter().filter(|check| check.verdict.passed());
        let earned: f64 = passed.map(|check| check.weight).sum();
        if all == 0.0 {
            return 0.0;
        }
        if earned == all {
            return self.points;
        }
        // Nothing is lost to the way in which a computer writes a third.
        (self.points * earned / all * 100.0 + 1e-6).floor() / 100.0
    }

    /// The points that can be earned.
    pub fn points(&self) -> f64 {
        self.points
    }

    /// The checks, in their order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Called by evcxr for the value that a cell ends with.
    pub fn evcxr_display(&self) {
        page::show(self);
    }

    fn run(&self, program: Program<'_>) -> Ended {
        child::run(&self.limits, self.timed_out, program)
    }

    fn judged(
        self,
        name: &str,
        program: Program<'_>,
        judge: impl FnOnce(&[u8]) -> Result<String, String>,
    ) -> Self {
        let ended = self.run(program);
        let verdict = ended.answer.as_ref().map_err(Clone::clone);
        let verdict = verdict.and_then(|bytes| judge(bytes));
        self.with(name, verdict, ended, None)
    }

    /// What more is to be shown of the last check, where it failed.
    fn shown(mut self, again: Option<Again>, overlap: Option<Overlap>) -> Self {
        if let Some(check) = self.checks.last_mut().filter(|it| !it.verdict.passed()) {
            (check.again, check.overlap) = (again, overlap);
        }
        self
    }

    fn failed(self, name: &str, why: String) -> Self {
        self.with(name, Err(why.clone()), Ended::without_answer(why), None)
    }

    fn with(
        mut self,
        name: &str,
        verdict: Result<String, String>,
        ended: Ended,
        picture: Option<Picture>,
    ) -> Self {
        let verdict = CheckResult::from(verdict);
        self.timed_out |= ended.timed_out;
        self.checks.push(Check {
            name: name.to_owned(),
            weight: 1.0,
            picture: picture.filter(|_| !verdict.passed()),
            verdict,
            hints: vec![],
            printed: ended.printed,
            hidden: self.hidden,
            again: None,
            overlap: None,
        });
        self
    }
}

/// The card as text.
impl Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&page::text(self))
    }
}

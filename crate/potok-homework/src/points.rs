//! Tells whoever grades what a cell earned, by a way that a student's code cannot reach.
//!
//! The kernel opens a pipe before the first cell is compiled and takes its name away. Only
//! the process that runs the cells has it, and each check's child lets go of it before the
//! student's code begins. So what is printed, shown or returned can look like a result; no
//! line comes through this pipe but from the parent of the checks.

use super::grade::Grade;
use super::sys;
use potok_base::output::json_string;
use potok_base::sync::lock;
use std::fs::File;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex};

/// The pipe, where there is one: outside of grading there is none.
static PIPE: LazyLock<Mutex<Option<File>>> =
    LazyLock::new(|| Mutex::new(sys::points_pipe()));

/// A longer line might wait for its reader. Names are cut before it comes to that.
const LONGEST_NAME: usize = 120;

/// In a check's child: from now on nothing can be told from here.
pub(crate) fn let_go() {
    drop(lock(&PIPE).take());
}

/// In the parent: what this cell earned.
pub(crate) fn tell(grade: &Grade) {
    if let Some(pipe) = &mut *lock(&PIPE) {
        // Nobody reads any more: then nobody grades.
        let _ = pipe.write_all(line(grade).as_bytes());
    }
}

/// Of what was seen, so many characters are told.
const MOST_SEEN: usize = 300;
/// A longer line, in bytes, is told without what was seen: a pipe holds 64 KiB.
const LONGEST_LINE: usize = 40_000;

fn line(grade: &Grade) -> String {
    let whole = written(grade, MOST_SEEN);
    if whole.len() > LONGEST_LINE { written(grade, 0) } else { whole }
}

fn written(grade: &Grade, seen_at_most: usize) -> String {
    let first =
        |text: &str, n: usize| json_string(&text.chars().take(n).collect::<String>());
    let checks: Vec<String> = grade
        .checks()
        .iter()
        .map(|check| {
            let passed = check.verdict.passed();
            let seen = if passed || check.hidden { "" } else { check.verdict.text() };
            format!(
                "{{\"name\":{},\"passed\":{passed},\"hidden\":{},\"seen\":{}}}",
                first(&check.name, LONGEST_NAME),
                check.hidden,
                first(seen, seen_at_most)
            )
        })
        .collect();
    let not_run: Vec<String> =
        grade.not_run_here().iter().map(|name| first(name, LONGEST_NAME)).collect();
    format!(
        "{{\"points\":{},\"score\":{},\"checks\":[{}],\"not_run\":[{}]}}\n",
        grade.points(),
        grade.score(),
        checks.join(","),
        not_run.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::super::grade;
    use super::*;

    #[test]
    fn a_line_tells_the_points_and_every_check() {
        let told = grade(3.0)
            .gives("a \"b\"", || 1, 1)
            .gives("wrong", || 1, 3)
            .when_graded(&["c", "d"])
            .hidden()
            .gives("c", || 1, 2);
        assert_eq!(
            line(&told),
            "{\"points\":3,\"score\":1,\"checks\":[\
             {\"name\":\"a \\\"b\\\"\",\"passed\":true,\"hidden\":false,\"seen\":\"\"},\
             {\"name\":\"wrong\",\"passed\":false,\"hidden\":false,\
             \"seen\":\"got 1, expected 3\"},\
             {\"name\":\"c\",\"passed\":false,\"hidden\":true,\"seen\":\"\"}],\
             \"not_run\":[\"d\"]}\n"
        );
        let many = (0..200).fold(grade(1.0), |grade, _| {
            grade.gives("a", || "\u{1}".repeat(500), String::new())
        });
        assert!(line(&many).len() < LONGEST_LINE, "a pipe holds no more");
    }
}

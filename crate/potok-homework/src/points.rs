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

fn line(grade: &Grade) -> String {
    let checks: Vec<String> = grade
        .checks()
        .iter()
        .map(|check| {
            let name: String = check.name.chars().take(LONGEST_NAME).collect();
            format!(
                "{{\"name\":{},\"passed\":{},\"hidden\":{}}}",
                json_string(&name),
                check.verdict.passed(),
                check.hidden
            )
        })
        .collect();
    format!(
        "{{\"points\":{},\"score\":{},\"checks\":[{}]}}\n",
        grade.points(),
        grade.score(),
        checks.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::super::grade;
    use super::*;

    #[test]
    fn a_line_tells_the_points_and_every_check() {
        let grade = grade(3.0).gives("a \"b\"", || 1, 1).hidden().gives("c", || 1, 2);
        assert_eq!(
            line(&grade),
            "{\"points\":3,\"score\":1.5,\"checks\":[\
             {\"name\":\"a \\\"b\\\"\",\"passed\":true,\"hidden\":false},\
             {\"name\":\"c\",\"passed\":false,\"hidden\":true}]}\n"
        );
    }
}

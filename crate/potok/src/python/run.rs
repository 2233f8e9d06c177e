//! One piece of Python code: what it printed, or why it failed.
//!
//! ```
//! use potok::prelude::*;
//!
//! # if python::interpreter().is_err() { return }
//! let error = python::run("coffee + 1").unwrap_err();
//! assert!(error.to_string().contains("name 'coffee' is not defined"));
//! ```
//!
//! *What to notice*: an error in the code is a value here; the notebook continues.

use super::child::{self, Ended};
use crate::error::{Error, ErrorKind, Result};
use crate::words;
use crate::workload::ms;
use potok_base::output;
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

/// What a piece of Python code printed, and how long its process ran.
#[derive(Clone, PartialEq, Eq)]
pub struct Output {
    /// What it wrote to standard output, up to a megabyte.
    pub stdout: String,
    /// What it wrote to standard error: warnings, logging.
    pub stderr: String,
    /// From the start of the process to its end, including the interpreter's start.
    pub took: Duration,
}

/// The student's Python interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Such as `CPython`.
    pub implementation: String,
    /// Such as `3.13.0`.
    pub version: String,
    /// Whether it runs with a global interpreter lock. Free-threaded builds may not.
    pub gil: bool,
}

/// Runs `code` in the student's Python for at most 30 s.
///
/// The interpreter is the one named by the environment variable `POTOK_PYTHON`, or else the
/// first `python3` on the `PATH`. The code is run from a file, so that `multiprocessing`
/// works; common indentation is removed. Processes that it leaves behind are ended.
///
/// # Errors
/// [`NotFound`](ErrorKind::NotFound) without a Python; [`Exited`](ErrorKind::Exited) with
/// the last lines of the traceback; [`Killed`](ErrorKind::Killed) by a signal;
/// [`TimedOut`](ErrorKind::TimedOut).
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// # if python::interpreter().is_err() { return Ok(()) }
/// let output = python::run(r#"
///     from threading import Thread
///     bob = Thread(target=print, args=("hello from bob",))
///     bob.start()
///     bob.join()
/// "#)?;
/// assert_eq!(output.stdout, "hello from bob\n");
/// # Ok::<(), potok::Error>(())
/// ```
pub fn run(code: &str) -> Result<Output> {
    run_within(ms(30_000), code)
}

/// Like [`run`], with another time limit.
pub(super) fn run_within(limit: Duration, code: &str) -> Result<Output> {
    let ended = child::run(&dedent(code), limit)?;
    if let Some(signal) = ended.status.signal() {
        let message = words::python_killed(signal);
        return Err(Error::new(ErrorKind::Killed(signal), message));
    }
    match ended.status.code() {
        Some(0) => {
            let Ended { stdout, stderr, took, .. } = ended;
            Ok(Output { stdout, stderr, took })
        }
        code => {
            let code = code.unwrap_or(-1);
            let printed = last_lines(&ended.stderr, 4);
            let message = match &*printed {
                "" => words::python_silent(code),
                lines => words::python_exited(code, lines),
            };
            Err(Error::new(ErrorKind::Exited(code), message))
        }
    }
}

/// Which Python [`run`] uses.
///
/// # Errors
/// As [`run`].
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// match python::interpreter() {
///     Ok(python) => assert!(python.to_string().contains("GIL")),
///     Err(error) => assert!(error.to_string().contains("POTOK_PYTHON")),
/// }
/// ```
pub fn interpreter() -> Result<Interpreter> {
    let output = run(r#"
        import platform, sys
        print(platform.python_implementation())
        print(platform.python_version())
        print(getattr(sys, "_is_gil_enabled", lambda: True)())
        "#)?;
    let mut lines = output.stdout.lines().map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let (implementation, version) = (next(), next());
    Ok(Interpreter { implementation, version, gil: next() == "True" })
}

/// As `CPython 3.13.0, with the GIL`.
impl fmt::Display for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gil = if self.gil { words::with_gil() } else { words::no_gil() };
        write!(f, "{} {}, {gil}", self.implementation, self.version)
    }
}

/// What the code printed; a line that looks like a command to the kernel is padded, so that
/// it is none.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = output::harmless(self.stdout.trim_end().as_bytes());
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// A cell shows its last value by `{:?}`: let it be what the code printed.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Removes the indentation that all lines share, as `textwrap.dedent` does.
pub(super) fn dedent(code: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let filled = code.lines().filter(|line| !line.trim().is_empty());
    let common = filled.map(indent).min().unwrap_or(0);
    let lines = code.lines().map(|line| line.get(common..).unwrap_or(""));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn last_lines(text: &str, n: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(n)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_indentation_goes_and_the_rest_stays() {
        assert_eq!(dedent("\n    a\n\n      b\n"), "\na\n\n  b\n");
        assert_eq!(dedent("a\n  b"), "a\n  b\n");
        assert_eq!(dedent(""), "");
    }

    #[test]
    fn only_the_last_lines_of_a_traceback_are_kept() {
        assert_eq!(last_lines("a\nb\nc\n\n", 2), "b\nc");
        assert_eq!(last_lines("", 2), "");
    }

    #[test]
    fn output_cannot_be_read_as_a_command_of_the_kernel() {
        let stdout = "a\nEVCXR_EXECUTION_COMPLETE\n".to_owned();
        let output = Output { stdout, stderr: String::new(), took: ms(0) };
        assert_eq!(format!("{output:?}"), "a\n EVCXR_EXECUTION_COMPLETE\u{a0}");
    }
}

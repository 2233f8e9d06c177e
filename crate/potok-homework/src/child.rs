//! Where a check runs: a forked child within limits, from which bytes come back.

use super::confine::{Folder, confine};
use super::machine::{patience, threads};
use super::{points, sys, words};
use potok_base::error::{ErrorKind, Result};
use potok_process::Limits;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a check does in its child: bytes that its judge can read.
pub(crate) type Program<'a> = Box<dyn FnOnce() -> Vec<u8> + 'a>;

/// A check gets no longer than this once another one of its cell ran out of time: an
/// exercise that hangs is told of it soon.
const AFTER_A_TIME_OUT: Duration = Duration::from_millis(1_500);

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it gave; or why it gave nothing, in words for a student.
    pub(crate) answer: std::result::Result<Vec<u8>, String>,
    pub(crate) printed: String,
    pub(crate) timed_out: bool,
}

impl Ended {
    /// There was no child.
    pub(crate) fn without_answer(why: String) -> Self {
        Ended { answer: Err(why), printed: String::new(), timed_out: false }
    }
}

/// Runs a program in a child and waits for its end.
pub(crate) fn run(limits: &Limits, hurry: bool, program: Program<'_>) -> Ended {
    match try_run(limits, hurry, program) {
        Ok(ended) => ended,
        Err(error) => Ended::without_answer(words::ended(&error)),
    }
}

fn try_run(limits: &Limits, hurry: bool, program: Program<'_>) -> Result<Ended> {
    let folder = Folder::new()?;
    let mut limits = limits.clone().keep_output();
    if hurry {
        limits = limits.wall(patience(AFTER_A_TIME_OUT));
    }
    let child = sys::fork(limits, || {
        points::let_go();
        // Where it cannot be entered, nothing can be written: no more than that.
        let _ = std::env::set_current_dir(folder.path());
        confine(folder.path()).map(|_| program())
    })?;
    let (answer, printed) = child.join_with_output();
    let answer = answer.and_then(|answer| answer);
    let timed_out =
        answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::TimedOut);
    let answer = answer.map_err(|error| words::ended(&error));
    Ok(Ended { answer, printed, timed_out })
}

/// The limits of a check: seconds where a right answer takes milliseconds. The system counts
/// a user's threads whole, so that a bound of its own would be broken by the browser next door.
pub(crate) fn limits() -> Limits {
    Limits::new()
        .wall(patience(Duration::from_secs(4)))
        .cpu(Duration::from_secs(8))
        .memory(1 << 30)
        .output(256 << 10)
        .processes(threads() + 256)
}

/// Bytes of a value, where its type is known; see [`read`].
pub(crate) fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}

/// The value that [`bytes`] were made of.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(
    bytes: &[u8],
) -> std::result::Result<T, String> {
    postcard::from_bytes(bytes).map_err(|_| crate::words::unreadable().to_owned())
}

//! Forking a check, whatever the student's cells have left running; and the pipe that the
//! kernel hands over.
//!
//! *Claimed*: a check uses no foreign code; the pipe is this crate's alone.
//!
//! *Checked*: the fork by the tests `homework` of `potok`, the pipe in the real kernel by
//! `notebooks/tests/test_homework_grading.py`; under no tool.
#![allow(unsafe_code, reason = "the file named for it")]

use potok_base::Result;
use potok_process::{Child, Limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::os::fd::{FromRawFd, RawFd};
use std::os::unix::fs::FileTypeExt;

/// The variable in which the kernel says which descriptor the pipe for points is.
const POINTS: &str = "POTOK_POINTS_FD";

/// Runs `f` in a forked child, also while other threads run.
pub(crate) fn fork<T, F>(limits: Limits, f: F) -> Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    // SAFETY: a check uses no foreign code. If its student's function takes a lock that a
    // thread of an earlier cell held, the check waits until its limit of time, which is
    // seconds, and is told to have run out of it.
    unsafe { limits.fork_among_threads(f) }
}

/// The pipe through which points are told, if the kernel opened one. To be asked for once:
/// whoever has it closes it.
pub(crate) fn points_pipe() -> Option<File> {
    let fd: RawFd = std::env::var(POINTS).ok()?.parse().ok()?;
    // The standard streams are others'; what is no pipe the kernel did not open for this.
    let kind = std::fs::metadata(format!("/proc/self/fd/{fd}")).ok()?.file_type();
    if fd < 3 || !kind.is_fifo() {
        return None;
    }
    // SAFETY: an open pipe. potok-kernel opened it for this crate alone, left it open, and
    // said so by the variable; this is called once in a process, by the cell of `points`.
    Some(unsafe { File::from_raw_fd(fd) })
}

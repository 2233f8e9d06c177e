//! A child process seen from its parent: a handle like the one of a thread.
//!
//! ```
//! use potok::prelude::*;
//!
//! let child = processes::fork(|| wait(ms(60_000)))?;
//! assert!(child.is_alive());
//! child.kill();                                 // a thread has no such method
//! let error = child.join().unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Killed(9));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a process can be ended from outside, because its memory goes with
//! it. A thread cannot: it might hold locks, or half of a change to what others use.

use super::process::Process;
use super::{report, sys};
use crate::words;
use nix::sys::signal::Signal;
use potok_base::error::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

/// A running process that will give a `T`. Dropping it kills the process.
#[derive(Debug)]
pub struct Child<T> {
    process: Process,
    answer: sys::Reader,
    received: Vec<u8>,
    result: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Child<T> {
    pub(super) fn new(process: Process, answer: sys::Reader) -> Self {
        Child { process, answer, received: vec![], result: PhantomData }
    }

    /// The number that the system knows the process by.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        self.process.is_alive()
    }

    /// Asks it to end, by SIGTERM, which a program may handle.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let child = processes::fork(|| wait(ms(60_000)))?;
    /// child.terminate();
    /// assert_eq!(child.join().unwrap_err().kind(), ErrorKind::Killed(15));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn terminate(&self) {
        self.process.signal(Signal::SIGTERM);
    }

    /// Ends it at once, by SIGKILL, which nothing can refuse.
    pub fn kill(&self) {
        self.process.end_family();
    }

    /// Passes on what it printed. Whether it runs, and within its limit of output.
    pub fn pass_on(&mut self) -> bool {
        self.process.pass_on()
    }

    /// Everything that becomes readable when it prints or ends.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.process.descriptors()
    }

    /// Waits for its result, as long as its [`Limits`](super::Limits) allow.
    ///
    /// # Errors
    /// By kind: it [panicked](ErrorKind::Panicked), [exited](ErrorKind::Exited) without a
    /// result, was [killed](ErrorKind::Killed), ran into its limit of
    /// [time](ErrorKind::TimedOut), [memory](ErrorKind::MemoryLimit) or
    /// [output](ErrorKind::OutputLimit), or its result could not be
    /// [read](ErrorKind::Undecodable).
    pub fn join(mut self) -> Result<T> {
        self.join_within(None)
    }

    /// [`join`](Child::join), with what the child printed if its
    /// [limits](super::Limits::keep_output) say to keep that: its standard output, then its
    /// standard error.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let child = processes::Limits::new().keep_output().fork(|| {
    ///     println!("six times seven");
    ///     6 * 7
    /// })?;
    /// let (result, printed) = child.join_with_output();
    /// assert_eq!((result?, printed.as_str()), (42, "six times seven\n"));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn join_with_output(mut self) -> (Result<T>, String) {
        let result = self.join_within(None);
        let kept = self.process.kept();
        let printed = [kept.out, kept.err].concat();
        (result, String::from_utf8_lossy(&printed).into_owned())
    }

    /// [`join`](Child::join) that waits at most `limit`. A child that needs longer is
    /// killed.
    ///
    /// # Errors
    /// The same as those of `join`.
    pub fn join_timeout(mut self, limit: Duration) -> Result<T> {
        self.join_within(Some(limit))
    }

    /// Waits as long as the child's own limit allows, and at most `limit`.
    fn join_within(&mut self, limit: Option<Duration>) -> Result<T> {
        let start = Instant::now();
        let named = limit.unwrap_or(self.process.limits().wall);
        let mut open = true;
        loop {
            let own = self.process.time_left();
            let left =
                limit.map_or(own, |it| own.min(it.saturating_sub(start.elapsed())));
            let answer = open.then_some(&self.answer);
            let ended = self.process.watch(answer, left)?;
            open = open && !sys::drain(&mut self.answer, &mut self.received);
            let limit = self.process.limits().output;
            if self.received.len() as u64 > limit.saturating_add(1 << 16) {
                self.process.kill();
                let text = words::too_large_result(limit);
                return Err(Error::new(ErrorKind::OutputLimit, text));
            }
            if ended {
                let answer = report::only(&self.received);
                return answer.unwrap_or_else(|| Err(self.process.why_it_ended()));
            }
            if left.is_zero() {
                self.process.kill();
                let what = words::process(self.pid());
                return Err(Error::timed_out(what, named));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fork;
    use std::io::Write;

    #[test]
    fn what_it_printed_is_kept_however_its_end_is_noticed() {
        let speak = || {
            let mut out = std::io::stdout();
            let _ = out.write_all(b"first\nlast, without an end");
        };
        let mut child = fork(speak).unwrap();
        while child.is_alive() {
            std::thread::yield_now();
        }
        child.process.end_now();
        let printed = child.process.printed();
        assert_eq!(printed.out, b"first\nlast, without an end\n");
        assert!(printed.err.is_empty());
        child.join().unwrap();
    }
}

//! What an attempt at a task has to know, on a thread or in a process.

use super::faults::Fault;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What an attempt has to know beside its task.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) worker: usize,
    pub(super) fault: Option<Fault>,
    /// Set when the result is not wanted any more.
    pub(super) cancelled: &'a AtomicBool,
    /// Bounds how long a stalled attempt sleeps.
    pub(super) task_timeout: Duration,
    /// How a worker of this kind crashes.
    pub(super) crash: fn() -> !,
}

impl Context<'_> {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// An error if the attempt was cancelled, or has stalled. One that crashes has its own
    /// end: [`crash_before_the_end`](Context::crash_before_the_end).
    pub(super) fn check_wanted(&self) -> Result<()> {
        if self.is_cancelled() || self.fault == Some(Fault::Stall) {
            return Err(Error::new(ErrorKind::TimedOut, words::attempt_cancelled()));
        }
        Ok(())
    }

    /// Crashes, if this attempt has that fault. Its work is done by then, and lost with it.
    pub(super) fn crash_before_the_end(&self) {
        if self.fault == Some(Fault::Crash) {
            (self.crash)();
        }
    }

    /// Stalls, if this attempt has that fault. A stall ends with cancellation.
    pub(super) fn stall(&self) -> ControlFlow<()> {
        match self.fault {
            None | Some(Fault::Crash) => ControlFlow::Continue(()),
            Some(Fault::Stall) => {
                let nap = Duration::from_millis(1);
                let naps = 2 * self.task_timeout.as_millis();
                for _ in 0..naps {
                    if self.is_cancelled() {
                        break;
                    }
                    std::thread::sleep(nap);
                }
                ControlFlow::Break(())
            }
        }
    }
}

/// How a thread crashes. Not `panic!`: that would write a message below the cell.
pub(super) fn crash_thread() -> ! {
    std::panic::resume_unwind(Box::new(words::crash()))
}

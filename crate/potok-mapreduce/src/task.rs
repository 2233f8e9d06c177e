//! What an attempt at a task has to know, whoever runs it.

use super::faults::Fault;
use potok_base::error::{Error, ErrorKind, Result};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What an attempt has to know beside its task.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) worker: usize,
    pub(super) fault: Option<Fault>,
    /// Set when nobody wants the result any more.
    pub(super) cancelled: &'a AtomicBool,
    /// How long a stalled attempt stays away at most.
    pub(super) task_deadline: Duration,
    /// How a worker of this kind crashes.
    pub(super) crash: fn() -> !,
}

impl Context<'_> {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// An error once nobody wants the result any more.
    pub(super) fn go_on(&self) -> Result<()> {
        if self.is_cancelled() || self.fault.is_some() {
            return Err(Error::new(
                ErrorKind::TimedOut,
                "nobody waits for it any more",
            ));
        }
        Ok(())
    }

    /// Crashes, or stays away until nobody wants the result any more, if it has to.
    pub(super) fn fail_on_purpose(&self) -> ControlFlow<()> {
        match self.fault {
            None => ControlFlow::Continue(()),
            Some(Fault::Crash) => (self.crash)(),
            Some(Fault::Stall) => {
                let nap = Duration::from_millis(1);
                let naps = 2 * self.task_deadline.as_millis();
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
    std::panic::resume_unwind(Box::new("a crash on purpose"))
}

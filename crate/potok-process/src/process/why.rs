//! Why a process gave no result, told from how it ended.

use super::Process;
use crate::words;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use potok_base::error::{Error, ErrorKind};
use potok_base::units::duration;

impl Process {
    /// The error in the place of the result.
    pub(crate) fn why_it_ended(&self) -> Error {
        let who = words::process(self.pid);
        match self.end {
            Some(WaitStatus::Signaled(_, signal, _)) => self.why_killed(&who, signal),
            Some(WaitStatus::Exited(_, code)) => Error::new(
                ErrorKind::Exited(code),
                words::exited(who, code, self.last_words()),
            ),
            _ => Error::new(ErrorKind::Disconnected, words::no_result(who)),
        }
    }

    fn why_killed(&self, who: &str, signal: Signal) -> Error {
        let limits = &self.limits;
        let out_of_memory = limits.memory.is_some()
            && signal == Signal::SIGABRT
            && self.output.out_of_memory();
        match (signal, limits.cpu, limits.memory) {
            (Signal::SIGXCPU, Some(cpu), _) => {
                Error::new(ErrorKind::TimedOut, words::too_much_cpu(who, duration(cpu)))
            }
            (_, _, Some(memory)) if out_of_memory => Error::new(
                ErrorKind::MemoryLimit,
                words::too_much_memory(who, memory >> 20),
            ),
            _ => {
                let meaning = match signal {
                    Signal::SIGSEGV | Signal::SIGBUS => words::foreign_memory(),
                    Signal::SIGABRT => words::gave_up(),
                    Signal::SIGKILL => words::ended_by_somebody(),
                    Signal::SIGTERM => words::asked_to_end(),
                    _ => "",
                };
                let last = self.last_words();
                Error::new(
                    ErrorKind::Killed(signal as i32),
                    words::killed(who, signal, meaning, last),
                )
            }
        }
    }

    fn last_words(&self) -> String {
        let last = self.output.last_words();
        if last.is_empty() { last } else { words::it_said(last) }
    }
}

//! A child process as the system sees it: id, limits, end.
//!
//! Nothing runs in the background. What a child prints stays in a pipe until a thread waits
//! for the child, and that thread shows it.

mod why;

use super::child_output::{ChildOutput, Printed};
use super::{Limits, sys};
use crate::words;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::foreign::{NOT_YET, end_left_behind};
use potok_base::sync::lock;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Process {
    pid: Pid,
    pidfd: OwnedFd,
    owner: u32,
    started: Instant,
    limits: Limits,
    output: ChildOutput,
    /// What it printed, where nobody is to be shown it.
    kept: Option<Printed>,
    end: Option<WaitStatus>,
    /// The descendants that were ended with it.
    family: Mutex<Vec<Pid>>,
}

impl Process {
    pub(super) fn new(pid: Pid, output: ChildOutput, limits: Limits) -> Result<Self> {
        // Both sides set the group, so that it exists whoever runs first.
        let _ = nix::unistd::setpgid(pid, pid);
        let pidfd = sys::pidfd(pid).map_err(|error| {
            let _ = kill(pid, Signal::SIGKILL);
            let _ = waitpid(pid, None);
            Error::io(words::process_not_watched(pid), &error)
        })?;
        let (owner, started) = (std::process::id(), Instant::now());
        let kept = limits.keeps_output.then(Printed::default);
        let (end, family) = (None, Mutex::default());
        Ok(Process { pid, pidfd, owner, started, limits, output, kept, end, family })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What is left of its time on the wall.
    pub(super) fn time_left(&self) -> Duration {
        self.limits.wall.saturating_sub(self.started.elapsed())
    }

    /// Whether it still runs. It is not reaped here.
    pub(super) fn is_alive(&self) -> bool {
        self.end.is_none() && end_left_behind(self.pid, NOT_YET) == Ok(false)
    }

    pub(super) fn signal(&self, signal: Signal) {
        if self.end.is_none() {
            let _ = kill(self.pid, signal);
        }
    }

    /// Kills it and all that it started; they are reaped later.
    pub(super) fn end_family(&self) {
        if self.end.is_none() {
            lock(&self.family).extend(sys::end_family(self.pid));
        }
    }

    /// Kills it and all it started; leaves no zombie.
    pub(super) fn end_now(&mut self) {
        if self.end.is_none() && self.owner == std::process::id() {
            self.end_family();
            self.reap(WaitPidFlag::empty());
        }
    }

    /// [`end_now`](Process::end_now), and shows the rest of its output.
    pub(super) fn kill(&mut self) {
        self.end_now();
        self.show();
    }

    /// Waits at most `limit` for the child to end or to write to `answer` or its output;
    /// shows what it printed. Whether it has ended.
    ///
    /// # Errors
    /// It printed more than its limit; it is then killed.
    pub(super) fn watch(
        &mut self,
        answer: Option<&sys::Reader>,
        limit: Duration,
    ) -> Result<bool> {
        if self.end.is_none() {
            let mut fds = vec![self.pidfd.as_fd()];
            fds.extend(answer.map(AsFd::as_fd));
            fds.extend(self.output.open());
            if sys::wait_readable(&fds, Some(limit))[0] {
                self.reap(WaitPidFlag::empty());
            }
            self.output.take_in();
        }
        self.show();
        if let Some(error) = self.over_limit() {
            self.kill();
            return Err(error);
        }
        Ok(self.end.is_some())
    }

    /// Everything that becomes readable when it prints or ends.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        let [out, err] = self.output.readers();
        vec![self.pidfd.as_fd(), out, err]
    }

    /// Shows what it printed. Whether it is alive and within its limit of output.
    pub(super) fn pass_on(&mut self) -> bool {
        self.take_in();
        self.reap(NOT_YET);
        let goes_on = self.end.is_none() && self.over_limit().is_none();
        self.show();
        goes_on
    }

    /// Takes in what it printed.
    pub(super) fn take_in(&mut self) {
        self.output.take_in();
    }

    /// What it printed, if that was kept.
    pub(super) fn kept(&mut self) -> Printed {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What it printed and nobody was shown yet.
    pub(super) fn printed(&mut self) -> Printed {
        self.output.printed()
    }

    fn show(&mut self) {
        // In a child that was forked this is a copy; the parent shows it.
        if self.owner != std::process::id() {
            return;
        }
        let printed = self.printed();
        match &mut self.kept {
            Some(kept) => kept.add(&printed),
            None => printed.show(),
        }
    }

    /// The limit of output counts from here on.
    pub(super) fn count_anew(&mut self) {
        self.output.count_anew();
    }

    /// That it printed more than it may, if it did.
    pub(super) fn over_limit(&self) -> Option<Error> {
        let (pid, bytes) = (self.pid, self.limits.output);
        let text = || words::too_much_output(words::process(pid), bytes);
        (self.output.seen() > bytes).then(|| Error::new(ErrorKind::OutputLimit, text()))
    }

    /// Reaps the process; everything it started ends with it.
    ///
    /// In which order, and why, says [`end_left_behind`].
    fn reap(&mut self, flags: WaitPidFlag) {
        if self.end.is_some() {
            return;
        }
        let end = match end_left_behind(self.pid, flags) {
            Ok(false) => return,
            Ok(true) => {
                let end = waitpid(self.pid, None);
                sys::collect_adopted(self.pid, &lock(&self.family));
                end
            }
            Err(error) => Err(error),
        };
        // Somebody else collected it: all we know is that it ended. Its number may belong
        // to others by now.
        self.end = Some(end.unwrap_or(WaitStatus::Exited(self.pid, 0)));
        self.output.finish();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use crate::{Child, fork};
    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::Pid;

    /// A child that leaves, by itself and at once, a process of its group behind.
    fn leave_one_behind() -> (Child<()>, u32) {
        let (ours, theirs) = crate::pipe::<(), u32>().unwrap();
        let child = fork(|| {
            let sleeper = std::process::Command::new("sleep").arg("600").spawn();
            theirs.send(&sleeper.unwrap().id()).unwrap();
            crate::sys::leave(0)
        });
        (child.unwrap(), ours.recv().unwrap())
    }

    /// Whoever collects a child frees its number, and the system may give it to others.
    #[test]
    fn the_group_of_a_child_that_somebody_else_collected_is_left_alone() {
        let (child, sleeper) = leave_one_behind();
        let leader = Pid::from_raw(child.pid().cast_signed());
        assert_eq!(waitpid(leader, None), Ok(WaitStatus::Exited(leader, 0)));
        assert!(!child.is_alive());
        // A group that is killed would be so before `is_alive` returns.
        let sleeper = Pid::from_raw(sleeper.cast_signed());
        assert_eq!(kill(sleeper, None), Ok(()));
        let stat = std::fs::read_to_string(format!("/proc/{sleeper}/stat")).unwrap();
        kill(sleeper, Signal::SIGKILL).unwrap();
        assert!(!stat.contains(") Z"), "{stat}");
    }

    #[test]
    fn a_copy_of_a_handle_in_another_child_ends_nobody() {
        let (open, gate) = crate::pipe::<(), ()>().unwrap();
        let child = fork(|| gate.recv()).unwrap();
        let other = fork(|| child.is_alive()).unwrap();
        // The other is no parent of the child, so it cannot tell.
        assert!(!other.join().unwrap());
        assert!(child.is_alive());
        open.send(&()).unwrap();
        child.join().unwrap().unwrap();
    }
}

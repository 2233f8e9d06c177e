//! A program and all that it starts, ended together.
//!
//! *What to notice*: a process that is killed cannot clean up. So that an interrupted cell
//! leaves nothing behind, a guard does it: a process that waits for the end of a pipe, which
//! comes when the process at the other end no longer exists.

use super::Folder;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

/// What the guard does, with the number of the group and the folder as arguments. A line
/// says that the leader is about to be reaped: afterwards its number may be reused.
const GUARD: &str =
    r#"if read _; then read _; else kill -s KILL -- "-$1"; fi; rm -rf -- "$2""#;

/// A child that leads a process group. The whole group is killed on drop.
#[derive(Debug)]
pub struct ProcessGroup {
    /// The program that was started.
    pub leader: Child,
    guard: Option<Child>,
    /// The leader's status, once it was reaped.
    status: Option<ExitStatus>,
}

impl ProcessGroup {
    /// Starts a program. If this process ends before it, a guard removes `folder` too.
    pub fn start(command: &mut Command, folder: &Folder) -> io::Result<Self> {
        let leader = command.process_group(0).spawn()?;
        let mut group = ProcessGroup { leader, guard: None, status: None };
        let guard = Command::new("sh")
            .args(["-c", GUARD, "potok-guard"])
            .arg(group.leader.id().to_string())
            .arg(&folder.0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What ends this process and its group shall not end the guard.
            .process_group(0)
            .spawn()?;
        group.guard = Some(guard);
        Ok(group)
    }

    /// The leader's status once it has ended; what it left behind is killed then.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() && end_left_behind(pid_of(&self.leader), NOT_YET)? {
            self.collect()?;
        }
        Ok(self.status)
    }

    /// Collects the leader, whose group was killed: afterwards the number of both is free.
    fn collect(&mut self) -> io::Result<()> {
        let guard = self.guard.as_mut().and_then(|guard| guard.stdin.as_mut());
        // A guard that is no more needs no word.
        let _ = guard.map(|line| line.write_all(b"\n"));
        // It has ended or was killed, so this does not take long.
        self.status = Some(self.leader.wait()?);
        Ok(())
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        // If its state cannot be read, something else has reaped it.
        if self.status.is_none()
            && end_left_behind(pid_of(&self.leader), NOT_YET).is_ok()
        {
            end_group(&self.leader);
            let _ = self.collect();
        }
        if let Some(guard) = &mut self.guard {
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }
}

/// For [`end_left_behind`]: do not wait for the end.
pub const NOT_YET: WaitPidFlag = WaitPidFlag::WNOHANG;

/// Whether a child that leads a group has ended. If so, what it left behind in its group is
/// killed, and the child is to be collected next.
///
/// In this order, as a number that is collected may be given to others: as long as the child
/// is not, nobody else can get its number, which is the group's, too.
///
/// # Errors
/// Somebody else collected it. Its number may belong to others by now: nothing was killed.
pub fn end_left_behind(leader: Pid, flags: WaitPidFlag) -> nix::Result<bool> {
    let look = flags | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    loop {
        match waitid(Id::Pid(leader), look) {
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
            Ok(WaitStatus::StillAlive) => return Ok(false),
            Ok(_) => {
                // The group may be gone already, which is what is wanted.
                let _ = killpg(leader, Signal::SIGKILL);
                return Ok(true);
            }
        }
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// Kills a leader that was not collected yet, and all that is in its group.
pub fn end_group(leader: &Child) {
    let _ = killpg(pid_of(leader), Signal::SIGKILL);
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::kill;
    use nix::sys::wait::waitpid;
    use std::time::{Duration, Instant};

    /// A leader that starts a sleeper in its group, says its number, and ends.
    fn start(folder: &Folder) -> (ProcessGroup, Pid) {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 >&- 2>&- & echo $!"]).stdout(Stdio::piped());
        let mut group = ProcessGroup::start(&mut command, folder).unwrap();
        let out = group.leader.stdout.take().unwrap();
        let number = io::read_to_string(out).unwrap();
        (group, Pid::from_raw(number.trim().parse().unwrap()))
    }

    fn is_running(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z"))
    }

    #[test]
    fn what_a_leader_left_behind_ends_with_it_and_the_status_stays() {
        let folder = Folder::new("group").unwrap();
        let (mut group, sleeper) = start(&folder);
        assert!(soon(|| group.try_wait().unwrap().is_some()));
        assert!(group.try_wait().unwrap().unwrap().success());
        assert!(soon(|| !is_running(sleeper)));
    }

    /// Whether it comes true before a deadline.
    fn soon(mut is_so: impl FnMut() -> bool) -> bool {
        let start = Instant::now();
        while !is_so() {
            if start.elapsed() > Duration::from_secs(20) {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }

    /// Its number is free then, and the system may give it to another group.
    #[test]
    fn the_group_of_a_leader_that_was_reaped_elsewhere_is_left_alone() {
        let folder = Folder::new("group").unwrap();
        let (mut group, sleeper) = start(&folder);
        let leader = Pid::from_raw(group.leader.id().cast_signed());
        waitpid(leader, None).unwrap();
        assert!(group.try_wait().is_err());
        let stays = is_running(sleeper);
        kill(sleeper, Signal::SIGKILL).unwrap();
        assert!(stays);
    }
}

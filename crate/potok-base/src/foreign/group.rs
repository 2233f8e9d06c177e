//! A program and all that it starts, ended together.
//!
//! *What to notice*: who is killed cannot clean up. So that an interrupted cell leaves
//! nothing behind, a guard does it: a process that only waits for the end of a pipe, which
//! comes when the one that holds the other side is no more.

use super::Folder;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

/// What the guard does, with the number of the group and the folder as arguments.
const GUARD: &str = r#"read _; kill -s KILL -- "-$1"; rm -rf -- "$2""#;

/// A child that leads a process group; all of it is gone when this is.
#[derive(Debug)]
pub struct Group {
    /// The program that was started.
    pub leader: Child,
    guard: Option<Child>,
}

impl Group {
    /// Starts a program. If this process ends before it, a guard removes `folder` too.
    pub fn start(command: &mut Command, folder: &Folder) -> io::Result<Self> {
        let leader = command.process_group(0).spawn()?;
        let mut group = Group { leader, guard: None };
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

    /// The leader's status once it has ended; what it left behind is ended then.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.leader.try_wait()?;
        if status.is_some() {
            end_group(&self.leader);
        }
        Ok(status)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.leader.try_wait(), Ok(None)) {
            end_group(&self.leader);
            // Reaps it. It was killed, so this does not take long.
            let _ = self.leader.wait();
        }
        if let Some(guard) = &mut self.guard {
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }
}

/// Kills a leader and all that is in its group.
pub fn end_group(leader: &Child) {
    if let Ok(id) = i32::try_from(leader.id()) {
        // The group may be gone already, which is what is wanted.
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
}

//! An end to all that a process started, also to what left its group.
//!
//! *What to notice*: a grandchild that calls `setsid`, or whose parent ends at once, is out
//! of reach of `killpg`. It stays in reach of its ancestors as long as one of them adopts
//! what is left alone: each child of ours is such a *subreaper*. So whoever ends it, or
//! itself when it leaves, finds all that it started below it.

use super::pidfd;
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// From now on this process adopts the descendants of its children.
pub(super) fn adopt() {
    // An old kernel knows no such thing; then what leaves its group gets away.
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

/// Ends a child of ours and all that it started; those others.
pub(crate) fn end_family(child: Pid) -> Vec<Pid> {
    // Stopped, it starts no more.
    let _ = kill(child, Signal::SIGSTOP);
    let others = end_descendants(child);
    let _ = kill(child, Signal::SIGKILL);
    others
}

/// Collects the ends of what we may have adopted from a child of ours that is gone: these,
/// and the members of its group. They have been killed.
pub(crate) fn collect_adopted(group: Pid, others: &[Pid]) {
    let members = Pid::from_raw(-group.as_raw());
    for adopted in others.iter().copied().chain([members]) {
        // Only what is a child of ours can be waited for: most often nothing is.
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match waitpid(adopted, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok(_) if adopted == members => {}
                _ => break,
            }
        }
    }
}

/// What was killed may take so long to end, where many end at once.
const PATIENCE: Duration = Duration::from_millis(200);

/// Ends all that the process started and that is still there: those.
pub(crate) fn end_descendants(of: Pid) -> Vec<Pid> {
    let mut ended = HashSet::new();
    // Those that are about to start others may be quicker once or twice.
    for _ in 0..8 {
        let mut parents = vec![of];
        let mut new = 0;
        while let Some(parent) = parents.pop() {
            for child in children(parent) {
                parents.push(child);
                new += usize::from(ended.insert(child) && end(parent, child));
            }
        }
        if new == 0 {
            break;
        }
    }
    ended.into_iter().collect()
}

/// Ends a process if it is, for sure, a child of that parent.
fn end(parent: Pid, child: Pid) -> bool {
    let Ok(held) = pidfd(child) else { return false };
    // What has this number now keeps it as long as it is held.
    children(parent).contains(&child) && send_kill(&held).is_ok()
}

fn send_kill(process: &OwnedFd) -> nix::Result<()> {
    // SAFETY: takes numbers, and no information about the signal.
    let done = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            process.as_raw_fd(),
            libc::SIGKILL,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    Errno::result(done).map(drop)
}

/// The children of all threads of a process; none where the system does not tell.
fn children(of: Pid) -> Vec<Pid> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{of}/task")) else {
        return vec![];
    };
    let lists = threads.flatten().map(|thread| {
        std::fs::read_to_string(thread.path().join("children")).unwrap_or_default()
    });
    let numbers = |list: String| {
        let numbers = list.split_whitespace().filter_map(|word| word.parse().ok());
        numbers.map(Pid::from_raw).collect::<Vec<_>>()
    };
    lists.flat_map(numbers).collect()
}

//! An end to all that a process started, also to what left its group.
//!
//! *What to notice*: a grandchild that calls `setsid`, or whose parent ends at once, is out
//! of reach of `killpg`. It stays in reach of its ancestors as long as one of them adopts
//! what is left alone: each child of ours is such a *subreaper*. So all that it started is
//! found below it, by the process that ends it and by the child itself when it leaves.
//!
//! *Claimed*: one system call, which takes numbers and a null pointer.
//!
//! *Checked*: the unit tests of `process`, with the children that they end, by AddressSanitizer.

use super::pidfd;
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// From now on this process adopts the descendants of its children.
pub(super) fn adopt() {
    // An old kernel lacks this call; there, what leaves its group is not found.
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

/// Ends a child of ours and all that it started. Returns what it had started.
pub(crate) fn end_family(child: Pid) -> Vec<Pid> {
    // A stopped process starts no others.
    let _ = kill(child, Signal::SIGSTOP);
    let others = end_descendants(child);
    let _ = kill(child, Signal::SIGKILL);
    others
}

/// Reaps what this process may have adopted from a child that is gone: `others`, and the
/// members of its group. All of them have been killed.
pub(crate) fn collect_adopted(group: Pid, others: &[Pid]) {
    let members = Pid::from_raw(-group.as_raw());
    for adopted in others.iter().copied().chain([members]) {
        // Only children of ours can be waited for, and most often none of these is one.
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

/// How long killed processes may take to end where many end at once.
const PATIENCE: Duration = Duration::from_millis(200);

/// Ends all running descendants of a process, and returns them.
///
/// Descendants are killed before their parents, so that each still has the parent that it
/// was found below. One that is started or adopted meanwhile is found in the next round,
/// which begins when those killed are gone: until then, a process that is changing parents
/// could be seen below neither.
pub(crate) fn end_descendants(of: Pid) -> Vec<Pid> {
    let mut ended = HashSet::new();
    for _ in 0..ROUNDS {
        let mut found = vec![(of, of)];
        let mut next = 0;
        while let Some(&(_, parent)) = found.get(next) {
            found.extend(children(parent).into_iter().map(|child| (parent, child)));
            next += 1;
        }
        let mut killed = vec![];
        for &(parent, child) in found[1..].iter().rev() {
            if !ended.contains(&child)
                && let Some(held) = end(parent, child)
            {
                ended.insert(child);
                killed.push(held);
            }
        }
        if killed.is_empty()
            && found[1..].iter().all(|(_, child)| ended.contains(child))
        {
            break;
        }
        for held in killed {
            wait_for_end(&held);
        }
    }
    ended.into_iter().collect()
}

/// The most rounds. More would not help: what starts processes faster than they can be ended
/// is stopped by a limit on processes alone.
const ROUNDS: usize = 32;

/// Kills a process if it is certainly a child of that parent. Returns its descriptor.
fn end(parent: Pid, child: Pid) -> Option<OwnedFd> {
    let held = pidfd(child).ok()?;
    // While the descriptor is open, no other process can get this number.
    (children(parent).contains(&child) && send_kill(&held).is_ok()).then_some(held)
}

/// Waits for the end of a process that was killed, for a limited time.
fn wait_for_end(killed: &OwnedFd) {
    let patience = PollTimeout::try_from(PATIENCE).unwrap_or(PollTimeout::ZERO);
    // If it has not ended by then, the next round finds it.
    let _ = poll(&mut [PollFd::new(killed.as_fd(), PollFlags::POLLIN)], patience);
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

/// The children of all threads of a process; empty where the system does not list them.
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

//! Waiting for descriptors, for a limited time.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// How long to poll for something that may be on its way, before a thread goes to sleep.
const MOMENT: Duration = Duration::from_micros(30);

/// Waits until one of the descriptors can be read or its other side is gone, at most
/// for `limit`. Says which ones.
pub(crate) fn wait_readable(
    fds: &[BorrowedFd<'_>],
    limit: Option<Duration>,
) -> Vec<bool> {
    let mut polled: Vec<PollFd<'_>> =
        fds.iter().map(|&fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
    let timeout = limit.map_or(PollTimeout::NONE, timeout);
    // An interrupted poll reports nothing ready, and the callers ask again.
    let _ = poll(&mut polled, timeout);
    polled.iter().map(|fd| fd.any().unwrap_or(false)).collect()
}

/// Polls for a moment, yielding the core in between: an answer that is on its way arrives
/// sooner than a sleeping thread wakes up, above all on another core of a virtual machine.
pub(crate) fn look_again(mut is_there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_there() && start.elapsed() < MOMENT {
        std::thread::yield_now();
    }
}

/// Whether there is something to read, or the other side is gone.
pub(crate) fn is_readable(fd: BorrowedFd<'_>) -> bool {
    wait_readable(&[fd], Some(Duration::ZERO))[0]
}

/// Waits for something to read, at most for `limit`.
pub(crate) fn wait_for_more(fd: BorrowedFd<'_>, limit: Duration) {
    let mut there = false;
    look_again(|| {
        there = is_readable(fd);
        there
    });
    if !there {
        wait_readable(&[fd], Some(limit));
    }
}

/// Waits until the socket takes more, at most for `limit`.
pub(crate) fn wait_writable(socket: &impl AsFd, limit: Duration) {
    let mut polled = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    let _ = poll(&mut polled, timeout(limit));
}

/// Rounded up: waking early would only mean waiting again.
fn timeout(limit: Duration) -> PollTimeout {
    let millis = limit.as_micros().div_ceil(1_000);
    PollTimeout::try_from(millis.min(60_000)).unwrap_or(PollTimeout::MAX)
}

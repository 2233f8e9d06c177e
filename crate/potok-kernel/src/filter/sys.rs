//! Forking the filter, and waiting for several files at once. The unsafe part of it.
//!
//! *Claimed*: the process has one thread when it forks; standard descriptors are replaced by
//! open ones, and owned by nobody else.
//!
//! *Checked*: in the real kernel, by `notebooks/tests/test_processes.py`; under no tool.
#![allow(unsafe_code, reason = "the file named for it")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// What the filter reads from, writes to and looks after.
pub(super) struct Pipes {
    pub(super) out: File,
    pub(super) err: File,
    pub(super) real_out: File,
    pub(super) real_err: File,
    pub(super) runtime: Runtime,
}

/// The process that runs the cells. Where the system has no handle for it (before Linux
/// 5.3), its end is seen by its outputs alone.
pub(super) struct Runtime(Option<OwnedFd>);

impl Runtime {
    fn me() -> Self {
        #[cfg(target_os = "linux")]
        {
            Runtime(crate::sys::pidfd(std::process::id().cast_signed()).ok())
        }
        #[cfg(not(target_os = "linux"))]
        Runtime(None)
    }

    /// Ends it, if it still runs.
    pub(super) fn kill(&self) {
        #[cfg(target_os = "linux")]
        if let Some(fd) = &self.0 {
            let no_info = std::ptr::null::<libc::siginfo_t>();
            // SAFETY: a handle of ours names the process, so it can be no other one; no
            // information is passed along.
            unsafe {
                libc::syscall(
                    libc::SYS_pidfd_send_signal,
                    fd.as_raw_fd(),
                    libc::SIGKILL,
                    no_info,
                    0,
                );
            }
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// There is something to read.
    Output,
    /// Nobody reads any more.
    Unread,
    /// The process that ran the cells has ended.
    Died,
}

/// Forks: in the new process, which is nobody's child, gives the pipes; in this one
/// connects the outputs to them.
pub(super) fn fork_filter() -> io::Result<Option<Pipes>> {
    let (out, to_out) = io::pipe()?;
    let (err, to_err) = io::pipe()?;
    let runtime = Runtime::me();
    // SAFETY: this process has one thread, so its copy is whole.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // Once more, so that a cell that waits for its children never meets this one.
            // SAFETY: as above.
            match unsafe { libc::fork() } {
                0 => {}
                _ => exit(0),
            }
            let out = OwnedFd::from(out);
            let err = OwnedFd::from(err);
            drop((to_out, to_err));
            // evcxr must see that nobody reads its orders once the other process is gone.
            let null = File::open("/dev/null")?;
            replace(null.as_raw_fd(), 0)?;
            // SAFETY: both are open, and only this process's, which uses them in no other
            // way: nothing here prints.
            let (real_out, real_err) =
                unsafe { (File::from_raw_fd(1), File::from_raw_fd(2)) };
            let (out, err) = (out.into(), err.into());
            Ok(Some(Pipes { out, err, real_out, real_err, runtime }))
        }
        child => {
            // SAFETY: a child of ours; its status is not asked for.
            unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
            replace(to_out.as_raw_fd(), 1)?;
            replace(to_err.as_raw_fd(), 2)?;
            #[cfg(target_os = "linux")]
            // SAFETY: one number for an open pipe; if the system refuses, it stays small.
            unsafe {
                libc::fcntl(1, libc::F_SETPIPE_SZ, 1 << 20);
            }
            Ok(None)
        }
    }
}

fn replace(with: RawFd, fd: RawFd) -> io::Result<()> {
    // SAFETY: only the standard descriptors are replaced, by open ones.
    match unsafe { libc::dup2(with, fd) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Ends this process at once: what the other one left to do at its exit is not ours.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: does not return and touches no memory.
    unsafe { libc::_exit(code) }
}

/// Waits until something happens, or for the given time; then nothing is the answer.
pub(super) fn wait(
    out: &File,
    out_open: bool,
    err: &File,
    err_open: bool,
    real_out: &File,
    runtime: &Runtime,
    limit: Option<Duration>,
) -> io::Result<Vec<Event>> {
    // A negative number is passed over.
    let fd = |file: &File, open: bool| if open { file.as_raw_fd() } else { -1 };
    let process = runtime.0.as_ref().map_or(-1, AsRawFd::as_raw_fd);
    let mut polled = [
        poll_for(fd(out, out_open), libc::POLLIN),
        poll_for(fd(err, err_open), libc::POLLIN),
        poll_for(real_out.as_raw_fd(), 0),
        poll_for(process, libc::POLLIN),
    ];
    poll(&mut polled, limit)?;
    let events = [Event::Output, Event::Output, Event::Unread, Event::Died];
    let happened = polled.iter().zip(events).filter(|(polled, _)| polled.revents != 0);
    Ok(happened.map(|(_, event)| event).collect())
}

/// Whether reading would not wait, now or within the time.
pub(super) fn ready(file: &File, time: Duration) -> bool {
    let mut polled = [poll_for(file.as_raw_fd(), libc::POLLIN)];
    poll(&mut polled, Some(time)).is_ok() && polled[0].revents != 0
}

fn poll_for(fd: RawFd, events: libc::c_short) -> libc::pollfd {
    libc::pollfd { fd, events, revents: 0 }
}

fn poll(polled: &mut [libc::pollfd], limit: Option<Duration>) -> io::Result<()> {
    let limit = limit.map_or(-1, |limit| limit.as_millis() as libc::c_int);
    loop {
        // SAFETY: the array and its length belong together.
        let n = unsafe {
            libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, limit)
        };
        if n >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

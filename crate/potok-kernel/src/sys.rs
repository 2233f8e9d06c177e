//! The few system calls that std does not have. All other `unsafe` of this crate is in
//! `filter/sys.rs` and `worker/sys.rs`.
//!
//! *Claimed*: system calls get numbers, or places of ours that live through the call. That
//! nobody reads the environment yet, or that nobody owns a number, is what the callers of
//! `set_variable`, `hand_down` and `close` have to see to: each says so.
//!
//! *Checked*: the unit tests `sys` by valgrind's memcheck. AddressSanitizer would have all of
//! rust-analyzer compiled anew.
#![allow(unsafe_code, reason = "the file named for it")]

use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};
#[cfg(target_os = "linux")]
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::ptr;

/// The signals that ask a program to end: held back, they can be waited for.
#[derive(Clone, Copy)]
pub(crate) struct Ending(libc::sigset_t);

impl Ending {
    /// Holds them back in this thread, and in the threads and programs it starts.
    pub(crate) fn block() -> io::Result<Self> {
        let ending = Ending::new();
        ending.mask(libc::SIG_BLOCK)?;
        Ok(ending)
    }

    /// Lets them through again, in a program that inherited the block.
    pub(crate) fn release() -> io::Result<()> {
        Ending::new().mask(libc::SIG_UNBLOCK)
    }

    fn new() -> Self {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset initialises the set that it is given, and cannot fail.
        let mut set = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            set.assume_init()
        };
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
            // SAFETY: an initialised set of ours, and signals that exist.
            unsafe { libc::sigaddset(&mut set, signal) };
        }
        Ending(set)
    }

    fn mask(&self, how: libc::c_int) -> io::Result<()> {
        // SAFETY: an initialised set; the old mask is not asked for.
        match unsafe { libc::pthread_sigmask(how, &self.0, ptr::null_mut()) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Waits for one of them.
    pub(crate) fn wait(&self) -> io::Result<libc::c_int> {
        let mut signal = 0;
        // SAFETY: both point to values of ours that live through the call.
        match unsafe { libc::sigwait(&self.0, &mut signal) } {
            0 => Ok(signal),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

/// Ends a process group whose leader is a child that has not been waited for, so that the
/// id is still its own.
pub(crate) fn kill_group(group: libc::pid_t) {
    // SAFETY: no memory is involved.
    unsafe { libc::killpg(group, libc::SIGKILL) };
}

/// The end of a child, to be waited for without taking its exit status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended(libc::id_t);

impl Ended {
    pub(crate) fn of(child: libc::id_t) -> Self {
        Ended(child)
    }

    /// Waits for it.
    pub(crate) fn wait(self) {
        let options = libc::WEXITED | libc::WNOWAIT;
        loop {
            let mut info = MaybeUninit::<libc::siginfo_t>::uninit();
            // SAFETY: `info` is ours, large enough, and lives through the call.
            let done = unsafe {
                libc::waitid(libc::P_PID, self.0, info.as_mut_ptr(), options)
            };
            let interrupted =
                || io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
            if done == 0 || !interrupted() {
                return;
            }
        }
    }
}

/// Asks for SIGKILL when the thread that started this process ends. On other systems than
/// Linux a kernel whose `start` was killed ends when Jupyter's sockets close.
pub(crate) fn die_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: this option takes one number and touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// Has the allocator give back to the system what this thread has freed, and what others
/// have freed for it.
pub(crate) fn give_memory_back() {
    // evcxr_jupyter's allocator, mimalloc, is this program's. libmimalloc-sys declares this
    // only with a feature that has the allocator and evcxr_jupyter compiled once more.
    unsafe extern "C" {
        fn mi_collect(force: bool);
    }
    // SAFETY: takes a flag; may be called at any time, by any thread, for itself.
    unsafe { mi_collect(true) };
}

/// Keeps the memory and the descriptors of this process from all others but root's, those
/// that it forks included. On other systems than Linux nothing is graded.
pub(crate) fn seclude() {
    #[cfg(target_os = "linux")]
    // SAFETY: this option takes one number and touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
    }
}

/// The process that started this one.
pub(crate) fn parent() -> libc::pid_t {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getppid() }
}

/// Puts another file in the standard input's place; what was there before.
pub(crate) fn replace_stdin(with: &impl AsRawFd) -> io::Result<std::fs::File> {
    let before = io::stdin().as_fd().try_clone_to_owned()?;
    // SAFETY: only the standard input is replaced, by an open file; nothing has read yet.
    match unsafe { libc::dup2(with.as_raw_fd(), 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(before.into()),
    }
}

/// Gives an open file a number under which the programs that are started have it, too.
pub(crate) fn hand_down(file: &impl AsRawFd, number: i32) -> io::Result<()> {
    // SAFETY: the number is one that nothing of this process has yet; the copy is closed by
    // nobody but [`close`].
    match unsafe { libc::dup2(file.as_raw_fd(), number) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Closes a file that was handed down under this number.
pub(crate) fn close(number: i32) {
    // SAFETY: no value of this process owns it: it came from the program that started this.
    unsafe { libc::close(number) };
}

/// Asks this process to end, as somebody else would.
pub(crate) fn ask_to_end() {
    // SAFETY: no memory is involved.
    unsafe { libc::kill(libc::getpid(), libc::SIGTERM) };
}

/// Sets a variable of this process and of those it starts. Only for the very beginning,
/// while it has one thread.
pub(crate) fn set_variable(variable: &str, value: impl AsRef<OsStr>) {
    // SAFETY: the caller has started no thread yet, so nobody reads the environment now.
    unsafe { std::env::set_var(variable, value) };
}

/// Whether a user may talk to this kernel: its own, and root, who can do so anyway.
pub(crate) fn is_welcome(other: libc::uid_t) -> bool {
    other == user() || other == 0
}

/// The user whose rights this process has.
pub(crate) fn user() -> libc::uid_t {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// The user whose process is at the other end of a Unix socket.
pub(crate) fn peer(stream: &UnixStream) -> io::Result<libc::uid_t> {
    let fd = stream.as_raw_fd();
    #[cfg(target_os = "linux")]
    {
        let mut found = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut size = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: `found` is ours, as large as `size` says, and lives through the call.
        let done = unsafe {
            let place = (&raw mut found).cast();
            libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, place, &mut size)
        };
        if done == 0 { Ok(found.uid) } else { Err(io::Error::last_os_error()) }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let (mut user, mut group) = (0, 0);
        // SAFETY: both are ours and live through the call.
        match unsafe { libc::getpeereid(fd, &mut user, &mut group) } {
            0 => Ok(user),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// Leaves the terminal and the process group, so that no signal to them arrives here.
pub(crate) fn new_session() {
    // SAFETY: takes nothing. It fails in the leader of a group, which nobody signals but us.
    unsafe { libc::setsid() };
}

/// Lets others have the processor first, or takes part as an equal again. A nice value
/// could not be taken back; the one that Linux keeps for a whole session can.
pub(crate) fn stand_back(back: bool) {
    // Where sessions are not scheduled as groups there is no such file, and nothing to do.
    let _ = std::fs::write("/proc/self/autogroup", if back { "5" } else { "0" });
}

/// A descriptor that stays with a process, whatever becomes of its id.
#[cfg(target_os = "linux")]
pub(crate) fn pidfd(pid: libc::pid_t) -> io::Result<OwnedFd> {
    // SAFETY: two numbers, no memory.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    match RawFd::try_from(fd) {
        // SAFETY: the call succeeded, and nobody else has this descriptor.
        Ok(fd @ 0..) => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A process that is not our child, to wait for its end.
#[derive(Debug)]
pub(crate) struct Process {
    #[cfg(not(target_os = "linux"))]
    pid: libc::pid_t,
    #[cfg(target_os = "linux")]
    handle: OwnedFd,
}

impl Process {
    /// # Errors
    /// There is no such process now.
    pub(crate) fn watch(pid: libc::pid_t) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            Ok(Process { handle: pidfd(pid)? })
        }
        #[cfg(not(target_os = "linux"))]
        Ok(Process { pid })
    }

    /// Waits for its end.
    pub(crate) fn wait(&self) {
        #[cfg(target_os = "linux")]
        loop {
            let fd = self.handle.as_raw_fd();
            let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
            // SAFETY: one structure of ours, which lives through the call.
            if unsafe { libc::poll(&mut poll, 1, -1) } > 0 {
                return;
            }
        }
        #[cfg(not(target_os = "linux"))]
        // SAFETY: signal 0 only asks whether there is such a process.
        while unsafe { libc::kill(self.pid, 0) } == 0 {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_at_the_other_end_is_told() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert_eq!(peer(&one).unwrap(), user());
    }
}

//! The few system calls that std does not have. All `unsafe` of this crate is here.
#![allow(unsafe_code, reason = "the file named for it")]

use std::io;
use std::mem::MaybeUninit;
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

/// Sends a signal to a child that has not been waited for, so that the id is still its own.
pub(crate) fn kill(pid: libc::pid_t, signal: libc::c_int) {
    // SAFETY: no memory is involved.
    unsafe { libc::kill(pid, signal) };
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

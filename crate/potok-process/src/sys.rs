//! What the other files need from the system and `std` lacks: forking, leaving without
//! unwinding, ending with the parent, descriptors that close themselves at `exec`.
//!
//! *Claimed*: system calls get numbers, or places of ours that live through the call; a
//! descriptor is owned by who was just given it, or by nobody.
//!
//! *Checked*: the unit tests of this crate and 63 of the tests `processes_` of `potok`, with the
//! children that they fork, ran under AddressSanitizer (`RUSTC_BOOTSTRAP=1
//! RUSTFLAGS=-Zsanitizer=address`, leaks apart). It reported three crashes that tests ask for, an
//! endless recursion and two allocations beyond a limit of memory, and nothing else. It sees what
//! is used after it was freed or out of bounds; of races it says nothing.
#![allow(unsafe_code, reason = "foreign calls; safe functions around them")]

mod call;
mod export;
mod family;
mod inherited;
mod memory;
mod number;
mod objects;
mod permit;
mod socket;
mod wait;

pub use export::{Export, Maker, Place};
pub(super) use export::{find, locate, object_of};
pub(super) use family::{collect_adopted, end_descendants, end_family};
pub(super) use inherited::Inherited;
pub(super) use memory::{
    Memory, memory_file, read_memory_file, wait_for_change, wake_one,
};
pub use number::{Atomic, Number, Plain};
pub(super) use permit::Permit;
pub use permit::fork_among_threads;
pub(super) use socket::{
    MOST_FDS, packet_pair, receive, send, send_no_more, socket_pair,
};
pub(super) use wait::{
    is_readable, look_again, wait_for_more, wait_readable, wait_writable,
};

use crate::words;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{ForkResult, Pid, dup2_stderr, dup2_stdin, dup2_stdout};
use potok_base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::sync::{Arc, Barrier};

/// The reading end of a pipe that never blocks.
pub(super) type Reader = File;

/// A pipe that programs started by `exec` do not inherit; reading does not block.
pub(super) fn pipe() -> Result<(Reader, OwnedFd)> {
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)
        .map_err(|error| Error::io(words::no_pipe(), &error))?;
    set_nonblocking(&reader)?;
    Ok((File::from(reader), writer))
}

pub(super) fn set_nonblocking(fd: &impl AsFd) -> Result<()> {
    fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
        .map(drop)
        .map_err(|error| Error::io(words::still_blocking(), &error))
}

/// `fork`: the child's id in the parent, `None` in the child.
pub(super) fn fork(_permit: &Permit) -> nix::Result<Option<Pid>> {
    // SAFETY: a child may only rely on what no other thread had locked. Who has a permit
    // has no other threads, or has promised that; memory is not made unsafe by a lock that
    // stays closed, and the child's limit of time ends it.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => {
            permit::none_are_quiet();
            Ok(None)
        }
    }
}

/// Ends this process at once: no unwinding, no exit handlers of the parent's program.
pub(super) fn leave(code: i32) -> ! {
    // SAFETY: `_exit` takes a number and does not return.
    unsafe { libc::_exit(code) }
}

/// [`leave`], and ends what this process started and left behind.
pub(super) fn leave_nothing_behind(code: i32) -> ! {
    end_descendants(nix::unistd::getpid());
    leave(code)
}

/// Keeps a panic in a forked child from unwinding into the parent's program.
pub(super) struct LeaveAtEnd;

impl Drop for LeaveAtEnd {
    fn drop(&mut self) {
        leave(101);
    }
}

/// The process that makes a child, as the child has to know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parent {
    pid: i32,
    main_thread: bool,
}

impl Parent {
    pub(super) fn here() -> Self {
        let pid = nix::unistd::getpid();
        Parent { pid: pid.as_raw(), main_thread: nix::unistd::gettid() == pid }
    }
}

/// The ends of the pipes that become a child's standard streams.
pub(super) struct Ends {
    pub(super) out: OwnedFd,
    pub(super) err: OwnedFd,
}

/// Called first in a child: a group of its own, standard streams of its own, and an end
/// no later than the parent's.
pub(super) fn become_child(parent: &Parent, ends: &Ends) -> Result<()> {
    let prepare = || -> nix::Result<()> {
        nix::unistd::setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
        empty_stdin()?;
        dup2_stdout(&ends.out)?;
        dup2_stderr(&ends.err)
    };
    prepare().map_err(|error| Error::io(words::child_not_prepared(), &error))?;
    end_with(parent)
}

/// From now on there is nothing to read on standard input.
fn empty_stdin() -> nix::Result<()> {
    let null = nix::fcntl::open(
        "/dev/null",
        OFlag::O_RDONLY | OFlag::O_CLOEXEC,
        nix::sys::stat::Mode::empty(),
    )?;
    dup2_stdin(&null)
}

/// Makes the system end this process when `parent` ends.
///
/// The signal that Linux offers for it is tied to the *thread* that forked. Where that
/// was not the main thread, a thread of the child watches the parent instead.
pub(super) fn end_with(parent: &Parent) -> Result<()> {
    family::adopt();
    let failed = |error: Errno| Error::io(words::parent_not_watched(), &error);
    if parent.main_thread {
        prctl::set_pdeathsig(Signal::SIGKILL).map_err(failed)?;
    } else {
        let watched = pidfd(Pid::from_raw(parent.pid)).map_err(failed)?;
        permit::one_more_quiet();
        // The C library gives a thread memory of its own at its first allocation, 64 MiB of
        // addresses: before this process's addresses are limited.
        let ready = Arc::new(Barrier::new(2));
        let started = Arc::clone(&ready);
        std::thread::Builder::new()
            .name("watch parent".into())
            .stack_size(64 << 10)
            .spawn(move || {
                is_readable(watched.as_fd());
                started.wait();
                // A signal, too, ends a wait.
                while !wait_readable(&[watched.as_fd()], None)[0] {}
                let _ = nix::sys::signal::killpg(Pid::from_raw(0), Signal::SIGKILL);
            })
            .map_err(|error| Error::io(words::parent_not_watched(), &error))?;
        ready.wait();
    }
    if nix::unistd::getppid().as_raw() != parent.pid {
        leave(1);
    }
    Ok(())
}

/// A descriptor that becomes readable when the process ends.
pub(super) fn pidfd(pid: Pid) -> nix::Result<OwnedFd> {
    // SAFETY: takes two numbers; the answer is checked before it is used.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the system just made this descriptor for us and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Reads all that is there without waiting. Returns whether the other side is gone.
pub(super) fn drain(reader: &mut Reader, into: &mut Vec<u8>) -> bool {
    match reader.read_to_end(into) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

/// How many threads this process has.
pub(super) fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count)
}

/// Standard input as a descriptor of ours; what is left there is empty.
pub(super) fn take_stdin() -> Result<OwnedFd> {
    let take = || -> nix::Result<OwnedFd> {
        let socket = fcntl(std::io::stdin(), FcntlArg::F_DUPFD_CLOEXEC(3))?;
        // SAFETY: the system just made this descriptor for us.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        empty_stdin()?;
        Ok(socket)
    };
    take().map_err(|error| Error::io(words::no_own_socket(), &error))
}

/// Takes a variable out of the environment, while nobody else can be reading it there.
pub(super) fn forget_variable(name: &str) {
    if threads() == 1 {
        // SAFETY: there is no other thread.
        unsafe { std::env::remove_var(name) };
    }
}

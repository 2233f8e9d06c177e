//! What the other files need from the system and `std` lacks: forking, leaving without
//! unwinding, ending with the parent, descriptors that close themselves at `exec`.
#![allow(unsafe_code, reason = "foreign calls; safe functions around them")]

use crate::error::{Error, ErrorKind, Result};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
    recvmsg, sendmsg, socketpair,
};
use nix::unistd::{ForkResult, Pid, dup2_stderr, dup2_stdin, dup2_stdout};
use serde::{Deserialize, Serialize};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// The reading end of a pipe that never blocks.
pub(super) type Reader = File;

/// A pipe that programs started by `exec` do not inherit; reading does not block.
pub(super) fn pipe() -> Result<(Reader, OwnedFd)> {
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)
        .map_err(|error| Error::io("make a pipe", &error))?;
    set_nonblocking(&reader)?;
    Ok((File::from(reader), writer))
}

pub(super) fn set_nonblocking(fd: &impl AsFd) -> Result<()> {
    fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
        .map(drop)
        .map_err(|error| Error::io("make a descriptor non-blocking", &error))
}

/// `fork`: the child's id in the parent, `None` in the child.
pub(super) fn fork() -> nix::Result<Option<Pid>> {
    // SAFETY: a forked child of a threaded process may only rely on what no other thread
    // had locked. The callers hold the locks that potok knows; `fork`'s documentation
    // tells the user about the others. Memory is not made unsafe by a lock that stays
    // closed, and the child's deadline ends it.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// Ends this process at once: no unwinding, no exit handlers of the parent's program.
pub(super) fn leave(code: i32) -> ! {
    // SAFETY: `_exit` takes a number and does not return.
    unsafe { libc::_exit(code) }
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
        let null = nix::fcntl::open(
            "/dev/null",
            OFlag::O_RDONLY | OFlag::O_CLOEXEC,
            nix::sys::stat::Mode::empty(),
        )?;
        dup2_stdin(&null)?;
        dup2_stdout(&ends.out)?;
        dup2_stderr(&ends.err)
    };
    prepare().map_err(|error| Error::io("prepare a child process", &error))?;
    end_with(parent)
}

/// Makes the system end this process when `parent` ends.
///
/// The signal that Linux offers for it is tied to the *thread* that forked. Where that
/// was not the main thread, a thread of the child watches the parent instead.
pub(super) fn end_with(parent: &Parent) -> Result<()> {
    let failed = |error: Errno| Error::io("watch the parent process", &error);
    if parent.main_thread {
        prctl::set_pdeathsig(Signal::SIGKILL).map_err(failed)?;
    } else {
        let watched = pidfd(Pid::from_raw(parent.pid)).map_err(failed)?;
        std::thread::Builder::new()
            .name("watch parent".into())
            .stack_size(64 << 10)
            .spawn(move || {
                wait_readable(&[watched.as_fd()], None);
                let _ = nix::sys::signal::killpg(Pid::from_raw(0), Signal::SIGKILL);
            })
            .map_err(|error| Error::io("watch the parent process", &error))?;
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

/// Waits until one of the descriptors can be read or its other side is gone, at most
/// for `limit`. Says which ones.
pub(super) fn wait_readable(
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

/// A millisecond more rather than less: waking early would only mean waiting again.
fn timeout(limit: Duration) -> PollTimeout {
    let millis = limit.as_micros().div_ceil(1_000);
    PollTimeout::try_from(millis.min(60_000)).unwrap_or(PollTimeout::MAX)
}

/// Reads all that is there without waiting; whether the other side is gone.
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

/// Where code lives: the shared object (empty for the program itself) and the offset in it.
pub(super) fn locate(code: *const ()) -> Option<(String, usize)> {
    let object = object_of(code)?;
    // SAFETY: `getauxval` takes a number; this one names the program's own headers.
    let program = unsafe { libc::getauxval(libc::AT_PHDR) } as *const ();
    let base = object.dli_fbase as usize;
    if object_of(program)?.dli_fbase as usize == base {
        return Some((String::new(), code as usize - base));
    }
    // SAFETY: `dladdr` filled in the name of a loaded object, a string that ends in a zero
    // byte and lives as long as the object does.
    let path = unsafe { CStr::from_ptr(object.dli_fname) };
    Some((path.to_str().ok()?.to_owned(), code as usize - base))
}

fn object_of(address: *const ()) -> Option<libc::Dl_info> {
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: `info` has room for the answer, and `dladdr` accepts any address. It fills
    // in all of `info` when it does not return 0.
    unsafe {
        (libc::dladdr(address.cast(), info.as_mut_ptr()) != 0)
            .then(|| info.assume_init())
    }
}

/// The address of code that [`locate`] described, in this process. Loads its object.
pub(super) fn address(object: &str, offset: usize) -> Result<*const ()> {
    let missing = |why: &str| {
        let text = format!("load the code at `{object}`+{offset:#x}: {why}");
        Error::new(ErrorKind::NotFound, text)
    };
    if object.is_empty() {
        // SAFETY: as in `locate`.
        let program = unsafe { libc::getauxval(libc::AT_PHDR) } as *const ();
        let info = object_of(program).ok_or_else(|| missing("no program"))?;
        return Ok(info.dli_fbase.cast_const().cast::<()>().wrapping_byte_add(offset));
    }
    let path = CString::new(object).map_err(|_| missing("a zero byte in its name"))?;
    // SAFETY: the path ends in a zero byte. Loading runs the object's initialisers: it is
    // an object that the parent runs too. It is never closed, so addresses stay valid.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    if handle.is_null() {
        // SAFETY: after a failure `dlerror` gives a string, or null if it has none.
        let why = unsafe {
            let why = libc::dlerror();
            (!why.is_null()).then(|| CStr::from_ptr(why).to_string_lossy().into_owned())
        };
        return Err(missing(why.as_deref().unwrap_or("the loader does not say")));
    }
    let mut map: *const usize = std::ptr::null();
    // SAFETY: for this request `dlinfo` writes one pointer, to the loader's record of the
    // object, whose first field is the base address.
    let base = unsafe {
        let ok = libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast());
        (ok == 0 && !map.is_null()).then(|| *map)
    };
    let base = base.ok_or_else(|| missing("no base address"))?;
    Ok(std::ptr::without_provenance(base + offset))
}

/// The value of a type that has no size: a function or a closure that captures nothing.
pub(super) fn conjure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0) };
    // SAFETY: a type without size has one value, and reading it reads no memory. `F` is
    // `Copy`, so nothing is dropped twice; the caller was given a value of it once.
    unsafe { NonNull::<F>::dangling().read() }
}

/// Code that [`address`] found, as the function that it is.
pub(super) fn as_entry(address: *const ()) -> super::code::Entry {
    // SAFETY: the address comes from a `Code`, which is only ever made from an `Entry`, by
    // the same build of the same object: the parent names the file, the child loads it.
    unsafe { std::mem::transmute(address) }
}

/// Two connected sockets; ours does not block.
pub(super) fn socket_pair() -> Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC)
            .map_err(|error| Error::io("make a pair of sockets", &error))?;
    set_nonblocking(&ours)?;
    Ok((ours, theirs))
}

/// Sends once, as much as fits, with descriptors at the head.
pub(super) fn send(
    socket: &impl AsFd,
    bytes: &[u8],
    fds: &[OwnedFd],
) -> nix::Result<usize> {
    let fds: Vec<i32> = fds.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&fds)];
    let control: &[_] = if fds.is_empty() { &[] } else { &rights };
    let socket = socket.as_fd().as_raw_fd();
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg::<()>(socket, &[IoSlice::new(bytes)], control, flags, None)
}

/// The most descriptors that one message may carry; the system's own limit.
pub(super) const MOST_FDS: usize = 253;

/// Receives once, as much as there is, with the descriptors that came along.
pub(super) fn receive(
    socket: &impl AsFd,
    into: &mut [u8],
    fds: &mut Vec<OwnedFd>,
) -> nix::Result<usize> {
    let mut control = nix::cmsg_space!([i32; MOST_FDS]);
    let mut into = [IoSliceMut::new(into)];
    let socket = socket.as_fd().as_raw_fd();
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(socket, &mut into, Some(&mut control), flags)?;
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(received) = part {
            // SAFETY: the system just made these descriptors for us.
            fds.extend(received.iter().map(|&fd| unsafe { OwnedFd::from_raw_fd(fd) }));
        }
    }
    Ok(message.bytes)
}

/// Tells the other side that nothing more will come.
pub(super) fn send_no_more(socket: &impl AsFd) {
    let socket = socket.as_fd().as_raw_fd();
    let _ = nix::sys::socket::shutdown(socket, nix::sys::socket::Shutdown::Write);
}

/// Waits until the socket takes more, at most for `limit`.
pub(super) fn wait_writable(socket: &impl AsFd, limit: Duration) {
    let mut polled = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    let _ = poll(&mut polled, timeout(limit));
}

/// Standard input as a descriptor of ours; what is left there is empty.
pub(super) fn take_stdin() -> Result<OwnedFd> {
    let take = || -> nix::Result<OwnedFd> {
        let socket = fcntl(std::io::stdin(), FcntlArg::F_DUPFD_CLOEXEC(3))?;
        // SAFETY: the system just made this descriptor for us.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        let null = nix::fcntl::open(
            "/dev/null",
            OFlag::O_RDONLY | OFlag::O_CLOEXEC,
            nix::sys::stat::Mode::empty(),
        )?;
        dup2_stdin(&null)?;
        Ok(socket)
    };
    take().map_err(|error| Error::io("take the socket of a worker", &error))
}

/// Memory that several processes may have at once; it has no name, and is gone when the
/// last of them is.
#[derive(Debug)]
pub(super) struct Memory {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping belongs to this value and is reached through atomics, or through
// the methods below, which say what their callers uphold.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// New memory, all zero, and the descriptor by which others get at it.
    pub(super) fn new(length: usize) -> Result<(Self, OwnedFd)> {
        let make = || -> nix::Result<OwnedFd> {
            let fd = memfd_create("potok", MFdFlags::MFD_CLOEXEC)?;
            nix::unistd::ftruncate(&fd, length as libc::off_t)?;
            Ok(fd)
        };
        let fd = make().map_err(|error| {
            Error::io(format!("get {length} bytes of shared memory"), &error)
        })?;
        Ok((Memory::of(&fd, length)?, fd))
    }

    /// Memory that another process made.
    pub(super) fn of(fd: &OwnedFd, length: usize) -> Result<Self> {
        let size = NonZeroUsize::new(length)
            .ok_or_else(|| Error::invalid("shared memory of no bytes"))?;
        // SAFETY: a fresh shared mapping at a place of the system's choice overlaps nothing.
        let mapped = unsafe {
            mmap(
                None,
                size,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED,
                fd,
                0,
            )
        };
        let start = mapped.map_err(|error| Error::io("map shared memory", &error))?;
        Ok(Memory { start: start.cast(), length })
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// The `at`-th number of eight bytes.
    pub(super) fn number(&self, at: usize) -> &AtomicU64 {
        assert!((at + 1) * 8 <= self.length);
        // SAFETY: in bounds by the check above, aligned because a mapping starts at a page,
        // valid as long as `self`; all processes reach it through atomics only.
        unsafe { self.start.add(at * 8).cast().as_ref() }
    }

    /// Copies bytes to `at`. Whoever reads them meanwhile sees some of each.
    pub(super) fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at <= self.length && bytes.len() <= self.length - at);
        // SAFETY: in bounds by the check above, and no reference into the mapping's bytes
        // exists: readers copy, see `read`.
        unsafe {
            self.start
                .add(at)
                .copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
        }
    }

    /// Copies `length` bytes from `at`.
    pub(super) fn read(&self, at: usize, length: usize) -> Vec<u8> {
        assert!(at <= self.length && length <= self.length - at);
        let mut bytes = vec![0; length];
        // SAFETY: in bounds by the check above; the copy is ours alone.
        unsafe {
            self.start
                .add(at)
                .copy_to_nonoverlapping(NonNull::from(&mut *bytes).cast(), length);
        }
        bytes
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped in `of` with this length; references to it borrow from `self`.
        let _ = unsafe { munmap(self.start.cast(), self.length) };
    }
}

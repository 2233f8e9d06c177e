//! Memory without a name that several processes have at once.
//!
//! *Claimed*: a mapping is as long as its file, which cannot get shorter, and is reached through
//! atomics alone, so that no other process can make a read undefined.
//!
//! *Checked*: the unit tests below and those of `shared`, by valgrind's memcheck and by
//! AddressSanitizer; that all access is atomic no tool saw, and a test reads this text for it.

use super::number::{Atomic, Number};
use crate::words;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::libc;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use potok_base::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64};
use std::time::Duration;

/// Memory that several processes may have at once; it has no name, and is gone when the
/// last of them is.
#[derive(Debug)]
pub(crate) struct Memory {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping belongs to this value and is reached through atomics only.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

/// A file with this seal never gets shorter.
const FIXED: SealFlag = SealFlag::F_SEAL_SHRINK;

impl Memory {
    /// New memory, all zero, and the descriptor by which others get at it.
    pub(crate) fn new(length: usize) -> Result<(Self, OwnedFd)> {
        let make = || -> nix::Result<OwnedFd> {
            let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
            let fd = memfd_create("potok", flags)?;
            nix::unistd::ftruncate(&fd, length as libc::off_t)?;
            // From now on it has this length, whoever has its descriptor.
            let sealed = SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL | FIXED;
            fcntl(&fd, FcntlArg::F_ADD_SEALS(sealed))?;
            Ok(fd)
        };
        let fd = make()
            .map_err(|error| Error::io(words::no_shared_memory(length), &error))?;
        Ok((Memory::of(&fd, length)?, fd))
    }

    /// Memory that another process made.
    ///
    /// The file has to be that long, and to stay so: a page beyond its end can be mapped,
    /// and whoever touches it is killed by SIGBUS.
    pub(crate) fn of(fd: &OwnedFd, length: usize) -> Result<Self> {
        let size = NonZeroUsize::new(length)
            .ok_or_else(|| Error::invalid(words::no_shared_bytes()))?;
        let file = nix::sys::stat::fstat(fd)
            .map_err(|error| Error::io(words::shared_unseen(), &error))?;
        let there = usize::try_from(file.st_size).unwrap_or(0);
        if there < length {
            return Err(Error::invalid(words::shared_too_short(length, there)));
        }
        let seals = fcntl(fd, FcntlArg::F_GET_SEALS).unwrap_or(0);
        if seals & FIXED.bits() == 0 {
            return Err(Error::invalid(words::shared_unsealed()));
        }
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
        let start =
            mapped.map_err(|error| Error::io(words::shared_not_mapped(), &error))?;
        Ok(Memory { start: start.cast(), length })
    }

    /// The `at`-th number of its type, as it is at this moment.
    ///
    /// Others may write meanwhile. What is read is then old or new, and never torn: below,
    /// each number is an atomic that is only loaded and stored. Two steps are two steps.
    pub(crate) fn get<T: Number>(&self, at: usize) -> T {
        T::load(&self.atomics()[at])
    }

    /// Writes the `at`-th number of its type.
    pub(crate) fn set<T: Number>(&self, at: usize, value: T) {
        T::store(&self.atomics()[at], value);
    }

    /// Writes numbers from the first one on, each as [`set`](Memory::set) does. Whoever
    /// reads meanwhile gets some of the old ones and some of the new.
    pub(crate) fn set_all<T: Number>(&self, values: &[T]) {
        let places = self.atomics();
        let (room, length) = (places.len(), values.len());
        assert!(
            length <= room,
            "{length} values do not fit into shared memory for {room}"
        );
        T::store_all(places, values);
    }

    /// All of it as atomics.
    pub(crate) fn atomics<T: Atomic>(&self) -> &[T] {
        // SAFETY: within the mapping, and aligned because that starts at a page; any bits
        // are an `Atomic`; the mapping lives as long as `self`, and atomics may be shared
        // between processes.
        unsafe {
            let length = self.length / size_of::<T>();
            std::slice::from_raw_parts(self.start.cast::<T>().as_ptr(), length)
        }
    }

    /// The `at`-th number of eight bytes.
    pub(crate) fn number(&self, at: usize) -> &AtomicU64 {
        assert!((at + 1) * 8 <= self.length);
        // SAFETY: in bounds by the check above, aligned because a mapping starts at a page,
        // valid as long as `self`; all processes reach it through atomics only.
        unsafe { self.start.add(at * 8).cast().as_ref() }
    }

    /// Copies bytes to `at`. Whoever reads them meanwhile sees some of each.
    pub(crate) fn write(&self, at: usize, bytes: &[u8]) {
        for (place, &byte) in self.bytes(at, bytes.len()).iter().zip(bytes) {
            place.store(byte, Relaxed);
        }
    }

    /// Copies `length` bytes from `at`.
    pub(crate) fn read(&self, at: usize, length: usize) -> Vec<u8> {
        self.bytes(at, length).iter().map(|place| place.load(Relaxed)).collect()
    }

    fn bytes(&self, at: usize, length: usize) -> &[AtomicU8] {
        &self.atomics()[at..][..length]
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped in `of` with this length; references to it borrow from `self`.
        let _ = unsafe { munmap(self.start.cast(), self.length) };
    }
}

/// A file in memory with these bytes, to be passed on by its descriptor.
pub(crate) fn memory_file(bytes: &[u8]) -> Result<OwnedFd> {
    let write = || -> std::io::Result<OwnedFd> {
        let mut file = File::from(memfd_create("potok", MFdFlags::MFD_CLOEXEC)?);
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file.into())
    };
    write().map_err(|error| Error::io(words::message_not_written(), &error))
}

/// All bytes of such a file.
///
/// # Errors
/// It has more than `most`, or cannot be read.
pub(crate) fn read_memory_file(file: File, most: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let failed = |error| Error::io(words::message_not_read(), &error);
    // Its length is not asked for: what came may be a device, which has no end.
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > most {
        let text = words::garbage_in_queue(most);
        return Err(Error::new(ErrorKind::Undecodable, text));
    }
    Ok(bytes)
}

/// Sleeps until `number` is no longer `value`, or is woken, at most for `limit`. Whether
/// the time ran out.
pub(crate) fn wait_for_change(number: &AtomicU32, value: u32, limit: Duration) -> bool {
    let time = libc::timespec {
        tv_sec: limit.as_secs().cast_signed(),
        tv_nsec: i64::from(limit.subsec_nanos()),
    };
    // SAFETY: the number is in memory that lives through the call; the system only reads
    // it and the time.
    let done = unsafe {
        libc::syscall(
            libc::SYS_futex,
            number.as_ptr(),
            libc::FUTEX_WAIT,
            value,
            &raw const time,
        )
    };
    done == -1 && Errno::last() == Errno::ETIMEDOUT
}

/// Wakes one process that sleeps on `number`.
pub(crate) fn wake_one(number: &AtomicU32) {
    // SAFETY: the system uses the address as a name only.
    unsafe { libc::syscall(libc::SYS_futex, number.as_ptr(), libc::FUTEX_WAKE, 1) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mapped_is_there() {
        let (memory, fd) = Memory::new(4096).unwrap();
        memory.set(511, 7_u64);
        assert_eq!(Memory::of(&fd, 4096).unwrap().get::<u64>(511), 7);
        let error = Memory::of(&fd, 4097).unwrap_err().to_string();
        assert!(error.contains("4097") && error.contains("4096"), "{error}");
        // A descriptor of something else.
        let socket = std::os::unix::net::UnixStream::pair().unwrap().0.into();
        assert!(Memory::of(&socket, 8).is_err());
    }

    /// Whoever reads where a file was cut short is ended by SIGBUS.
    #[test]
    fn shared_memory_cannot_be_cut_short() {
        let (memory, fd) = Memory::new(8192).unwrap();
        for length in [0, 4096, 16384] {
            assert_eq!(nix::unistd::ftruncate(&fd, length), Err(Errno::EPERM));
        }
        assert_eq!(memory.get::<u64>(1023), 0);
        // A file of another maker, which could be.
        let open = memfd_create("other", MFdFlags::MFD_ALLOW_SEALING).unwrap();
        nix::unistd::ftruncate(&open, 8192).unwrap();
        let error = Memory::of(&open, 8192).unwrap_err().to_string();
        assert!(error.contains("cut short"), "{error}");
    }

    #[test]
    fn a_message_without_an_end_is_refused() {
        let endless = File::open("/dev/zero").unwrap();
        let error = read_memory_file(endless, 1 << 16).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable);
        let whole = File::from(memory_file(b"tea").unwrap());
        assert_eq!(read_memory_file(whole, 3).unwrap(), b"tea");
    }

    #[test]
    fn bytes_are_copied_to_their_place() {
        let (memory, _fd) = Memory::new(64).unwrap();
        memory.write(3, &[1, 2, 3]);
        assert_eq!(memory.read(2, 5), [0, 1, 2, 3, 0]);
        memory.write(64, &[]);
        assert!(std::panic::catch_unwind(|| memory.write(62, &[1, 2, 3])).is_err());
        assert!(std::panic::catch_unwind(|| memory.read(65, 0)).is_err());
    }

    /// A plain copy beside atomic loads is a data race, which no run on this hardware
    /// shows: hence a look at the text.
    #[test]
    fn shared_memory_is_reached_through_atomics_only() {
        let (code, _tests) = include_str!("memory.rs").split_once("mod tests").unwrap();
        let code = [code, include_str!("number.rs")].concat();
        for plain in [
            "nonoverlapping",
            "copy_to",
            "copy_from",
            "ptr::copy",
            "from_raw_parts_mut",
        ] {
            assert!(!code.contains(plain), "{plain}");
        }
    }
}

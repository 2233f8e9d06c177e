//! Memory without a name that several processes have at once.

use nix::errno::Errno;
use nix::libc;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use potok_base::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize,
};
use std::time::Duration;

/// Memory that several processes may have at once; it has no name, and is gone when the
/// last of them is.
#[derive(Debug)]
pub(crate) struct Memory {
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
    pub(crate) fn new(length: usize) -> Result<(Self, OwnedFd)> {
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
    pub(crate) fn of(fd: &OwnedFd, length: usize) -> Result<Self> {
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

    /// Writes numbers from the first one on, all at once: it is this process's only way to
    /// them at the moment. Others see some of the old ones and some of the new.
    pub(crate) fn set_all<T: Number>(&mut self, values: &[T]) {
        self.write(0, bytes_of(values));
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
    pub(crate) fn read(&self, at: usize, length: usize) -> Vec<u8> {
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

/// A type of which any bits are a value, so that memory full of zeros holds some.
///
/// # Safety
/// That has to be true; and the type must not contain padding or pointers.
pub unsafe trait Plain: 'static {}
/// A plain number, copied in and out.
pub trait Number: Plain + Copy {
    /// The atomic of its size.
    #[doc(hidden)]
    type Place: Atomic;
    #[doc(hidden)]
    fn load(place: &Self::Place) -> Self;
    #[doc(hidden)]
    fn store(place: &Self::Place, value: Self);
}
/// An atomic number, used in place.
///
/// # Safety
/// As for [`Plain`]; only changed through atomic operations.
pub unsafe trait Atomic: Plain + Sync {}

macro_rules! atomics {
    ($($type:ty),*) => {$(
        // SAFETY: a number of the standard library: all bits are values, no padding.
        unsafe impl Plain for $type {}
        // SAFETY: as above.
        unsafe impl Atomic for $type {}
    )*};
}
atomics!(AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize);
atomics!(AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize);

macro_rules! number {
    ($type:ty, $place:ty, $out:expr, $in:expr) => {
        // SAFETY: a number of the standard library: all bits are values, no padding.
        unsafe impl Plain for $type {}
        impl Number for $type {
            type Place = $place;
            fn load(place: &$place) -> Self {
                $out(place.load(Relaxed))
            }
            fn store(place: &$place, value: Self) {
                place.store($in(value), Relaxed);
            }
        }
    };
    ($($type:ty: $place:ty),*) => {$(number!($type, $place, |n| n, |n| n);)*};
}
number!(u8: AtomicU8, u16: AtomicU16, u32: AtomicU32, u64: AtomicU64, usize: AtomicUsize);
number!(i8: AtomicI8, i16: AtomicI16, i32: AtomicI32, i64: AtomicI64, isize: AtomicIsize);
number!(f32, AtomicU32, f32::from_bits, f32::to_bits);
number!(f64, AtomicU64, f64::from_bits, f64::to_bits);

/// The bytes that numbers are made of.
fn bytes_of<T: Number>(values: &[T]) -> &[u8] {
    // SAFETY: a `Number` is `Plain`, without padding: all its bytes are initialised.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// A file in memory with these bytes, to be passed on by its descriptor.
pub(crate) fn memory_file(bytes: &[u8]) -> Result<OwnedFd> {
    let write = || -> std::io::Result<OwnedFd> {
        let mut file = File::from(memfd_create("potok", MFdFlags::MFD_CLOEXEC)?);
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file.into())
    };
    write().map_err(|error| Error::io("put a message into memory", &error))
}

/// All bytes of such a file.
pub(crate) fn read_memory_file(mut file: File) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    file.read_to_end(&mut bytes)
        .map_err(|error| Error::io("take a message from memory", &error))?;
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

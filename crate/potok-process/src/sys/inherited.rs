//! A pipe's other end, which a forked child has without wanting it.
//!
//! *Claimed*: a number is given another open file only where it still has the inherited one, so
//! whoever owns the number owns an open descriptor.
//!
//! *Checked*: the unit tests below by AddressSanitizer, the first also by valgrind's memcheck.

use nix::libc;
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// A descriptor that a forked child may have inherited without wanting it.
#[derive(Debug)]
pub(crate) struct Inherited {
    fd: i32,
    /// Which file it was: device and inode.
    file: Option<(u64, u64)>,
    home: u32,
    gone: AtomicBool,
}

impl Inherited {
    pub(crate) fn of(fd: &OwnedFd) -> Self {
        let file = file_at(fd.as_raw_fd());
        let (home, gone) = (std::process::id(), AtomicBool::new(false));
        Inherited { fd: fd.as_raw_fd(), file, home, gone }
    }

    /// In a child: gives up its copy. `/dev/null` is opened under its number, which therefore
    /// stays in use.
    pub(crate) fn release(&self) {
        if self.home == std::process::id() || self.gone.swap(true, Ordering::Relaxed) {
            return;
        }
        let same = self.file.is_some() && file_at(self.fd) == self.file;
        if same && let Ok(nothing) = File::open("/dev/null") {
            // SAFETY: takes numbers only. The second one is still the descriptor that this
            // child inherited, by the check above; what replaces it is another open file
            // under the same number, so whoever owns the number owns an open descriptor.
            unsafe { libc::dup3(nothing.as_raw_fd(), self.fd, libc::O_CLOEXEC) };
        }
    }
}

/// Device and inode of what is open under a number; `None` if nothing is.
///
/// By its number, as `BorrowedFd` would claim that it is open, and that is the question.
fn file_at(fd: i32) -> Option<(u64, u64)> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: `stat` has room for the answer; any number may be asked for.
    let done = unsafe { libc::fstat(fd, stat.as_mut_ptr()) };
    // SAFETY: where it returns 0, `fstat` has filled it in.
    (done == 0).then(|| unsafe { stat.assume_init() }).map(|s| (s.st_dev, s.st_ino))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys;
    use nix::fcntl::{FcntlArg, fcntl};
    use std::os::fd::{FromRawFd, IntoRawFd};

    #[test]
    fn a_number_that_nothing_is_open_under_is_no_file() {
        let (_reader, writer) = sys::pipe().unwrap();
        assert!(file_at(writer.as_raw_fd()).is_some());
        // Far above what tests have open at once, so that no other test takes it.
        let high = fcntl(&writer, FcntlArg::F_DUPFD_CLOEXEC(900)).unwrap();
        // SAFETY: the system just made this descriptor for us.
        let closed = unsafe { OwnedFd::from_raw_fd(high) }.into_raw_fd();
        assert_eq!(file_at(closed), file_at(writer.as_raw_fd()));
        nix::unistd::close(closed).unwrap();
        assert_eq!(file_at(closed), None);
        assert_eq!(file_at(-1), None);
    }

    #[test]
    fn what_a_child_was_left_under_another_file_stays_open() {
        let child = crate::fork(|| {
            let (_reader, writer) = sys::pipe().unwrap();
            let inherited = Inherited { home: 0, ..Inherited::of(&writer) };
            // Under the same number is something else by now.
            let other = File::open("/dev/null").unwrap();
            let number = writer.into_raw_fd();
            // SAFETY: both numbers are open descriptors of this child alone.
            unsafe { libc::dup3(other.as_raw_fd(), number, libc::O_CLOEXEC) };
            let before = file_at(number);
            inherited.release();
            file_at(number) == before && before == file_at(other.as_raw_fd())
        });
        assert!(child.unwrap().join().unwrap());
    }
}

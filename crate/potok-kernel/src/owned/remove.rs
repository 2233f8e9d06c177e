//! Opening and removing what lies in an open directory, without following a link.

use super::names;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, Result};
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Opens the directory `name` in another one.
pub(super) fn open_dir(above: BorrowedFd<'_>, name: &OsStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(above, name, flags, Mode::empty())
}

/// Gives this user a mode on something that he may not even open.
pub(super) fn permit(above: BorrowedFd<'_>, name: &OsStr, mode: Mode) -> Result<()> {
    // The call that does not follow links is new in Linux (6.6); this way is old.
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let seen = rustix::fs::openat(above, name, flags, Mode::empty())?;
        if rustix::fs::FileType::from_raw_mode(rustix::fs::fstat(&seen)?.st_mode)
            == rustix::fs::FileType::Symlink
        {
            return Err(Errno::LOOP);
        }
        rustix::fs::chmod(format!("/proc/self/fd/{}", seen.as_raw_fd()), mode)
    }
    #[cfg(not(target_os = "linux"))]
    rustix::fs::chmodat(above, name, mode, AtFlags::SYMLINK_NOFOLLOW)
}

/// Removes `name` and all that is below, also what lies in directories that nobody may
/// look into. What is not there is no error.
pub(super) fn all(above: BorrowedFd<'_>, name: &OsStr) -> Result<()> {
    match rustix::fs::unlinkat(above, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // Linux says the one of a directory, macOS the other.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error),
    }
    let dir = match open_dir(above, name) {
        Err(Errno::ACCESS) => {
            permit(above, name, Mode::RWXU)?;
            open_dir(above, name)?
        }
        opened => opened?,
    };
    // Without these rights nothing in it could be seen or taken out. Another's directory
    // cannot be given them, and then the first name says so.
    let _ = rustix::fs::fchmod(&dir, Mode::RWXU);
    for each in names(&dir)? {
        all(dir.as_fd(), &each)?;
    }
    match rustix::fs::unlinkat(above, name, AtFlags::REMOVEDIR) {
        Err(Errno::NOENT) => Ok(()),
        removed => removed,
    }
}

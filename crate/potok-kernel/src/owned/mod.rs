//! A directory that is ours alone, held open: everything the kernel keeps lies in one.
//!
//! Opening it is the check. It is a directory and no link, this user owns it, and nobody
//! else may look into it (mode 0700, whatever the umask). From then on it is reached by
//! its descriptor: what happens to its name does not matter any more.
//!
//! *What to notice*: names are single components, never paths, and no call here follows a
//! symbolic link or waits for the other end of a pipe.

mod lock;
mod remove;
mod room;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use lock::{Share, try_lock};
pub(crate) use room::{free_space, room};
pub(crate) use words::trouble;

use crate::{Result, say, sys};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A directory that nobody else can look into.
#[derive(Debug)]
pub(crate) struct Owned {
    dir: OwnedFd,
    path: PathBuf,
}

impl Owned {
    /// Opens the directory at `path`, which is made if there is none. Those above it are
    /// the user's own affair: links among them are followed.
    pub(crate) fn at(path: &Path) -> Result<Self> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(format!("{} cannot hold a cache", path.display()).into());
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(above)
            .map_err(|error| match error.kind() {
                // Something has the name, and it is no directory.
                ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
                _ => error,
            })
            .map_err(|error| trouble(above, &error))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let above_fd = rustix::fs::open(above, flags, Mode::empty())
            .map_err(|error| trouble(above, &error.into()))?;
        make(above_fd.as_fd(), name, path)?;
        open(above_fd.as_fd(), name, path)
    }

    /// Where it is, or was when it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The open directory itself, and where it is.
    pub(crate) fn into_parts(self) -> (OwnedFd, PathBuf) {
        (self.dir, self.path)
    }

    /// The directory `name` in it, which is made if there is none.
    pub(crate) fn dir(&self, name: impl AsRef<OsStr>) -> Result<Self> {
        let name = component(name.as_ref())?;
        let path = self.path.join(name);
        make(self.dir.as_fd(), name, &path)?;
        open(self.dir.as_fd(), name, &path)
    }

    /// A directory in it that is not there yet.
    pub(crate) fn new_dir(&self, name: impl AsRef<OsStr>) -> Result<Self> {
        let name = component(name.as_ref())?;
        let path = self.path.join(name);
        rustix::fs::mkdirat(&self.dir, name, Mode::RWXU)
            .map_err(|error| trouble(&path, &error.into()))?;
        open(self.dir.as_fd(), name, &path)
    }

    /// The directory `name` in it, if there is one.
    pub(crate) fn found_dir(&self, name: impl AsRef<OsStr>) -> Result<Option<Self>> {
        let name = component(name.as_ref())?;
        match self.stat(name)? {
            Some(_) => open(self.dir.as_fd(), name, &self.path.join(name)).map(Some),
            None => Ok(None),
        }
    }

    /// Opens the file `name` in it, if there is one. A link, a pipe, somebody else's file
    /// is an error.
    pub(crate) fn found_file(&self, name: impl AsRef<OsStr>) -> Result<Option<File>> {
        self.open_file(component(name.as_ref())?, OFlags::RDONLY)
    }

    /// Opens the file `name` in it for writing, at its beginning, and makes it if there is
    /// none. What it holds is left in it.
    pub(crate) fn file(&self, name: impl AsRef<OsStr>) -> Result<File> {
        let name = component(name.as_ref())?;
        let file = self.open_file(name, OFlags::RDWR | OFlags::CREATE)?;
        file.ok_or_else(|| {
            format!("{} has vanished", self.path.join(name).display()).into()
        })
    }

    /// Makes the file `name` in it, which is not there yet.
    pub(crate) fn new_file(&self, name: impl AsRef<OsStr>) -> Result<File> {
        let name = component(name.as_ref())?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
        let file = self.open_file(name, flags)?;
        file.ok_or_else(|| {
            format!("{} has vanished", self.path.join(name).display()).into()
        })
    }

    fn open_file(&self, name: &OsStr, flags: OFlags) -> Result<Option<File>> {
        let path = self.path.join(name);
        // Not blocking: whoever opens a pipe waits for its other end otherwise.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open =
            || rustix::fs::openat(&self.dir, name, flags, Mode::RUSR | Mode::WUSR);
        let file = match open() {
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::ACCESS) if self.is_ours(name)? => {
                remove::permit(self.dir.as_fd(), name, Mode::RUSR | Mode::WUSR)
                    .map_err(|error| trouble(&path, &error.into()))?;
                open()
            }
            opened => opened,
        };
        let file = match file {
            Ok(file) => file,
            // What stands there says more than the error.
            Err(error) => {
                if let Some(stat) = self.stat(name)? {
                    words::refuse(&path, &stat, FileType::RegularFile)?;
                }
                return Err(trouble(&path, &error.into()).into());
            }
        };
        let stat = rustix::fs::fstat(&file).map_err(|e| trouble(&path, &e.into()))?;
        words::refuse(&path, &stat, FileType::RegularFile)?;
        Ok(Some(file.into()))
    }

    /// Reads the file `name` in it whole, if there is one.
    pub(crate) fn read(&self, name: impl AsRef<OsStr>) -> Result<Option<String>> {
        let Some(file) = self.found_file(name.as_ref())? else { return Ok(None) };
        let said = |error| trouble(&self.path.join(name.as_ref()), &error);
        Ok(Some(std::io::read_to_string(file).map_err(said)?))
    }

    /// Writes the file `name` in it, instead of what it held.
    pub(crate) fn write(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> Result<()> {
        let mut file = self.file(name.as_ref())?;
        file.set_len(0)
            .and_then(|()| file.write_all(bytes))
            .map_err(|error| trouble(&self.path.join(name.as_ref()), &error).into())
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> Result<Vec<OsString>> {
        names(&self.dir).map_err(|error| trouble(&self.path, &error.into()).into())
    }

    /// Whether there is something by that name, and it is this user's.
    fn is_ours(&self, name: &OsStr) -> Result<bool> {
        Ok(self.stat(name)?.is_some_and(|stat| stat.st_uid == sys::user()))
    }

    fn stat(&self, name: &OsStr) -> Result<Option<Stat>> {
        match rustix::fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(trouble(&self.path.join(name), &error.into()).into()),
        }
    }

    /// Gives `name` in it another name.
    pub(crate) fn rename(
        &self,
        name: impl AsRef<OsStr>,
        new: impl AsRef<OsStr>,
    ) -> Result<()> {
        let (name, new) = (component(name.as_ref())?, component(new.as_ref())?);
        rustix::fs::renameat(&self.dir, name, &self.dir, new)
            .map_err(|error| trouble(&self.path.join(new), &error.into()).into())
    }

    /// Removes `name` from it and all that is below, if it is there. Links are removed, not
    /// what they lead to.
    pub(crate) fn remove(&self, name: impl AsRef<OsStr>) -> Result<()> {
        let name = component(name.as_ref())?;
        remove::all(self.dir.as_fd(), name)
            .map_err(|error| trouble(&self.path.join(name), &error.into()).into())
    }
}

impl AsFd for Owned {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }
}

/// The names in an open directory.
pub(crate) fn names(dir: impl AsFd) -> rustix::io::Result<Vec<OsString>> {
    let mut found = vec![];
    for entry in Dir::read_from(dir)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            found.push(OsString::from_vec(name));
        }
    }
    Ok(found)
}

/// A name that stays in its directory.
fn component(name: &OsStr) -> Result<&OsStr> {
    let bytes = name.as_bytes();
    match bytes {
        b"" | b"." | b".." => {}
        _ if bytes.iter().any(|byte| matches!(byte, b'/' | 0)) => {}
        _ => return Ok(name),
    }
    Err(format!("`{}` is no name of a file", name.display()).into())
}

/// Makes a directory, unless something has that name.
fn make(above: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<()> {
    match rustix::fs::mkdirat(above, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        // Where it cannot be made it may be there all the same.
        Err(_)
            if rustix::fs::statat(above, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() =>
        {
            Ok(())
        }
        Err(error) => Err(trouble(path, &error.into()).into()),
    }
}

/// Opens a directory that is this user's, and sees to it that nobody else can.
fn open(above: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<Owned> {
    let said = |error: Errno| trouble(path, &error.into());
    let seen = rustix::fs::statat(above, name, AtFlags::SYMLINK_NOFOLLOW);
    let seen = seen.map_err(said)?;
    words::refuse(path, &seen, FileType::Directory)?;
    let dir = match remove::open_dir(above, name) {
        Err(Errno::ACCESS) => {
            remove::permit(above, name, Mode::RWXU).map_err(said)?;
            remove::open_dir(above, name)
        }
        opened => opened,
    };
    let dir = dir.map_err(said)?;
    // Looked at once more: what is open now need not be what had the name before.
    let stat = rustix::fs::fstat(&dir).map_err(said)?;
    words::refuse(path, &stat, FileType::Directory)?;
    if mode(&stat) != Mode::RWXU {
        rustix::fs::fchmod(&dir, Mode::RWXU).map_err(said)?;
        if mode(&rustix::fs::fstat(&dir).map_err(said)?) != Mode::RWXU {
            return Err(words::no_permissions(path).into());
        }
        if mode(&stat).contains(Mode::WOTH) {
            say(&words::was_open(path));
        }
    }
    Ok(Owned { dir, path: path.to_owned() })
}

fn mode(stat: &Stat) -> Mode {
    Mode::from_raw_mode(stat.st_mode)
}

/// A named pipe, for tests.
#[cfg(test)]
pub(crate) fn pipe(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
}

//! Copies a directory tree, modification times included: cargo judges by them what it
//! may reuse.
//!
//! *What to notice*: these are copies, never hard links. evcxr and cargo rewrite files in
//! place, and a linked file would change in every session at once. Where the file system
//! can share blocks until they are written (btrfs, XFS), `std::io::copy` does so.

use crate::Result;
use crate::owned::{Owned, names, trouble};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// Copies all that is in the directory `from`, which is at `path`, to `to`, which is empty.
/// What is named `without` stays behind, at any depth. The copies are this user's to write,
/// whatever their originals are.
pub(crate) fn tree(
    from: impl AsFd,
    path: &Path,
    to: &Owned,
    without: Option<&str>,
) -> Result<()> {
    let from = Side { dir: from.as_fd(), path: path.to_owned() };
    let to = Side { dir: to.as_fd(), path: to.path().to_owned() };
    below(&from, &to, without)
}

/// An open directory, and where it is.
struct Side<'a> {
    dir: BorrowedFd<'a>,
    path: PathBuf,
}

const OPEN: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

fn below(from: &Side<'_>, to: &Side<'_>, without: Option<&str>) -> Result<()> {
    let list = names(from.dir).map_err(|error| said(&from.path, error))?;
    for name in list {
        if without.is_some_and(|without| name == without) {
            continue;
        }
        let (source, target) = (from.path.join(&name), to.path.join(&name));
        let stat = rustix::fs::statat(from.dir, &name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| said(&source, error))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                rustix::fs::mkdirat(to.dir, &name, Mode::RWXU)
                    .map_err(|error| said(&target, error))?;
                let open = |side: &Side<'_>| {
                    let flags = OPEN | OFlags::RDONLY | OFlags::DIRECTORY;
                    rustix::fs::openat(side.dir, &name, flags, Mode::empty())
                };
                let from = open(from).map_err(|error| said(&source, error))?;
                let to = open(to).map_err(|error| said(&target, error))?;
                below(
                    &Side { dir: from.as_fd(), path: source },
                    &Side { dir: to.as_fd(), path: target },
                    without,
                )?;
            }
            FileType::Symlink => {
                let leads = rustix::fs::readlinkat(from.dir, &name, vec![])
                    .map_err(|error| said(&source, error))?;
                rustix::fs::symlinkat(leads, to.dir, &name)
                    .map_err(|error| said(&target, error))?;
            }
            FileType::RegularFile => {
                let original = rustix::fs::openat(
                    from.dir,
                    &name,
                    OPEN | OFlags::RDONLY,
                    Mode::empty(),
                );
                let original = original.map_err(|error| said(&source, error))?;
                let mode = Mode::from_raw_mode(stat.st_mode & 0o700 | 0o600);
                let flags = OPEN | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
                let copy = rustix::fs::openat(to.dir, &name, flags, mode)
                    .map_err(|error| said(&target, error))?;
                contents(&original.into(), &copy.into())
                    .map_err(|error| trouble(&target, &error))?;
            }
            _ => {
                let source = source.display();
                return Err(format!("{source} is no file, directory or link").into());
            }
        }
    }
    Ok(())
}

fn contents(mut original: &File, mut copy: &File) -> std::io::Result<()> {
    std::io::copy(&mut original, &mut copy)?;
    copy.set_modified(original.metadata()?.modified()?)
}

fn said(path: &Path, error: rustix::io::Errno) -> String {
    trouble(path, &error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_copy_keeps_times_and_shares_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
        fs::create_dir_all(from.join("deep/left")).unwrap();
        let file = from.join("deep/file");
        fs::write(&file, "before").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let open = File::options().write(true).open(&file).unwrap();
        open.set_modified(long_ago).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        std::os::unix::fs::symlink("file", from.join("deep/link")).unwrap();

        let (from, to) = (Owned::at(&from).unwrap(), Owned::at(&to).unwrap());
        tree(&from, from.path(), &to, Some("left")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(&file, "after").unwrap();

        let copy = to.path().join("deep/file");
        assert_eq!(fs::read_to_string(&copy).unwrap(), "before");
        let found = fs::metadata(&copy).unwrap();
        assert_eq!(found.modified().unwrap(), long_ago);
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "ours to write");
        assert_eq!(
            fs::read_link(to.path().join("deep/link")).unwrap(),
            Path::new("file")
        );
        assert!(!to.path().join("deep/left").exists());
    }

    #[test]
    fn a_pipe_among_the_files_is_named_and_not_waited_for() {
        let scratch = tempfile::tempdir().unwrap();
        let from = Owned::at(&scratch.path().join("from")).unwrap();
        let to = Owned::at(&scratch.path().join("to")).unwrap();
        crate::owned::pipe(&from.path().join("pipe"));
        let said = tree(&from, from.path(), &to, None).unwrap_err().to_string();
        assert!(said.contains("from/pipe is no file"), "{said}");
    }
}

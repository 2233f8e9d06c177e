//! What is said when a place cannot be used: the place, why, and what to do about it.

use super::Stat;
use crate::sys;
use rustix::fs::FileType;
use std::fmt::Display;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::Duration;

/// What helps wherever the place itself cannot be mended.
const ELSEWHERE: &str =
    "or choose another place for the cache: XDG_CACHE_HOME=/some/dir make lab";

/// An error of the system about `path`, with what helps against it.
pub(crate) fn trouble(path: &Path, error: &Error) -> String {
    let (place, shown) = (path.display(), shell(path));
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!(
                "no room left for {place}: delete something (`df -h {above}` shows how \
                     much is free), {ELSEWHERE}",
                above = shell(existing(path))
            )
        }
        ErrorKind::PermissionDenied => {
            let of = existing(path);
            format!(
                "{place}: permission denied: `ls -ld {of}` shows whose it is; take it \
                     back with `sudo chown -R {me} {of}`, {ELSEWHERE}",
                of = shell(of),
                me = sys::user()
            )
        }
        ErrorKind::ReadOnlyFilesystem => {
            format!(
                "{place} is on a file system that is read-only: make it writable, \
                     {ELSEWHERE}"
            )
        }
        ErrorKind::NotADirectory => {
            format!(
                "{place} needs a directory, and something else has that name: look at \
                     `ls -ld {shown}` and remove it, {ELSEWHERE}"
            )
        }
        _ => format!("{place}: {error}"),
    }
}

/// A place with next to no room.
pub(super) fn full(path: &Path) -> String {
    trouble(path, &ErrorKind::StorageFull.into())
}

/// Refuses what is not this user's or of another kind than `wanted`.
pub(super) fn refuse(path: &Path, stat: &Stat, wanted: FileType) -> Result<(), String> {
    let (place, shown) = (path.display(), shell(path));
    let found = FileType::from_raw_mode(stat.st_mode);
    if found != wanted {
        let (found, wanted) = (kind(found), kind(wanted));
        return Err(format!(
            "{place} is {found}, not {wanted} of this kernel's: remove it with \
             `rm -r {shown}`, {ELSEWHERE}"
        ));
    }
    if stat.st_uid != sys::user() {
        let (owner, me) = (stat.st_uid, sys::user());
        return Err(format!(
            "{place} belongs to user {owner}, not to you (user {me}): take it with \
             `sudo chown -R {me} {shown}`, {ELSEWHERE}"
        ));
    }
    Ok(())
}

fn kind(found: FileType) -> &'static str {
    match found {
        FileType::Directory => "a directory",
        FileType::RegularFile => "a file",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        _ => "a device",
    }
}

/// A lock that another process does not let go of.
pub(super) fn held(path: &Path, patience: Duration) -> String {
    let (place, shown) = (path.display(), shell(path));
    format!(
        "another potok-kernel has held {place} for {} s: `fuser -v {shown}` shows it; end it \
         or wait",
        patience.as_secs()
    )
}

/// A file system on which a directory cannot be made private.
pub(super) fn no_permissions(path: &Path) -> String {
    format!(
        "{} cannot be made private: its file system keeps no permissions; choose another \
         place for the cache: XDG_CACHE_HOME=/some/dir make lab",
        path.display()
    )
}

/// A directory that has been private only from now on.
pub(super) fn was_open(path: &Path) -> String {
    format!(
        "everybody could write to {} until now; unless you trust all who use this machine, \
         start afresh: rm -r {}",
        path.display(),
        shell(path)
    )
}

/// The lowest directory of a path that is there.
fn existing(path: &Path) -> &Path {
    path.ancestors().find(|dir| dir.exists()).unwrap_or(path)
}

/// A path as a shell takes it for one word.
pub(crate) fn shell(path: &Path) -> impl Display + use<> {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%:,".contains(c);
    match text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_with_its_cure() {
        let path = Path::new("/no/such place/potok");
        let full = trouble(path, &ErrorKind::StorageFull.into());
        assert!(full.starts_with("no room left for /no/such place/potok: "), "{full}");
        assert!(full.contains("`df -h /`"), "{full}");
        let denied = trouble(path, &ErrorKind::PermissionDenied.into());
        assert!(denied.contains("sudo chown -R"), "{denied}");
        let read_only = trouble(path, &ErrorKind::ReadOnlyFilesystem.into());
        for said in [full, denied, read_only] {
            assert!(said.contains("XDG_CACHE_HOME="), "{said}");
        }
    }

    #[test]
    fn a_command_can_be_pasted() {
        assert_eq!(shell(Path::new("/home/ann/кэш")).to_string(), "/home/ann/кэш");
        assert_eq!(shell(Path::new("/a b/it's")).to_string(), r"'/a b/it'\''s'");
    }
}

//! A directory with a short name for the sockets of an inner kernel, which nobody else can
//! enter: a session's own may lie deeper than the hundred bytes that the name of a socket
//! can have, or on a file system that has no sockets.
//!
//! A lock on the directory itself tells the living from the dead, as for
//! [sessions](crate::session).

use crate::{Result, sys};
use std::env;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What the directories' names begin with.
const NAME: &str = "potok-kernel-";

/// How long its path may be: a socket's is shorter than 104 bytes everywhere.
const LONGEST: usize = 90;

/// A directory of mode 0700, removed with all that is in it when dropped.
#[derive(Debug)]
pub(crate) struct Private {
    dir: PathBuf,
    _lock: File,
}

impl Private {
    /// Makes one where the system keeps what lives as long as its user is logged in, or
    /// else where it keeps temporary files.
    pub(crate) fn new() -> Result<Self> {
        let mut refused = vec![];
        for place in places() {
            match Private::within(&place) {
                Ok(private) => return Ok(private),
                Err(error) => refused.push(format!("{}: {error}", place.display())),
            }
        }
        let refused = refused.join("; ");
        Err(format!(
            "no place for the kernel's sockets ({refused}); set TMPDIR to a directory with \
             a short path that you may write to"
        )
        .into())
    }

    fn within(place: &Path) -> io::Result<Self> {
        let name = Uuid::new_v4().simple().to_string();
        let dir = place.join(format!("{NAME}{}", &name[..16]));
        if dir.as_os_str().len() > LONGEST || dir.to_str().is_none() {
            return Err(io::Error::other("the path is too long, or not UTF-8"));
        }
        DirBuilder::new().mode(0o700).create(&dir)?;
        let lock = open_own(&dir).and_then(|lock| {
            // Another kernel that sweeps may have taken it for a dead one's.
            lock.try_lock()?;
            fs::symlink_metadata(&dir)?;
            Ok(lock)
        });
        match lock {
            Ok(lock) => Ok(Private { dir, _lock: lock }),
            Err(error) => {
                let _ = fs::remove_dir(&dir);
                Err(error)
            }
        }
    }

    /// Where it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Removes what killed kernels left behind. What cannot be looked at is left alone.
pub(crate) fn sweep() {
    places().iter().for_each(|place| sweep_in(place));
}

fn sweep_in(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for dir in entries.flatten().map(|entry| entry.path()) {
        let named = dir.file_name().and_then(|name| name.to_str());
        if named.is_some_and(|name| name.starts_with(NAME))
            && let Ok(lock) = open_own(&dir)
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(&dir);
        }
    }
}

/// Opens a directory that is this user's and closed to others; a link is none.
fn open_own(dir: &Path) -> io::Result<File> {
    let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
    let opened = File::options().read(true).custom_flags(flags).open(dir)?;
    let found = opened.metadata()?;
    if found.uid() != sys::user() || found.mode() & 0o077 != 0 {
        return Err(io::Error::other("it is not this user's alone"));
    }
    Ok(opened)
}

/// Where such directories may be, the best first.
fn places() -> Vec<PathBuf> {
    let at_login = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let all = at_login.into_iter().chain([env::temp_dir(), "/tmp".into()]);
    let mut places: Vec<PathBuf> = vec![];
    for place in all.filter(|place| place.is_absolute()) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn place() -> PathBuf {
        let name = Uuid::new_v4().simple().to_string();
        let place = env::temp_dir().join(format!("private-test-{}", &name[..8]));
        fs::create_dir(&place).unwrap();
        place
    }

    #[test]
    fn a_living_kernels_directory_is_private_and_stays_and_a_dead_ones_goes() {
        let place = place();
        let living = Private::within(&place).unwrap();
        let mode = fs::metadata(living.dir()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let dead = place.join(format!("{NAME}dead"));
        DirBuilder::new().mode(0o700).create(&dead).unwrap();
        fs::write(dead.join("s:1"), "").unwrap();
        sweep_in(&place);
        assert_eq!((living.dir().exists(), dead.exists()), (true, false));
        drop(living);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
        fs::remove_dir(place).unwrap();
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        let place = place();
        let target = place.join("target");
        DirBuilder::new().mode(0o700).create(&target).unwrap();
        fs::write(target.join("keep"), "").unwrap();
        symlink(&target, place.join(format!("{NAME}link"))).unwrap();
        let open = place.join(format!("{NAME}open"));
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, PermissionsExt::from_mode(0o755)).unwrap();
        fs::write(place.join(format!("{NAME}file")), "").unwrap();
        sweep_in(&place);
        assert!(target.join("keep").exists() && open.exists());
        assert_eq!(fs::read_dir(&place).unwrap().count(), 4);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_place_with_a_long_path_is_refused() {
        let error = Private::within(&env::temp_dir().join("d".repeat(90))).unwrap_err();
        assert!(error.to_string().contains("too long"), "{error}");
    }
}

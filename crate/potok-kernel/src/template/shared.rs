//! Templates for all users of a machine: beside a program that is installed for all of them,
//! at `<prefix>/share/potok-kernel/templates`. Whoever installs it puts them there; kernels
//! only read them, before they look into their user's own.
//!
//! *What to notice*: what is in a template is run. It is opened by descriptor, and each file
//! in it has to be one that nobody could change who could not change this program. A template
//! that is not used is named with the reason; the kernel then starts from its user's own.
//!
//! *Why no lock keeps it while it is copied*: whoever can read a file can lock it, for as long
//! as they like, and so could keep everybody else from it. Instead, a template loses its name
//! before anything of it is removed: one that still has it after the copy was whole.

use super::{Template, Whose, is_template};
use crate::owned::{Owned, Share, names, try_lock};
use crate::{Result, copy, say, sys};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// From the directory that has `bin`.
const PLACE: &str = "share/potok-kernel/templates";

/// How the name of one begins that is being made, or removed. Nobody looks for these.
const ASIDE: &str = ".aside-";

/// The file that who publishes holds. Nobody else can open it.
const LOCK: &str = ".lock";

/// How long somebody else may take to publish one.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who may write to it besides its owner.
const OTHERS: u32 = 0o022;

fn place() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.parent()?.parent()?.join(PLACE))
}

/// The shared template of this name.
pub(super) fn find(name: &str) -> Option<Template> {
    match found(&place()?, name) {
        Ok(template) => template,
        Err(error) => {
            say(&format!("the template for all users is not used: {error}"));
            None
        }
    }
}

fn found(place: &Path, name: &str) -> Result<Option<Template>> {
    let path = place.join(name);
    if fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let above = open(rustix::fs::CWD, place.as_os_str(), place)?;
    let dir = open(above.as_fd(), name.as_ref(), &path)?;
    check(dir.as_fd(), &path)?;
    Ok(Some(Template { dir: dir.into(), path, whose: Whose::Everybody, without: None }))
}

/// Copies one to an empty directory. Says whether the copy is whole: it may have been
/// replaced meanwhile.
pub(super) fn copy(template: &Template, to: &Owned) -> Result<bool> {
    let copied = copy::tree(&template.dir, &template.path, to, template.without);
    if has_its_name(template) { copied.map(|()| true) } else { Ok(false) }
}

fn has_its_name(template: &Template) -> bool {
    let open = template.dir.metadata();
    let named = fs::symlink_metadata(&template.path);
    let which = |found: &fs::Metadata| (found.dev(), found.ino());
    matches!((&open, &named), (Ok(open), Ok(named)) if which(open) == which(named))
}

/// Opens a directory that others cannot change.
fn open(above: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = rustix::fs::openat(above, name, flags, Mode::empty())
        .map_err(|_| format!("{} is no directory that you can read", path.display()))?;
    let stat = rustix::fs::fstat(&dir).map_err(|error| said(path, error))?;
    trust(path, &stat)?;
    Ok(dir)
}

/// Refuses what others can change in an open directory, at any depth.
fn check(dir: BorrowedFd<'_>, path: &Path) -> Result<()> {
    for name in names(dir).map_err(|error| said(path, error))? {
        let path = path.join(&name);
        let stat = rustix::fs::statat(dir, &name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| said(&path, error))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => check(open(dir, &name, &path)?.as_fd(), &path)?,
            FileType::RegularFile => trust(&path, &stat)?,
            _ => return Err(format!("{} is no file", path.display()).into()),
        }
    }
    Ok(())
}

fn trust(path: &Path, stat: &Stat) -> Result<()> {
    let program = fs::metadata(std::env::current_exe()?)?.uid();
    let path = path.display();
    if ![0, program, sys::user()].contains(&stat.st_uid) {
        let owner = stat.st_uid;
        return Err(format!(
            "{path} belongs to user {owner}, who is not the one of this program"
        )
        .into());
    }
    if stat.st_mode & OTHERS != 0 {
        return Err(format!("{path} can be changed by others than its owner").into());
    }
    Ok(())
}

fn said(path: &Path, error: rustix::io::Errno) -> String {
    format!("{}: {}", path.display(), std::io::Error::from(error))
}

/// Puts a copy of `template` there, instead of what was there.
pub(super) fn publish(template: &Template, name: &str) -> Result<()> {
    let place = place().ok_or("this program has no directory above its own")?;
    publish_in(&place, template, name).map_err(|error| {
        format!(
            "{error}; whoever installed this program can run this, for all its users"
        )
    })?;
    say(&format!(
        "all users of this program start from {}",
        place.join(name).display()
    ));
    Ok(())
}

fn publish_in(place: &Path, template: &Template, name: &str) -> Result<()> {
    let said = |error| format!("{}: {error}", place.display());
    fs::create_dir_all(place)
        .and_then(|()| fs::set_permissions(place, Permissions::from_mode(0o755)))
        .map_err(said)?;
    let _alone = alone(place)?;
    if !is_good(place, name) {
        let aside = aside(place)?;
        let making = Owned::at(&aside)?;
        copy::tree(&template.dir, &template.path, &making, template.without)?;
        readable(&aside)?;
        if fs::symlink_metadata(place.join(name)).is_ok() {
            set_aside(place, name)?;
        }
        fs::rename(&aside, place.join(name)).map_err(said)?;
    }
    for entry in fs::read_dir(place).map_err(said)? {
        let other = entry.map_err(said)?.file_name();
        let other = other.to_str().unwrap_or_default();
        if is_template(other) && other != name {
            set_aside(place, other)?;
        }
    }
    for entry in fs::read_dir(place).map_err(said)? {
        let path = entry.map_err(said)?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(ASIDE.as_bytes()) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Waits until nobody else publishes there: what is aside then was left behind.
fn alone(place: &Path) -> Result<File> {
    let path = place.join(LOCK);
    let said = |error| format!("{}: {error}", path.display());
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&path)
        .map_err(said)?;
    let began = Instant::now();
    while !try_lock(&lock, Share::Alone).map_err(said)? {
        if began.elapsed() > PATIENCE {
            return Err(format!(
                "{}: another `potok-kernel template --shared` has held it for {} s",
                path.display(),
                PATIENCE.as_secs()
            )
            .into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(lock)
}

fn is_good(place: &Path, name: &str) -> bool {
    matches!(found(place, name), Ok(Some(_)))
}

/// A name that nothing has yet.
fn aside(place: &Path) -> Result<PathBuf> {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_nanos();
    Ok(place.join(format!("{ASIDE}{}-{now}", std::process::id())))
}

/// Takes a template out of its place. Kernels that copy it now will see that.
fn set_aside(place: &Path, name: &str) -> Result<()> {
    fs::rename(place.join(name), aside(place)?)
        .map_err(|error| format!("{}: {error}", place.join(name).display()).into())
}

/// Removes what was set aside.
fn remove(path: &Path) -> Result<()> {
    let is_dir = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(|error| format!("{}: {error}", path.display()).into())
}

/// For everybody to read, and for its owner alone to write.
fn readable(path: &Path) -> Result<()> {
    let said = |error| format!("{}: {error}", path.display());
    let found = fs::symlink_metadata(path).map_err(said)?;
    let mode = if found.is_dir() || found.mode() & 0o100 != 0 { 0o755 } else { 0o644 };
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(said)?;
    if found.is_dir() {
        for entry in fs::read_dir(path).map_err(said)? {
            readable(&entry.map_err(said)?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, symlink};

    const NAME: &str = "0123456789abcdef-0123456789abcdef";
    const OTHER: &str = "0123456789abcdef-fedcba9876543210";

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// A template of this user's own, which says `text`.
    fn own(dir: &Path, text: &str) -> Template {
        let dir = Owned::at(&dir.join(text)).unwrap();
        dir.dir("crate").unwrap().write("file", text.as_bytes()).unwrap();
        Template::own(dir, None)
    }

    fn names_in(place: &Path) -> Vec<String> {
        let there = fs::read_dir(place).unwrap().flatten();
        let mut names: Vec<_> =
            there.map(|it| it.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn text(place: &Path, name: &str) -> Option<String> {
        fs::read_to_string(place.join(name).join("crate/file")).ok()
    }

    #[test]
    fn one_that_others_can_write_to_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("templates");
        publish_in(&place, &own(dir.path(), "one"), NAME).unwrap();
        assert!(is_good(&place, NAME));
        assert!(found(&place, OTHER).unwrap().is_none());
        let file = place.join(NAME).join("crate/file");
        for path in [&place, &place.join(NAME), file.parent().unwrap(), &file] {
            let mode = fs::metadata(path).unwrap().mode();
            set(path, mode | 0o020);
            let said = found(&place, NAME).unwrap_err().to_string();
            assert!(said.contains("changed by others"), "{said}");
            assert!(said.contains(path.to_str().unwrap()), "{said}");
            set(path, mode);
        }
        assert!(is_good(&place, NAME));
        if sys::user() == 0 {
            chown(&file, Some(61_001), None).unwrap();
            let said = found(&place, NAME).unwrap_err().to_string();
            assert!(said.contains("belongs to user 61001"), "{said}");
        }
    }

    #[test]
    fn a_link_may_lead_anywhere_and_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("templates");
        publish_in(&place, &own(dir.path(), "one"), NAME).unwrap();
        symlink(place.join(NAME), place.join(OTHER)).unwrap();
        assert!(found(&place, OTHER).is_err());
        symlink("/etc/passwd", place.join(NAME).join("crate/link")).unwrap();
        assert!(found(&place, NAME).is_err());
        symlink(&place, dir.path().join("link")).unwrap();
        assert!(found(&dir.path().join("link"), NAME).is_err());
    }

    #[test]
    fn what_is_published_can_be_read_and_not_written_and_is_there_alone() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("templates");
        publish_in(&place, &own(dir.path(), "one"), OTHER).unwrap();
        // Somebody was killed while they published, and before that made a link.
        fs::create_dir(aside(&place).unwrap()).unwrap();
        symlink("/etc", aside(&place).unwrap()).unwrap();
        publish_in(&place, &own(dir.path(), "two"), NAME).unwrap();
        assert_eq!(names_in(&place), [LOCK, NAME]);
        assert_eq!(text(&place, NAME).as_deref(), Some("two"));
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        let made = place.join(NAME);
        assert_eq!((mode(&made.join("crate/file")), mode(&made)), (0o644, 0o755));
    }

    #[test]
    fn one_that_is_not_used_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("templates");
        publish_in(&place, &own(dir.path(), "one"), NAME).unwrap();
        publish_in(&place, &own(dir.path(), "two"), NAME).unwrap();
        assert_eq!(text(&place, NAME).as_deref(), Some("one"), "it is as good");
        set(&place.join(NAME), 0o777);
        publish_in(&place, &own(dir.path(), "three"), NAME).unwrap();
        assert_eq!(text(&place, NAME).as_deref(), Some("three"));
    }

    #[test]
    fn a_copy_of_what_was_replaced_meanwhile_is_not_taken_for_whole() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("templates");
        publish_in(&place, &own(dir.path(), "one"), NAME).unwrap();
        let copied = found(&place, NAME).unwrap().unwrap();
        let target = |name: &str| Owned::at(&dir.path().join(name)).unwrap();
        let first = target("first");
        assert!(copy(&copied, &first).unwrap());
        assert!(first.path().join("crate/file").exists());
        // Another one comes to the place, and then one to its very name.
        publish_in(&place, &own(dir.path(), "two"), OTHER).unwrap();
        assert!(!copy(&copied, &target("second")).unwrap());
        publish_in(&place, &own(dir.path(), "three"), NAME).unwrap();
        assert!(!copy(&copied, &target("third")).unwrap());
        assert_eq!(names_in(&place), [LOCK, NAME], "nothing waits for who copies");
    }

    #[test]
    fn no_lock_of_a_stranger_keeps_others_from_it() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("templates");
        publish_in(&place, &own(dir.path(), "one"), NAME).unwrap();
        // All that somebody can lock who can only read.
        let template = place.join(NAME);
        let readable = [&place, &template, &template.join("crate/file")];
        let held = readable.map(|path| File::open(path).unwrap());
        assert!(held.iter().all(|file| try_lock(file, Share::Alone).unwrap()));
        assert!(is_good(&place, NAME));
        publish_in(&place, &own(dir.path(), "two"), OTHER).unwrap();
        assert_eq!(names_in(&place), [LOCK, OTHER]);
        let mode = fs::metadata(place.join(LOCK)).unwrap().mode();
        assert_eq!(mode & 0o077, 0, "only who publishes can hold that one");
    }
}

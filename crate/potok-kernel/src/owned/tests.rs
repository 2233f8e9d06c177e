//! What is made is private, and what somebody else put there is refused by its name.

use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn what_is_made_is_private_and_what_was_open_is_closed() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("deep/er/potok");
    let cache = Owned::at(&path).unwrap();
    let sub = cache.dir("sub").unwrap();
    sub.file("lock").unwrap();
    for dir in [cache.path(), sub.path()] {
        assert_eq!(mode_of(dir), 0o700);
    }
    assert_eq!(mode_of(&sub.path().join("lock")) & 0o077, 0);
    for open in [0o755, 0o777, 0o2775, 0o000] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        Owned::at(&path).unwrap();
        assert_eq!(mode_of(&path), 0o700, "{open:o}");
    }
}

#[test]
fn links_are_refused_wherever_they_stand_and_named() {
    let scratch = tempfile::tempdir().unwrap();
    let theirs = scratch.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("file"), "theirs").unwrap();
    let link = scratch.path().join("potok");
    symlink(&theirs, &link).unwrap();
    let said = Owned::at(&link).unwrap_err().to_string();
    assert!(said.contains("potok is a symbolic link, not a directory"), "{said}");

    let cache = Owned::at(&scratch.path().join("cache")).unwrap();
    symlink(&theirs, cache.path().join("sessions")).unwrap();
    symlink(theirs.join("file"), cache.path().join("lock")).unwrap();
    symlink(theirs.join("new"), cache.path().join("dangling")).unwrap();
    assert!(cache.dir("sessions").is_err() && cache.found_dir("sessions").is_err());
    for name in ["lock", "dangling"] {
        let said = cache.file(name).unwrap_err().to_string();
        assert!(said.contains("is a symbolic link, not a file"), "{said}");
        assert!(said.contains("rm -r /"), "{said}");
        assert!(cache.found_file(name).is_err());
    }
    assert!(!theirs.join("new").exists());

    cache.remove("sessions").unwrap();
    cache.remove("lock").unwrap();
    assert_eq!(fs::read_to_string(theirs.join("file")).unwrap(), "theirs");
}

#[test]
fn the_directory_stays_the_same_when_its_name_goes_to_another() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("potok");
    let cache = Owned::at(&path).unwrap();
    fs::rename(&path, scratch.path().join("away")).unwrap();
    fs::create_dir_all(path.join("sub")).unwrap();
    cache.dir("sub").unwrap().file("file").unwrap();
    cache.remove("sub").unwrap();
    assert!(path.join("sub").is_dir());
}

#[test]
fn pipes_sockets_and_devices_are_not_waited_for() {
    let scratch = tempfile::tempdir().unwrap();
    let cache = Owned::at(&scratch.path().join("potok")).unwrap();
    pipe(&cache.path().join("pipe"));
    let _socket =
        std::os::unix::net::UnixListener::bind(cache.path().join("socket")).unwrap();
    for (name, what) in [("pipe", "a pipe"), ("socket", "a socket")] {
        for said in [cache.file(name).unwrap_err(), cache.found_file(name).unwrap_err()]
        {
            assert!(said.to_string().contains(what), "{said}");
        }
    }
    assert!(cache.dir("pipe").is_err());
}

#[test]
fn a_name_cannot_leave_the_directory() {
    let scratch = tempfile::tempdir().unwrap();
    let cache = Owned::at(&scratch.path().join("potok")).unwrap();
    for name in ["", ".", "..", "a/b", "/etc", "a\0b"] {
        assert!(cache.dir(name).is_err(), "{name:?}");
        assert!(cache.remove(name).is_err(), "{name:?}");
    }
    assert!(cache.path().is_dir());
}

/// Only root can give a directory away.
#[test]
fn another_users_directory_is_refused_and_named() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("potok");
    fs::create_dir(&path).unwrap();
    if sys::user() != 0 {
        return;
    }
    std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
    let said = Owned::at(&path).unwrap_err().to_string();
    assert!(said.contains("belongs to user 65534, not to you (user 0)"), "{said}");
    assert!(said.contains("sudo chown -R 0 /"), "{said}");
}

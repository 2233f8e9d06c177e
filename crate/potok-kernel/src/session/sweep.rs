//! Removes what killed kernels left, and nothing else.
//!
//! *What to notice*: only names that a session can have are looked at. A name that is
//! something else (`..lock`), a link, a pipe, another user's file is not ours to remove; it
//! is [told](Found::odd) with what to do about it.

use crate::owned::{self, Owned, Share};
use crate::{Result, paths, say};
use std::ffi::OsStr;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// How long the gate may stay shut: a sweep removes gigabytes in a second or two.
const PATIENCE: Duration = Duration::from_secs(60);

/// The file that is locked while a session is named or swept.
const GATE: &str = ".gate";

/// What the end of a lock's name is.
const LOCK: &str = ".lock";

/// What a sweep finds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Directories of kernels that are no more.
    pub(crate) dead: Vec<PathBuf>,
    /// What has a session's name and is none, each with why and what to do.
    pub(crate) odd: Vec<String>,
}

/// Removes the directories of kernels that are no more; leaves the living alone. What it
/// found, and could not judge or remove.
pub(crate) fn sweep() -> Result<Found> {
    sweep_in(&paths::sessions()?)
}

/// Sweeps, and tells the person at the terminal of what is odd.
pub(crate) fn sweep_and_tell() -> Result<()> {
    sweep()?.odd.iter().for_each(|odd| say(odd));
    Ok(())
}

/// What `sweep` would remove.
pub(crate) fn dead() -> Result<Found> {
    let sessions = paths::sessions()?;
    let _alone = gate(&sessions)?;
    Ok(told(&sessions, &unlocked(&sessions)?))
}

fn sweep_in(sessions: &Owned) -> Result<Found> {
    let _alone = gate(sessions)?;
    let unlocked = unlocked(sessions)?;
    let found = told(sessions, &unlocked);
    for (name, _lock) in unlocked.dead {
        remove(sessions, &name);
    }
    Ok(found)
}

fn told(sessions: &Owned, unlocked: &Unlocked) -> Found {
    let path = |(name, _): &(String, _)| sessions.path().join(name);
    Found { dead: unlocked.dead.iter().map(path).collect(), odd: unlocked.odd.clone() }
}

/// The sessions whose lock nobody holds, or that have none, each with its lock, which is
/// held from now on.
#[derive(Default)]
struct Unlocked {
    dead: Vec<(String, Option<File>)>,
    odd: Vec<String>,
}

/// Only while the gate is shut does this say anything.
fn unlocked(sessions: &Owned) -> Result<Unlocked> {
    let mut found = Unlocked::default();
    let names = sessions.names()?;
    for name in &names {
        let Some(name) = name.to_str() else { continue };
        let session = name.strip_suffix(LOCK).unwrap_or(name);
        let lock = format!("{session}{LOCK}");
        // One with a lock is judged by it, once.
        if !is_session(session)
            || (name == session && names.iter().any(|other| **other == *lock))
        {
            continue;
        }
        // What lies at the directory's name first: nothing is said of a session before.
        match judge(sessions, session, &lock) {
            Ok(Some(lock)) => found.dead.push((session.to_owned(), lock)),
            Ok(None) => {}
            Err(odd) => found.odd.push(odd.to_string()),
        }
    }
    Ok(found)
}

/// The lock of a session that has died, if it has one; nothing if it lives.
fn judge(sessions: &Owned, session: &str, lock: &str) -> Result<Option<Option<File>>> {
    let lock = sessions.found_file(lock)?;
    if let Some(lock) = &lock
        && !owned::try_lock(lock, Share::Alone)?
    {
        return Ok(None);
    }
    let dir = sessions.found_dir(session)?;
    // Both are gone where its session has just ended, which does not ask at the gate.
    Ok((lock.is_some() || dir.is_some()).then_some(lock))
}

/// Whether a session can have this name: `<pid>-<nanoseconds>`.
fn is_session(name: &str) -> bool {
    let number =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    name.split_once('-').is_some_and(|(pid, time)| number(pid) && number(time))
}

/// Makes and takes the lock of a new session.
pub(super) fn new_lock(sessions: &Owned, name: &str) -> Result<File> {
    let lock = sessions.new_file(format!("{name}{LOCK}"))?;
    if owned::try_lock(&lock, Share::Alone)? {
        return Ok(lock);
    }
    Err(format!("{name}{LOCK} is locked by another process already").into())
}

/// Held while a session is named or swept, so that none is swept before it is locked.
pub(super) fn gate(sessions: &Owned) -> Result<File> {
    sessions.lock(GATE, Share::Alone, PATIENCE)
}

/// The directory goes first: a lock without a directory is swept later, a directory
/// without a lock would stay.
pub(super) fn remove(sessions: &Owned, name: &str) {
    if sessions.remove(OsStr::new(name)).is_ok() {
        let _ = sessions.remove(format!("{name}{LOCK}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    /// A cache with a template in it, a file outside, and a living session.
    struct Scene {
        scratch: tempfile::TempDir,
        sessions: Owned,
        living: File,
    }

    impl Scene {
        fn new() -> Self {
            let scratch = tempfile::tempdir().unwrap();
            let cache = Owned::at(&scratch.path().join("potok")).unwrap();
            fs::write(cache.dir("templates").unwrap().path().join("kept"), "").unwrap();
            fs::write(scratch.path().join("kept"), "kept").unwrap();
            let sessions = cache.dir("sessions").unwrap();
            let living = new_lock(&sessions, "1-1").unwrap();
            sessions.new_dir("1-1").unwrap();
            Scene { scratch, sessions, living }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.sessions.path().join(name)
        }

        /// Sweeps; what was odd. All that is not a dead session's is still there.
        fn sweep(&self) -> Vec<String> {
            let odd = sweep_in(&self.sessions).unwrap().odd;
            assert!(self.at("1-1").is_dir() && self.at("1-1.lock").is_file());
            let outside = self.scratch.path().join("kept");
            assert_eq!(fs::read_to_string(outside).unwrap(), "kept");
            assert!(self.scratch.path().join("potok/templates/kept").is_file());
            odd
        }
    }

    #[test]
    fn the_dead_go_and_the_living_stay() {
        let scene = Scene::new();
        fs::create_dir_all(scene.at("2-2/crate/deep")).unwrap();
        fs::write(scene.at("2-2.lock"), "").unwrap();
        fs::create_dir(scene.at("3-3")).unwrap();
        fs::write(scene.at("4-4.lock"), "").unwrap();
        assert!(scene.sweep().is_empty());
        let left = scene.sessions.names().unwrap();
        assert_eq!(left.len(), 3, "{left:?}");
        drop(scene.living);
        assert_eq!(
            sweep_in(&scene.sessions).unwrap().dead,
            [scene.sessions.path().join("1-1")]
        );
        assert_eq!(scene.sessions.names().unwrap(), [GATE]);
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_no_session() {
        let scene = Scene::new();
        let names = ["...lock", "..lock", ".lock", "notes.lock", "1-x.lock", "-.lock"];
        for name in names {
            fs::write(scene.at(name), "").unwrap();
        }
        fs::create_dir(scene.at("notes")).unwrap();
        assert!(scene.sweep().is_empty());
        for name in names.iter().chain(&["notes"]) {
            assert!(scene.at(name).exists(), "{name}");
        }
    }

    #[test]
    fn links_and_pipes_in_a_locks_place_are_told_not_followed_and_not_waited_for() {
        let scene = Scene::new();
        let outside = scene.scratch.path().join("kept");
        owned::pipe(&scene.at("5-5.lock"));
        symlink(&outside, scene.at("6-6.lock")).unwrap();
        symlink(scene.scratch.path(), scene.at("7-7")).unwrap();
        fs::write(scene.at("7-7.lock"), "").unwrap();
        fs::create_dir(scene.at("8-8.lock")).unwrap();
        let mut odd = scene.sweep();
        odd.sort();
        let what = ["a pipe", "a symbolic link", "a symbolic link", "a directory"];
        assert_eq!(odd.len(), what.len(), "{odd:#?}");
        for (said, what) in odd.iter().zip(what) {
            assert!(said.contains(what) && said.contains("rm -r /"), "{said}");
        }
    }

    #[test]
    fn what_a_dead_session_links_to_stays() {
        let scene = Scene::new();
        fs::create_dir(scene.at("2-2")).unwrap();
        symlink(scene.scratch.path(), scene.at("2-2/all")).unwrap();
        symlink(scene.scratch.path().join("kept"), scene.at("2-2/one")).unwrap();
        scene.sweep();
        assert!(!scene.at("2-2").exists());
    }

    #[test]
    fn directories_without_permissions_go_as_well() {
        let scene = Scene::new();
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        for (name, inner) in [("2-2", 0o000), ("3-3", 0o400), ("4-4", 0o100)] {
            fs::create_dir_all(scene.at(name).join("a/b")).unwrap();
            fs::write(scene.at(name).join("a/b/file"), "").unwrap();
            mode(&scene.at(name).join("a/b"), inner);
            mode(&scene.at(name).join("a"), inner);
            mode(&scene.at(name), inner);
        }
        fs::write(scene.at("5-5.lock"), "").unwrap();
        mode(&scene.at("5-5.lock"), 0o000);
        assert!(scene.sweep().is_empty());
        assert_eq!(scene.sessions.names().unwrap().len(), 3);
    }

    #[test]
    fn a_gate_that_is_a_link_is_refused_and_its_target_kept() {
        let scene = Scene::new();
        fs::remove_file(scene.at(GATE)).unwrap_or_default();
        symlink(scene.scratch.path().join("kept"), scene.at(GATE)).unwrap();
        let said = sweep_in(&scene.sessions).unwrap_err().to_string();
        assert!(said.contains(".gate is a symbolic link"), "{said}");
        fs::remove_file(scene.at(GATE)).unwrap();
        scene.sweep();
    }

    #[test]
    fn a_gate_that_stays_shut_is_named() {
        let scene = Scene::new();
        let _shut = gate(&scene.sessions).unwrap();
        let soon = Duration::from_millis(50);
        let said = scene.sessions.lock(GATE, Share::Alone, soon).unwrap_err();
        assert!(said.to_string().contains("/.gate for"), "{said}");
    }
}

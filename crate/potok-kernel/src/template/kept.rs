//! Which templates are kept: those that a checkout uses, and the one that it used before.
//!
//! Each checkout has a note, `.users/<number>`: its path, then the names of its templates, the
//! newest first. A template in nobody's note is nobody's.

use super::{OWNER, by_age};
use crate::Result;
use crate::owned::{Owned, Share};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;

/// How many of a checkout's templates are kept.
const KEPT: usize = 2;

/// Among the notes, held by who reads or writes them: by half a note, a template would be
/// nobody's.
const LOCK: &str = ".lock";

/// The directory of notes.
const USERS: &str = ".users";

/// Writes down that the library in `potok` uses the template `name`.
pub(super) fn note_use(templates: &Owned, potok: &Path, name: &str) -> Result<()> {
    let users = templates.dir(USERS)?;
    let _alone = lock(&users)?;
    let file = note_of(potok);
    let before = users.read(&file)?.unwrap_or_default();
    let mut names: Vec<&str> =
        before.lines().skip(1).filter(|it| *it != name).collect();
    names.insert(0, name);
    names.truncate(KEPT);
    let path = potok.to_str().ok_or("the path of crate/potok is not UTF-8")?;
    let note = format!("{path}\n{}\n", names.join("\n"));
    if note == before {
        return Ok(());
    }
    users.write(file, note.as_bytes())
}

/// The templates that no checkout uses. Notes of checkouts that are gone are removed.
pub(super) fn unused(templates: &Owned) -> Result<Vec<String>> {
    let users = templates.dir(USERS)?;
    let _alone = lock(&users)?;
    let mut used = vec![];
    for file in users.names()?.into_iter().filter(|name| name != LOCK) {
        let note = users.read(&file)?.unwrap_or_default();
        let mut lines = note.lines().map(str::to_owned);
        if lines.next().is_some_and(|potok| Path::new(&potok).exists()) {
            used.extend(lines);
        } else {
            users.remove(file)?;
        }
    }
    let mut all = by_age(templates, "")?;
    all.retain(|name| !used.contains(name) && !is_others(templates, &users, name));
    Ok(all)
}

/// Whether a template is of a checkout whose kernel writes no notes yet, or cannot be looked
/// into: not for us to remove.
fn is_others(templates: &Owned, users: &Owned, name: &str) -> bool {
    let owner = templates.found_dir(name).and_then(|dir| match dir {
        Some(dir) => dir.read(OWNER),
        None => Ok(None),
    });
    let Ok(owner) = owner else { return true };
    let Some(owner) = owner else { return false };
    let owner = Path::new(&owner);
    owner.exists() && !matches!(users.read(note_of(owner)), Ok(Some(_)))
}

fn lock(users: &Owned) -> Result<File> {
    users.lock(LOCK, Share::Alone, Duration::from_secs(10))
}

fn note_of(potok: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    potok.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_a_checkout_uses_stays_until_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let templates = Owned::at(&dir.path().join("templates")).unwrap();
        let [here, there] = ["here", "there"].map(|name| dir.path().join(name));
        fs::create_dir(&here).unwrap();
        fs::create_dir(&there).unwrap();
        let name = |n: u64| format!("{n:016x}-{n:016x}");
        for n in 1..=5 {
            templates.dir(name(n)).unwrap().write(OWNER, b"/nowhere").unwrap();
        }
        for n in [1, 2, 3, 2] {
            note_use(&templates, &here, &name(n)).unwrap();
        }
        note_use(&templates, &there, &name(1)).unwrap();
        let unused = || {
            let mut all = unused(&templates).unwrap();
            all.sort();
            all
        };
        assert_eq!(unused(), [name(4), name(5)], "2 and 3 of the one, 1 of the other");
        fs::remove_dir(&there).unwrap();
        assert_eq!(unused(), [name(1), name(4), name(5)]);
        // One of a checkout with an older kernel.
        let older = templates.dir(name(4)).unwrap();
        older.write(OWNER, dir.path().to_str().unwrap().as_bytes()).unwrap();
        assert_eq!(unused(), [name(1), name(5)]);
    }
}

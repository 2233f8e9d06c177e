//! Which dylibs the process that runs the cells has loaded, by what cargo says of each build.
//!
//! A cell that is linked with a library other than the loaded one either does not load or
//! finds other types behind the same names. So such a build is not handed on: the file
//! `changed` tells the relay, which starts the runtime anew and sends the cell again.

use super::replay;
use crate::Result;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Has a line for each library that was loaded.
const LOADED: &str = "loaded";

/// Names the libraries that changed.
const CHANGED: &str = "changed";

/// What the library does first in a new runtime: code in a library that is not to be loaded
/// again.
pub(crate) const AT_START: &str = "at-start";

/// The files of dylibs, by the crates' names: path, inode, size and time.
type Libraries = BTreeMap<String, String>;

/// Nothing is loaded yet in this session; the template that it began as had notes of its own.
pub(crate) fn nothing_yet(session: &Path) -> Result<()> {
    let notes = [LOADED, CHANGED, AT_START, replay::RECORD];
    notes.iter().try_for_each(|name| remove(&session.join(name)))
}

/// Takes note of the libraries of a build, of which cargo `said` this. Those that differ
/// from the loaded ones come back, and the relay is told.
pub(super) fn take_note(session: &Path, said: &[u8]) -> Result<Option<String>> {
    let now = libraries(said);
    let mut known = read(session)?;
    let differ = |(name, file): &(&String, &String)| {
        known.get(*name).is_some_and(|known| known != *file)
    };
    let changed: Vec<&str> =
        now.iter().filter(differ).map(|(name, _)| &**name).collect();
    if !changed.is_empty() {
        let changed = changed.join(", ");
        // The relay believes `changed`; it must not be there with the old notes.
        remove(&session.join(LOADED))?;
        remove(&session.join(AT_START))?;
        fs::write(session.join(CHANGED), &changed)?;
        return Ok(Some(changed));
    }
    if now.iter().any(|(name, _)| !known.contains_key(name)) {
        known.extend(now);
        let lines = known.iter().map(|(name, file)| format!("{name}\t{file}\n"));
        fs::write(session.join(LOADED), lines.collect::<String>())?;
    }
    Ok(None)
}

/// Which libraries changed so that the runtime has to start anew; asked once for each time.
pub(crate) fn changed(session: &Path) -> Option<String> {
    let file = session.join(CHANGED);
    let changed = fs::read_to_string(&file).ok()?;
    fs::remove_file(file).ok()?;
    Some(changed)
}

/// Whether the libraries are still on disk as they were loaded. If not, code at an address in
/// one of them is not where it was.
pub(crate) fn loads_what_it_did(session: &Path) -> bool {
    read(session).is_ok_and(|known| {
        known.values().all(|noted| {
            let path = noted.split('\t').next().unwrap_or_default();
            identity(path).is_some_and(|now| now == *noted)
        })
    })
}

/// The dylibs in cargo's messages. Those of evcxr's own crate and of macros are none.
fn libraries(said: &[u8]) -> Libraries {
    let mut found = Libraries::new();
    for line in said.split(|byte| *byte == b'\n') {
        // Most lines are found out without being parsed.
        if !line.windows(7).any(|text| text == b"\"dylib\"") {
            continue;
        }
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let is_dylib = |target: &Value| {
            target["crate_types"]
                .as_array()
                .is_some_and(|it| it.contains(&"dylib".into()))
        };
        if message["reason"] != "compiler-artifact" || !is_dylib(&message["target"]) {
            continue;
        }
        let files = message["filenames"].as_array().into_iter().flatten();
        let mut files = files.filter_map(Value::as_str);
        let ends = |file: &&str| file.ends_with(std::env::consts::DLL_SUFFIX);
        if let (Some(name), Some(file)) =
            (message["target"]["name"].as_str(), files.find(ends))
            && let Some(identity) = identity(file)
        {
            found.insert(name.to_owned(), identity);
        }
    }
    found
}

/// What tells one content of a file from another.
pub(super) fn identity(path: &str) -> Option<String> {
    let found = fs::metadata(path).ok()?;
    let (inode, size) = (found.ino(), found.size());
    Some(format!(
        "{path}\t{inode}\t{size}\t{}.{:09}",
        found.mtime(),
        found.mtime_nsec()
    ))
}

fn read(session: &Path) -> Result<Libraries> {
    match fs::read_to_string(session.join(LOADED)) {
        Ok(text) => Ok(text
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, file)| (name.to_owned(), file.to_owned()))
            .collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Libraries::new()),
        Err(error) => Err(error.into()),
    }
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_file_of_a_loaded_library_is_a_change_and_a_new_library_is_none() {
        let dir =
            std::env::temp_dir().join(format!("potok-loaded-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let said = |name: &str, kind: &str, file: &str| {
            let file = dir.join(file);
            fs::write(&file, name).unwrap();
            let target = json!({"name": name, "crate_types": ["lib", kind]});
            let (reason, files) = ("compiler-artifact", ["a.rlib".into(), file]);
            json!({"reason": reason, "target": target, "filenames": files}).to_string()
        };
        let suffix = std::env::consts::DLL_SUFFIX;
        let note = |said: &str| take_note(&dir, said.as_bytes()).unwrap();
        let first = said("potok", "dylib", &format!("libpotok-1{suffix}"));
        fs::write(dir.join(AT_START), "").unwrap();
        assert_eq!(note(&first), None);
        assert_eq!(note(&said("ctx", "cdylib", &format!("libctx{suffix}"))), None);
        assert_eq!(note(&said("more", "dylib", &format!("libmore{suffix}"))), None);
        assert_eq!(note(&first), None);
        assert!(loads_what_it_did(&dir));

        let other = said("potok", "dylib", &format!("libpotok-2{suffix}"));
        assert_eq!(note(&other).as_deref(), Some("potok"));
        assert!(!dir.join(AT_START).exists(), "its code is in the library before");
        assert_eq!(changed(&dir).as_deref(), Some("potok"));
        assert_eq!(changed(&dir), None, "asked once");
        // The new runtime has loaded nothing yet.
        assert_eq!(note(&other), None);
        fs::remove_file(dir.join(format!("libpotok-2{suffix}"))).unwrap();
        assert!(!loads_what_it_did(&dir));
        fs::remove_dir_all(dir).unwrap();
    }
}

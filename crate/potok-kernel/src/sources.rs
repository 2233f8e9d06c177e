//! The library's sources as a session holds them: a copy inside evcxr's crate.
//!
//! cargo tells crates in directories apart by their paths; of one below the crate that it
//! builds, only the way from there counts. So potok, compiled from such a copy, is the same
//! in every session, for every checkout and every user: a template serves all who have the
//! same sources. evcxr's manifest goes on naming the checkout, as the notebook does; a
//! `[patch]` leads cargo from there to the copy.
//!
//! *What to notice*: the library is still edited in the checkout. Before cargo builds, what
//! differs there is copied again ([`refresh`]), and cargo compiles just that.

use crate::Result;
use crate::owned::trouble;
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// In a session: the path of the library that it is for.
const NOTE: &str = "library";

/// In a session: the settings that lead cargo to the copy.
const PATCH: &str = "library.toml";

/// In evcxr's crate: the copy.
const COPY: &str = "potok";

/// What a library is compiled from: all the files, by their ways from the workspace.
#[derive(Debug)]
pub(crate) struct Sources {
    workspace: PathBuf,
    /// `crate/potok`, `crate/potok-base` …
    libraries: Vec<PathBuf>,
    files: BTreeSet<PathBuf>,
}

impl Sources {
    /// Those of the library in `potok` and of the crates beside it that it stands on.
    pub(crate) fn of(potok: &Path) -> Result<Self> {
        let workspace = workspace(potok)?;
        let way = |path: &Path| path.strip_prefix(&workspace).map(Path::to_owned);
        let mut files = vec![];
        let mut libraries = vec![];
        for library in beside(potok)? {
            files.extend(["Cargo.toml", "build.rs"].map(|name| library.join(name)));
            collect(&library.join("src"), &mut files)?;
            libraries.push(way(&library)?);
        }
        files.extend(["Cargo.toml", "Cargo.lock"].map(|name| workspace.join(name)));
        let files = files.iter().filter(|file| file.exists()).map(|file| way(file));
        let files = files.collect::<Result<_, _>>()?;
        Ok(Sources { workspace, libraries, files })
    }

    /// A number for their contents. Where the workspace is makes no difference.
    pub(crate) fn hash(&self) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        for file in &self.files {
            file.hash(&mut hasher);
            self.read(file)?.hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    /// The workspace that the library is in.
    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The lock of versions.
    pub(crate) fn lock(&self) -> PathBuf {
        self.workspace.join("Cargo.lock")
    }

    fn read(&self, file: &Path) -> Result<Vec<u8>> {
        let path = self.workspace.join(file);
        fs::read(&path).map_err(|error| trouble(&path, &error).into())
    }

    /// Makes the copy in `to` what they are now. Files that do not differ keep their times,
    /// by which cargo judges what it may reuse.
    fn copy_to(&self, to: &Path) -> Result<()> {
        let mut wanted = self.files.clone();
        for file in &self.files {
            update(&to.join(file), &self.read(file)?)?;
        }
        // cargo refuses a manifest that names a benchmark which is not there.
        for library in &self.libraries {
            for file in named(&self.read(&library.join("Cargo.toml"))?)? {
                let file = library.join(file);
                if !wanted.contains(&file) {
                    update(&to.join(&file), b"")?;
                    wanted.insert(file);
                }
            }
        }
        let mut there = vec![];
        collect(to, &mut there)?;
        for path in there {
            if path.strip_prefix(to).is_ok_and(|file| !wanted.contains(file)) {
                fs::remove_file(&path).map_err(|error| trouble(&path, &error))?;
            }
        }
        Ok(())
    }

    /// cargo's settings, by which each library is taken from `copy`.
    fn patch(&self, copy: &Path) -> Result<String> {
        let mut all = Table::new();
        for library in &self.libraries {
            let manifest: Table =
                String::from_utf8(self.read(&library.join("Cargo.toml"))?)?.parse()?;
            let name = manifest.get("package").and_then(|it| it.get("name"));
            let name = name.and_then(Value::as_str).ok_or("a crate without a name")?;
            let place = copy.join(library);
            let place = place.to_str().ok_or("the path of the cache is not UTF-8")?;
            let place = Table::from_iter([("path".to_owned(), Value::from(place))]);
            let patch = Table::from_iter([(name.to_owned(), place.into())]);
            all.insert(url(&self.workspace.join(library)), patch.into());
        }
        Ok(toml::to_string(&Table::from_iter([("patch".to_owned(), all.into())]))?)
    }
}

/// Puts the sources of the library in `potok` into a session, or a template, in `dir`.
pub(crate) fn put(dir: &Path, potok: &Path) -> Result<()> {
    let sources = Sources::of(potok)?;
    let copy = dir.join("crate").join(COPY);
    sources.copy_to(&copy)?;
    let patch = sources.patch(&copy)?;
    let note = potok.as_os_str().as_encoded_bytes();
    for (name, text) in [(PATCH, patch.as_bytes()), (NOTE, note)] {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| trouble(&path, &error))?;
    }
    Ok(())
}

/// Has the copy in `dir` stay as it is now, and returns it: a library is edited while it
/// is compiled, and what is made of it is called by what it was made of.
pub(crate) fn stay(dir: &Path) -> Result<Sources> {
    let potok = library_of(dir).ok_or("no library is known here")?;
    let way = potok.strip_prefix(workspace(&potok)?)?.to_owned();
    fs::remove_file(dir.join(NOTE))?;
    Sources::of(&dir.join("crate").join(COPY).join(way))
}

/// Has the copy in a session follow the library that it is of.
pub(crate) fn refresh(session: &Path) -> Result<()> {
    match library_of(session) {
        // One that is gone, or half written: cargo reads its manifest and says so.
        Some(potok) => match Sources::of(&potok) {
            Ok(sources) => sources.copy_to(&session.join("crate").join(COPY)),
            Err(_) => Ok(()),
        },
        None => Ok(()),
    }
}

/// The files that a session's copy follows.
pub(crate) fn followed(session: &Path) -> Vec<PathBuf> {
    let sources = library_of(session).and_then(|potok| Sources::of(&potok).ok());
    let all = sources.map(|it| it.files.iter().map(|f| it.workspace.join(f)).collect());
    all.unwrap_or_default()
}

/// The settings that lead cargo to a session's copy, if it has one.
pub(crate) fn settings(session: &Path) -> Option<PathBuf> {
    Some(session.join(PATCH)).filter(|file| file.is_file())
}

/// A directory in the checkout that a session's library lies in, if there is one.
pub(crate) fn beside_library(session: &Path, name: &str) -> Option<PathBuf> {
    let potok = library_of(session)?;
    Some(workspace(&potok).ok()?.join(name)).filter(|dir| dir.is_dir())
}

fn library_of(session: &Path) -> Option<PathBuf> {
    fs::read_to_string(session.join(NOTE)).ok().map(PathBuf::from)
}

/// The workspace that the library is in, whose lock pins its versions.
fn workspace(potok: &Path) -> Result<PathBuf> {
    let found = potok.ancestors().find(|dir| dir.join("Cargo.lock").is_file());
    Ok(found
        .ok_or_else(|| format!("no Cargo.lock above {}", potok.display()))?
        .to_owned())
}

/// The library and the crates beside it that it stands on: `potok`, `potok-base` …; the
/// kernel is none of them.
fn beside(potok: &Path) -> Result<Vec<PathBuf>> {
    let beside = potok.parent().unwrap_or(potok);
    let mut found = vec![potok.to_owned()];
    let entries = fs::read_dir(beside).map_err(|error| trouble(beside, &error))?;
    for entry in entries {
        let path = entry?.path();
        let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap_or_default();
        let own = manifest.contains("name = \"potok-")
            && !manifest.contains("name = \"potok-kernel\"");
        if own && path != potok {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Adds every file under `dir`, without what an editor leaves beside the file that it has open.
fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(|error| trouble(dir, &error))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(b".") || name.ends_with(b"~") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// The files besides the library itself that a manifest names, one way or another.
fn named(manifest: &[u8]) -> Result<Vec<PathBuf>> {
    let manifest: Table = std::str::from_utf8(manifest)?.parse()?;
    let mut files = vec![];
    for (kind, dir) in
        [("bench", "benches"), ("test", "tests"), ("example", "examples")]
    {
        for target in manifest.get(kind).and_then(Value::as_array).into_iter().flatten()
        {
            let text = |field| target.get(field).and_then(Value::as_str);
            match (text("path"), text("name")) {
                (Some(path), _) => files.push(path.into()),
                (None, Some(name)) => {
                    files.push(Path::new(dir).join(format!("{name}.rs")));
                }
                (None, None) => {}
            }
        }
    }
    Ok(files)
}

/// Writes a file, if it has to be.
fn update(path: &Path, text: &[u8]) -> Result<()> {
    match fs::read(path) {
        Ok(there) if there == text => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(trouble(path, &error).into());
        }
        _ => {}
    }
    let above = path.parent().unwrap_or(path);
    fs::create_dir_all(above).map_err(|error| trouble(above, &error))?;
    fs::write(path, text).map_err(|error| trouble(path, &error).into())
}

/// A directory's URL, spelled as cargo spells it: there a `[patch]` is looked up by it.
fn url(dir: &Path) -> String {
    let mut url = String::from("file://");
    for byte in dir.as_os_str().as_encoded_bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'`' | b'#' | b'?' | b'{' | b'}' | b'%' | b'\\' => {
                url.push_str(&format!("%{byte:02X}"));
            }
            b'!'..=b'~' => url.push(char::from(*byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    /// A workspace with a library of two crates, and a kernel beside them.
    fn checkout(dir: &Path) -> PathBuf {
        let write = |name: &str, text: &str| update(&dir.join(name), text.as_bytes());
        write("Cargo.toml", "[workspace]").unwrap();
        write("Cargo.lock", "version = 4").unwrap();
        let manifest = |name: &str| format!("[package]\nname = \"{name}\"\n");
        let bench = "[[bench]]\nname = \"quick\"\nharness = false\n";
        let potok = manifest("potok") + bench;
        write("crate/potok/Cargo.toml", &potok).unwrap();
        write("crate/potok/src/lib.rs", "one").unwrap();
        write("crate/potok/benches/quick/main.rs", "bench").unwrap();
        write("crate/potok-base/Cargo.toml", &manifest("potok-base")).unwrap();
        write("crate/potok-base/src/lib.rs", "base").unwrap();
        write("crate/potok-kernel/Cargo.toml", &manifest("potok-kernel")).unwrap();
        write("crate/potok-kernel/src/main.rs", "kernel").unwrap();
        dir.join("crate/potok")
    }

    #[test]
    fn two_checkouts_of_the_same_contents_are_the_same() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let hash = |potok: &Path| Sources::of(potok).unwrap().hash().unwrap();
        let (a, b) = (checkout(one.path()), checkout(&other.path().join("кэш a")));
        assert_eq!(hash(&a), hash(&b));
        // vim has the file open, emacs keeps its last state.
        for name in [".lib.rs.swp", "lib.rs~"] {
            fs::write(b.join("src").join(name), "").unwrap();
        }
        assert_eq!(hash(&a), hash(&b));
        fs::write(b.join("src/lib.rs"), "two").unwrap();
        assert_ne!(hash(&a), hash(&b));
    }

    #[test]
    fn a_copy_that_stays_is_called_by_what_it_was_made_of() {
        let (dir, template) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let potok = checkout(dir.path());
        let before = Sources::of(&potok).unwrap().hash().unwrap();
        put(template.path(), &potok).unwrap();
        fs::write(potok.join("src/lib.rs"), "two").unwrap();
        let copy = stay(template.path()).unwrap();
        assert_eq!(copy.hash().unwrap(), before);
        assert!(copy.lock().starts_with(template.path()));
        refresh(template.path()).unwrap();
        assert_eq!(copy.hash().unwrap(), before, "nothing follows the library");
        // A session that begins as this template does.
        put(template.path(), &potok).unwrap();
        assert_ne!(copy.hash().unwrap(), before);
    }

    #[test]
    fn a_copy_follows_its_library_and_what_did_not_change_keeps_its_time() {
        let (dir, session) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let potok = checkout(dir.path());
        put(session.path(), &potok).unwrap();
        let copy = |name: &str| session.path().join("crate/potok/crate").join(name);
        let read = |name: &str| fs::read_to_string(copy(name)).ok();
        assert_eq!(read("potok/src/lib.rs").as_deref(), Some("one"));
        assert_eq!(read("potok-kernel/src/main.rs"), None);
        assert_eq!(
            read("potok/benches/quick.rs").as_deref(),
            Some(""),
            "its name will do"
        );

        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let same = fs::File::options().write(true).open(copy("potok-base/src/lib.rs"));
        same.unwrap().set_modified(long_ago).unwrap();
        fs::rename(potok.join("src/lib.rs"), potok.join("src/other.rs")).unwrap();
        fs::write(potok.join("src/lib.rs"), "mod other;").unwrap();
        refresh(session.path()).unwrap();
        assert_eq!(read("potok/src/lib.rs").as_deref(), Some("mod other;"));
        assert_eq!(read("potok/src/other.rs").as_deref(), Some("one"));
        fs::write(potok.join("src/lib.rs"), "").unwrap();
        fs::remove_file(potok.join("src/other.rs")).unwrap();
        refresh(session.path()).unwrap();
        assert_eq!(read("potok/src/other.rs"), None);
        let found = fs::metadata(copy("potok-base/src/lib.rs")).unwrap();
        assert_eq!(found.modified().unwrap(), long_ago);

        let followed = followed(session.path());
        assert!(followed.contains(&potok.join("src/lib.rs")), "{followed:?}");
        fs::remove_dir_all(&potok).unwrap();
        refresh(session.path()).unwrap();
        assert_eq!(
            read("potok/src/lib.rs").as_deref(),
            Some(""),
            "the last state stays"
        );
    }

    #[test]
    fn a_patch_names_each_library_by_its_url() {
        let dir = tempfile::tempdir().unwrap();
        let potok = checkout(&dir.path().join("Аня 1"));
        let patch =
            Sources::of(&potok).unwrap().patch(Path::new("/кэш \"a\"")).unwrap();
        let patch: Table = patch.parse().unwrap();
        let patch = patch["patch"].as_table().unwrap();
        let base = dir.path().to_str().unwrap();
        let url =
            |name: &str| format!("file://{base}/%D0%90%D0%BD%D1%8F%201/crate/{name}");
        assert_eq!(patch.len(), 2);
        let place = &patch[&url("potok-base")]["potok-base"]["path"];
        assert_eq!(place.as_str(), Some("/кэш \"a\"/crate/potok-base"));
        assert!(patch[&url("potok")].get("potok").is_some());
    }
}

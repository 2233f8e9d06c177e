//! The files that a build rests on, each with what tells one content of it from another.
//!
//! They are those that cargo looks at: manifests, settings, the sources of crates that lie
//! in directories, what build scripts name, and what was compiled. Crates from a registry
//! or a repository never change; cargo does not look into them either.

use super::super::loaded::identity;
use crate::Result;
use crate::sources::followed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// More than this are not looked at for each cell.
const MANY: usize = 5000;

/// Files, and their identities; an empty one is of a file that is not there.
pub(super) type Watched = BTreeMap<String, String>;

/// Whether a file is still what it was.
pub(super) fn is_as_it_was((path, was): (&String, &String)) -> bool {
    identity(path).unwrap_or_default() == *was
}

/// What a build in `dir` by `programs` rests on, of which cargo said these `messages`.
/// An error tells why it cannot be known.
pub(super) fn by(
    dir: &Path,
    programs: &[PathBuf],
    messages: &[Value],
    began: SystemTime,
) -> Result<Watched, String> {
    let mut files: BTreeSet<PathBuf> = programs.iter().cloned().collect();
    files.extend(["Cargo.toml", "Cargo.lock"].map(|name| dir.join(name)));
    settings(dir, &mut files)?;
    files.extend(followed(dir.parent().unwrap_or(dir)));
    let cell = dir.join("Cargo.toml");
    let mut packages = BTreeMap::new();
    for message in messages {
        let Some(manifest) = message["manifest_path"].as_str().map(Path::new) else {
            continue;
        };
        packages.insert(message["package_id"].to_string(), manifest.to_owned());
        if manifest == cell {
            continue;
        }
        let built = message["filenames"].as_array().into_iter().flatten();
        let built: Vec<PathBuf> =
            built.filter_map(Value::as_str).map(PathBuf::from).collect();
        files.extend(built.iter().cloned());
        let is_copy = manifest.starts_with(dir);
        if is_copy {
            // What it is a copy of is looked at instead.
            continue;
        }
        if message["package_id"].as_str().is_some_and(|id| id.starts_with("path+")) {
            let root = manifest.parent().unwrap_or(manifest);
            // The workspace that it is in may give it its versions and lints.
            files.extend(root.ancestors().map(|dir| dir.join("Cargo.toml")));
            files.insert(root.join("build.rs"));
            sources(&built, root, &mut files)?;
        }
    }
    for message in messages.iter().filter(|it| it["reason"] == "build-script-executed")
    {
        let id = &message["package_id"];
        let root = packages.get(&id.to_string()).and_then(|manifest| manifest.parent());
        let root = root.ok_or_else(|| format!("{id} is nowhere"))?;
        named_by_script(message, root, &mut files)?;
    }
    if files.len() > MANY {
        return Err(format!("it rests on {} files", files.len()));
    }
    let mut watched = Watched::new();
    for path in files {
        let path = path.to_str().ok_or("a path is not UTF-8")?.to_owned();
        let identity = identity(&path).unwrap_or_default();
        watched.insert(path, identity);
    }
    changed_meanwhile(&watched, dir, began)?;
    Ok(watched)
}

/// cargo's own settings, wherever it looks for them.
fn settings(dir: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => std::env::home_dir().map(|home| home.join(".cargo")),
    };
    let places = dir.ancestors().map(|dir| dir.join(".cargo")).chain(home);
    for file in
        places.flat_map(|dir| ["config", "config.toml"].map(|name| dir.join(name)))
    {
        let text = fs::read_to_string(&file).unwrap_or_default();
        for word in ["include", "wrapper"] {
            if text.contains(word) {
                return Err(format!("{} has `{word}` in it", file.display()));
            }
        }
        files.insert(file);
    }
    Ok(())
}

/// The sources of what was built of a crate in the directory `root`: rustc has listed them.
fn sources(
    built: &[PathBuf],
    root: &Path,
    files: &mut BTreeSet<PathBuf>,
) -> Result<(), String> {
    let mut listed = false;
    for file in built {
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let beside = |name: &str| file.with_file_name(name).with_extension("d");
        let mut lists = vec![beside(name.strip_prefix("lib").unwrap_or(name))];
        if name.starts_with("build-script-") {
            let all = fs::read_dir(file.parent().unwrap_or(root)).into_iter().flatten();
            let all = all.flatten().map(|entry| entry.path());
            lists = all
                .filter(|path| path.extension().is_some_and(|it| it == "d"))
                .collect();
        }
        for list in lists {
            let Ok(text) = fs::read_to_string(&list) else { continue };
            listed = true;
            files.extend(listed_in(&text).map(|path| root.join(path)));
        }
    }
    if listed {
        Ok(())
    } else {
        Err(format!("no list of sources of {}", root.display()))
    }
}

/// The sources in rustc's list: each has a line for itself that ends in a colon.
fn listed_in(text: &str) -> impl Iterator<Item = PathBuf> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let alone = lines.filter_map(|line| line.strip_suffix(':'));
    alone.map(|path| PathBuf::from(path.replace("\\ ", " ")))
}

/// What a build script wants to be run again for.
fn named_by_script(
    message: &Value,
    root: &Path,
    files: &mut BTreeSet<PathBuf>,
) -> Result<(), String> {
    let out = message["out_dir"].as_str().map(PathBuf::from).unwrap_or_default();
    let output = out.with_file_name("output");
    let text = fs::read_to_string(&output)
        .map_err(|e| format!("{}: {e}", output.display()))?;
    let mut any = false;
    for line in text.lines() {
        let Some((directive, what)) = line.split_once('=') else { continue };
        let Some(directive) = directive.strip_prefix("cargo:") else { continue };
        match directive.trim_start_matches(':') {
            "rerun-if-changed" => {
                any = true;
                below(&root.join(what), files)?;
            }
            "rerun-if-env-changed" => any = true,
            _ => {}
        }
    }
    let from_registry =
        !message["package_id"].as_str().is_some_and(|id| id.starts_with("path+"));
    // Without a word it is run again for any change in its directory.
    if any || from_registry {
        Ok(())
    } else {
        Err(format!("the build script of {} names no files", root.display()))
    }
}

/// A file, or a directory with all that is in it.
fn below(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    files.insert(path.to_owned());
    if files.len() > MANY {
        return Err(format!("a build script names more than {MANY} files"));
    }
    if path.is_dir() {
        for entry in
            fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?
        {
            below(&entry.map_err(|e| e.to_string())?.path(), files)?;
        }
    }
    Ok(())
}

/// Refuses what was changed while cargo built: cargo may have seen it as it was before.
fn changed_meanwhile(
    watched: &Watched,
    dir: &Path,
    began: SystemTime,
) -> Result<(), String> {
    let began = began.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    for (path, identity) in
        watched.iter().filter(|(path, _)| !Path::new(path).starts_with(dir))
    {
        let modified =
            identity.rsplit('\t').next().and_then(|time| time.parse::<f64>().ok());
        if modified.is_some_and(|modified| modified >= began) {
            return Err(format!("{path} has just been changed"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_sources_is_read_with_its_spaces() {
        let text = "out: a.rs my\\ b.rs\n\na.rs:\nmy\\ b.rs:\n\n# env-dep:X=1:\n";
        let found: Vec<PathBuf> = listed_in(text).collect();
        assert_eq!(found, [PathBuf::from("a.rs"), PathBuf::from("my b.rs")]);
    }

    #[test]
    fn a_file_that_changes_goes_or_comes_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        fs::write(path("a"), "1").unwrap();
        let all = |name: &str| (path(name), identity(&path(name)).unwrap_or_default());
        let (there, absent) = (all("a"), all("b"));
        let same = |it: &(String, String)| is_as_it_was((&it.0, &it.1));
        assert!(same(&there) && same(&absent));
        fs::write(path("a"), "12").unwrap();
        fs::write(path("b"), "").unwrap();
        assert!(!same(&there) && !same(&absent));
        fs::remove_file(path("a")).unwrap();
        assert!(!same(&there));
    }

    #[test]
    fn a_build_script_that_names_nothing_rests_on_too_much() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("output");
        let message = |id: &str| serde_json::json!({"package_id": id, "out_dir": dir.path().join("out")});
        let files = |id: &str| {
            let mut files = BTreeSet::new();
            named_by_script(&message(id), dir.path(), &mut files).map(|()| files)
        };
        fs::write(&output, "cargo:rustc-cfg=x\n").unwrap();
        assert!(files("path+file:///a").is_err());
        assert!(files("registry+index#a").unwrap().is_empty());
        fs::write(&output, "cargo::rerun-if-changed=build.rs\n").unwrap();
        assert!(
            files("path+file:///a").unwrap().contains(&dir.path().join("build.rs"))
        );
    }
}

//! The session's Cargo.lock: what it says stays, and what is new is added.
//!
//! evcxr tries a `:dep` in a manifest of its own, without the other dependencies; cargo then
//! writes a lock in which those are missing, and would choose them anew for the next cell,
//! at the newest versions. So the session keeps a lock of all that was ever chosen, and
//! cargo finds it each time. Entries that nothing needs do no harm: cargo prefers what is
//! there, and drops the rest from its own file.

use crate::Result;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use toml::{Table, Value};

/// The crate in which evcxr tries a dependency.
const TRIAL: &str = "evcxr_dummy_validate_dep";

/// Name, version and source of a package.
type Key = (String, String, String);

/// Puts into cargo's lock `file` what the session has `kept`.
pub(super) fn restore(file: &Path, kept: &Path) -> Result<()> {
    let (now, kept) = (read(file)?, read(kept)?);
    write(file, &union(&kept, &now))
}

/// Keeps what cargo has chosen now, and leaves it all in its own `file`: whoever resolves
/// the next manifest, rust-analyzer too, is to find the same versions.
pub(super) fn keep(file: &Path, kept: &Path) -> Result<()> {
    let all = union(&read(kept)?, &read(file)?);
    write(kept, &all)?;
    write(file, &all)
}

/// All packages of both; of those that both have, the `newer` one's.
fn union(older: &Table, newer: &Table) -> Table {
    let mut packages: BTreeMap<Key, Value> = BTreeMap::new();
    for lock in [older, newer] {
        packages.extend(packages_of(lock));
    }
    let mut all = older.clone();
    all.extend(newer.clone());
    all.insert("package".into(), packages.into_values().collect::<Vec<_>>().into());
    all
}

/// The packages of a lock, each with its dependencies' full names: a short one is unique
/// only in the lock in which it stands.
fn packages_of(lock: &Table) -> Vec<(Key, Value)> {
    let packages = lock.get("package").and_then(Value::as_array);
    let packages: Vec<&Table> =
        packages.into_iter().flatten().filter_map(Value::as_table).collect();
    let keys: Vec<Key> = packages.iter().map(|package| key(package)).collect();
    let full = |dependency: &str| -> String {
        let mut words = dependency.splitn(3, ' ');
        let (name, version, source) = (words.next(), words.next(), words.next());
        let meant = |key: &&Key| {
            Some(&*key.0) == name && version.is_none_or(|version| key.1 == version)
        };
        let mut found = keys.iter().filter(meant);
        match (found.next(), found.next(), source) {
            (Some((name, version, source)), None, None) if !source.is_empty() => {
                format!("{name} {version} ({source})")
            }
            (Some((name, version, _)), None, None) => format!("{name} {version}"),
            _ => dependency.to_owned(),
        }
    };
    let mut all = vec![];
    for (package, key) in packages.into_iter().zip(&keys) {
        let mut package = package.clone();
        if let Some(Value::Array(dependencies)) = package.get_mut("dependencies") {
            for dependency in dependencies {
                if let Some(name) = dependency.as_str() {
                    *dependency = full(name).into();
                }
            }
        }
        if key.0 != TRIAL {
            all.push((key.clone(), Value::Table(package)));
        }
    }
    all
}

fn key(package: &Table) -> Key {
    let text = |field| {
        package.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    (text("name"), text("version"), text("source"))
}

/// A lock that is not there yet is empty.
fn read(file: &Path) -> Result<Table> {
    match fs::read_to_string(file) {
        Ok(text) => text.parse().map_err(|e| format!("{}: {e}", file.display()).into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Table::new()),
        Err(error) => Err(format!("{}: {error}", file.display()).into()),
    }
}

/// In one step, so that nobody reads half of it.
fn write(file: &Path, lock: &Table) -> Result<()> {
    let new = file.with_extension("lock.new");
    fs::write(&new, toml::to_string(lock)?)?;
    Ok(fs::rename(new, file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_kept_stays_and_the_trial_goes() {
        let kept = lock(
            "version = 4\n[[package]]\nname = \"ctx\"\nversion = \"1.0.0\"\n\
             dependencies = [\"a\"]\n\
             [[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"index\"\n",
        );
        let now = lock(
            "version = 4\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n\
             source = \"index\"\n\
             [[package]]\nname = \"evcxr_dummy_validate_dep\"\nversion = \"0.0.1\"\n\
             dependencies = [\"a\"]\n",
        );
        let all = union(&kept, &now);
        let keys: Vec<Key> =
            packages_of(&all).into_iter().map(|(key, _)| key).collect();
        let named: Vec<(&str, &str)> =
            keys.iter().map(|(name, version, _)| (&**name, &**version)).collect();
        assert_eq!(named, [("a", "1.0.0"), ("a", "2.0.0"), ("ctx", "1.0.0")]);
        // The short name would mean either of them now.
        let text = toml::to_string(&all).unwrap();
        assert!(text.contains("\"a 1.0.0 (index)\""), "{text}");
        // Twice makes no difference.
        assert_eq!(union(&all, &now), all);
    }

    #[test]
    fn a_lock_that_is_not_there_is_empty_and_a_broken_one_is_named() {
        let dir =
            std::env::temp_dir().join(format!("potok-lock-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("Cargo.lock");
        assert_eq!(read(&file).unwrap(), Table::new());
        fs::write(&file, "[[package").unwrap();
        assert!(read(&file).unwrap_err().to_string().contains("Cargo.lock"));
        fs::remove_dir_all(dir).unwrap();
    }
}

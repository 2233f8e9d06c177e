//! A session is one kernel's private directory: its copy of the template and evcxr's
//! configuration. It is removed when the kernel ends, and by the next start if the kernel
//! was killed.
//!
//! A lock tells the living from the dead. `<name>.lock` is held through an open file, which
//! evcxr's kernel inherits as its standard input; the system lets go of it when the last
//! of them is gone, however they died.

use crate::{Result, cargo, paths, template::Template};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What evcxr runs before the first cell. Versions are those of the session's lock, and no
/// network is needed: see [`cargo`].
const INIT: &str = ":dep potok = ";

/// The macro is named because a prelude's would be ambiguous beside std's. The `let` makes
/// rust-analyzer infer its first type now, not in the student's first cell. Its variable is
/// moved away at once: one that stays is taken and put back by the code of every cell.
const PRELUDE: &str = "use potok::prelude::*;\nuse potok::print;\n\
    threads::short_panics();\nlet potok = vec![ms(0)];\ndrop(potok);\n";

/// What of it a runtime needs that was started anew. The rest is evcxr's to know.
pub(crate) const ANEW: &str = "potok::threads::short_panics();";

/// A kernel's own directory, removed when dropped.
#[derive(Debug)]
pub(crate) struct Session {
    dir: PathBuf,
    lock_path: PathBuf,
    lock: File,
}

impl Session {
    /// Makes a directory that no other kernel uses, with a copy of `template`.
    pub(crate) fn new(template: Option<&Template>, potok: &Path) -> Result<Self> {
        let sessions = paths::sessions()?;
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let name = format!("{}-{}", std::process::id(), since_epoch.as_nanos());
        let session = {
            let _no_sweep = gate(&sessions)?;
            let lock_path = sessions.join(format!("{name}.lock"));
            let lock = File::create_new(&lock_path)?;
            lock.lock()?;
            Session { dir: sessions.join(name), lock_path, lock }
        };
        match template {
            Some(template) => template.copy_to(&session.dir)?,
            None => Template::blank(&session.dir, potok)?,
        }
        configure(&session.dir, potok)?;
        Ok(session)
    }

    /// Where it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Tells evcxr, and the cells, where this session is.
    pub(crate) fn apply<'c>(
        &self,
        command: &'c mut Command,
    ) -> Result<&'c mut Command> {
        environment(&self.dir, command)?;
        Ok(command.stdin(self.lock.try_clone()?))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        remove(&self.dir, &self.lock_path);
    }
}

/// Removes the directories of kernels that are no more; leaves the living alone.
pub(crate) fn sweep() -> Result<()> {
    let sessions = paths::sessions()?;
    let _alone = gate(&sessions)?;
    for (dir, _lock) in unlocked(&sessions)? {
        remove(&dir, &dir.with_extension("lock"));
    }
    Ok(())
}

/// What `sweep` would remove.
pub(crate) fn dead() -> Result<Vec<PathBuf>> {
    let sessions = paths::sessions()?;
    let _alone = gate(&sessions)?;
    Ok(unlocked(&sessions)?.into_iter().map(|(dir, _)| dir).collect())
}

/// The directories whose lock nobody holds, or that have none, each with its lock, which
/// is held from now on. Only while the gate is shut does this say anything.
fn unlocked(sessions: &Path) -> Result<Vec<(PathBuf, Option<File>)>> {
    let mut dead = vec![];
    for entry in fs::read_dir(sessions)? {
        let path = entry?.path();
        if path.extension().is_none_or(|end| end != "lock") {
            let lock = path.with_extension("lock");
            if path.is_dir() && !lock.exists() {
                dead.push((path, None));
            }
            continue;
        }
        let lock = match File::open(&path) {
            // Its session has just ended, and does not ask at the gate.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            lock => lock?,
        };
        match lock.try_lock() {
            Ok(()) => dead.push((path.with_extension(""), Some(lock))),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Ok(dead)
}

/// Writes evcxr's configuration for a crate directory under `dir`.
pub(crate) fn configure(dir: &Path, potok: &Path) -> Result<()> {
    let config = dir.join("config");
    fs::create_dir_all(&config)?;
    let potok = potok.to_str().ok_or("the path of crate/potok is not UTF-8")?;
    let potok = potok.replace('\\', "\\\\").replace('"', "\\\"");
    // Spelled as evcxr spells the notebook's own `:dep` line once it has made the path
    // absolute: the manifest stays the same to the byte and nothing is loaded twice.
    fs::write(config.join("init.evcxr"), format!("{INIT}{{ path = \"{potok}\" }}\n"))?;
    fs::write(config.join("prelude.rs"), PRELUDE)?;
    Ok(())
}

/// The variables by which evcxr and the cells find a session in `dir`.
pub(crate) fn environment<'c>(
    dir: &Path,
    command: &'c mut Command,
) -> Result<&'c mut Command> {
    cargo::put_before(dir, command)?;
    Ok(command
        .env("POTOK_WORKER", std::env::current_exe()?)
        .env("EVCXR_CONFIG_DIR", dir.join("config"))
        .env("EVCXR_TMPDIR", dir.join("crate"))
        .env("POTOK_LOCK", dir.join("Cargo.lock"))
        .env(LIBRARY_PATH, library_path(dir)?)
        // evcxr rewrites a kernelspec `rust` that it finds on this path, or in the user's
        // data directory where none is given. It shall find none.
        .env("JUPYTER_PATH", dir.join("no-kernels"))
        // A cell's code units are not optimised once more together: a cell that makes a
        // map-reduce job compiles in 3/4 of the time, and the job runs as fast.
        .env("CARGO_PROFILE_DEV_LTO", "off")
        // The user's build settings would differ from the template's.
        .env_remove("CARGO_INCREMENTAL")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))
}

const LIBRARY_PATH: &str =
    if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// Where the system finds what cells share: the standard library, and the dylibs of a
/// session in `dir`. rustc writes the way to them into each cell, relative to where it puts
/// the file; evcxr then moves the file up one directory, and the way no longer leads there.
fn library_path(dir: &Path) -> Result<OsString> {
    let rustc = Command::new("rustc").args(["--print", "target-libdir"]).output()?;
    let std = PathBuf::from(String::from_utf8(rustc.stdout)?.trim_end());
    let target = std.parent().and_then(Path::file_name).unwrap_or_default();
    let dylibs = dir.join("crate/target").join(target).join("debug/deps");
    // One that is not there when a process starts is never looked at again.
    fs::create_dir_all(&dylibs)?;
    let others = std::env::var_os(LIBRARY_PATH).unwrap_or_default();
    let others = std::env::split_paths(&others).filter(|dir| dir.is_absolute());
    Ok(std::env::join_paths([std, dylibs].into_iter().chain(others))?)
}

/// Held while a session is named or swept, so that none is swept before it is locked.
fn gate(sessions: &Path) -> Result<File> {
    let gate = File::create(sessions.join(".gate"))?;
    gate.lock()?;
    Ok(gate)
}

/// The directory goes first: a lock without a directory is swept later, a directory
/// without a lock would stay.
fn remove(dir: &Path, lock: &Path) {
    if fs::remove_dir_all(dir).is_ok() || !dir.exists() {
        let _ = fs::remove_file(lock);
    }
}

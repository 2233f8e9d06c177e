//! A session is one kernel's private directory: its copy of the template and evcxr's
//! configuration. It is removed when the kernel ends, and by the next start if the kernel
//! was killed.
//!
//! A lock tells the living from the dead. `<name>.lock` is held through an open file, which
//! evcxr's kernel inherits as its standard input; the system lets go of it when the last
//! of them is gone, however they died. What else lies there is [left alone](mod@sweep).

use crate::owned::{self, Owned, trouble};
use crate::{Result, cargo, lean, paths, points, sources, template::Template};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

mod sweep;

pub(crate) use sweep::{Found, dead, sweep, sweep_and_tell};

/// What evcxr runs before the first cell. Versions are those of the session's lock, and no
/// network is needed: see [`cargo`].
const INIT: &str = ":dep potok = ";

/// The macros are named because a prelude's would be ambiguous beside std's. The `let` makes
/// rust-analyzer infer its first type now, not in the student's first cell. Its variable is
/// moved away at once: one that stays is taken and put back by the code of every cell. The
/// `?` lets evcxr learn that cells may have one; in the cell where it learns it, a value is
/// written as `{:?}` and not shown.
pub(crate) const PRELUDE: &str = "use potok::prelude::*;\nuse potok::{eprintln, print};\n\
    threads::short_panics();\nlet potok = Ok::<_, Error>(vec![ms(0)])?;\ndrop(potok);\n";

/// All that evcxr runs in a template and before the first cell, and how it is compiled.
pub(crate) const FIRST: [&str; 5] =
    [INIT, PRELUDE, OPTIMISED.0, OPTIMISED.1, cargo::home::COMMON];

/// A cell's code units are not optimised once more together: a cell that makes a map-reduce
/// job compiles in 3/4 of the time, and the job runs as fast.
const OPTIMISED: (&str, &str) = ("CARGO_PROFILE_DEV_LTO", "off");

/// What of it a runtime needs that was started anew. The rest is evcxr's to know.
pub(crate) const ANEW: &str = "potok::threads::short_panics();";

/// A kernel's own directory, removed when dropped.
#[derive(Debug)]
pub(crate) struct Session {
    sessions: Owned,
    name: String,
    dir: PathBuf,
    lock: File,
}

impl Session {
    /// Makes a directory that no other kernel uses, with a copy of `template`.
    pub(crate) fn new(template: Option<&Template>, potok: &Path) -> Result<Self> {
        let sessions = paths::sessions()?;
        owned::room(sessions.path())?;
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let name = format!("{}-{}", std::process::id(), since_epoch.as_nanos());
        let (lock, dir) = {
            let _no_sweep = sweep::gate(&sessions)?;
            let lock = sweep::new_lock(&sessions, &name)?;
            (lock, sessions.new_dir(&name)?)
        };
        let session = Session { sessions, name, dir: dir.path().to_owned(), lock };
        match template {
            Some(template) => template.copy_to(&dir, potok)?,
            None => Template::blank(&dir, potok)?,
        }
        owned::room(&session.dir)?;
        let prelude = if points::is_graded() { lean::PRELUDE } else { PRELUDE };
        configure(&session.dir, potok, prelude)?;
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
        if points::is_graded() {
            lean::apply(&self.dir, command)?;
        }
        Ok(command.stdin(self.lock.try_clone()?))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        sweep::remove(&self.sessions, &self.name);
    }
}

/// Writes evcxr's configuration for a crate directory under `dir`.
pub(crate) fn configure(dir: &Path, library: &Path, prelude: &str) -> Result<()> {
    let config = dir.join("config");
    let write = |name: &str, text: &str| {
        let path = config.join(name);
        fs::write(&path, text).map_err(|error| trouble(&path, &error))
    };
    fs::create_dir_all(&config).map_err(|error| trouble(&config, &error))?;
    let potok = library.to_str().ok_or("the path of crate/potok is not UTF-8")?;
    let potok = potok.replace('\\', "\\\\").replace('"', "\\\"");
    // Spelled as evcxr spells the notebook's own `:dep` line once it has made the path
    // absolute: the manifest stays the same to the byte and nothing is loaded twice.
    write("init.evcxr", &format!("{INIT}{{ path = \"{potok}\" }}\n"))?;
    write("prelude.rs", prelude)?;
    sources::put(dir, library)
}

/// The variables by which evcxr and the cells find a session in `dir`.
pub(crate) fn environment<'c>(
    dir: &Path,
    command: &'c mut Command,
) -> Result<&'c mut Command> {
    cargo::put_before(dir, command)?;
    cargo::home::name(command);
    let program = std::env::current_exe()?;
    // The lecture's Python is the one that this program is installed beside: joblib is there.
    let python = program.with_file_name("python3");
    if std::env::var_os("POTOK_PYTHON").is_none() && python.exists() {
        command.env("POTOK_PYTHON", python);
    }
    // A notebook may lie elsewhere than in the checkout that has Spark.
    if std::env::var_os("POTOK_SPARK").is_none()
        && let Some(spark) = sources::beside_library(dir, "build/spark")
    {
        command.env("POTOK_SPARK", spark);
    }
    Ok(command
        .env("POTOK_WORKER", program)
        .env("EVCXR_CONFIG_DIR", dir.join("config"))
        .env("EVCXR_TMPDIR", dir.join("crate"))
        .env("POTOK_LOCK", dir.join("Cargo.lock"))
        .env(LIBRARY_PATH, library_path(dir)?)
        // evcxr rewrites a kernelspec `rust` that it finds on this path, or in the user's
        // data directory where none is given. It shall find none.
        .env("JUPYTER_PATH", dir.join("no-kernels"))
        .env(OPTIMISED.0, OPTIMISED.1)
        // The user's build settings would differ from the template's; so would the sources'
        // hash, exported by who builds kernels by hand, which the library is compiled with.
        .env_remove("CARGO_INCREMENTAL")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("POTOK_SOURCES"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_exports_for_builds_does_not_reach_the_cells() {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("true");
        environment(dir.path(), &mut command).unwrap();
        let removed: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        for name in ["CARGO_INCREMENTAL", "CARGO_ENCODED_RUSTFLAGS", "POTOK_SOURCES"] {
            assert!(removed.contains(&name.as_ref()), "{name} is passed on");
        }
    }
}

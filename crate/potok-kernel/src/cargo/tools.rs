//! The programs `cargo` and `rustup` that evcxr finds first: this one, by their names.
//!
//! evcxr asks `rustup which cargo` and runs what it is told; without rustup it looks on the
//! PATH. Either way it is led to a file that is named `cargo` and is this program. The
//! toolchain's own is noted beside it.

use super::{loaded, path_in};
use crate::Result;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where those programs are, for a session.
const PLACE: &str = "POTOK_TOOLS";

/// The directory's name.
pub(crate) const TOOLS: &str = "tools";

/// Beside a `cargo` of ours: which one it stands for.
const BEHIND: &str = "behind";

/// What a shell returns for a command that is not there.
const NOT_FOUND: u8 = 127;

/// Has `command`, which begins a session, and all that it starts find these programs first, in a directory made
/// for it in the `session`.
pub(crate) fn put_before(session: &Path, command: &mut Command) -> Result<()> {
    loaded::nothing_yet(session)?;
    let tools = session.join(TOOLS);
    fs::create_dir_all(&tools)?;
    for name in ["cargo", "rustup"] {
        stand_in(&tools.join(name))?;
    }
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(tools.clone()).chain(std::env::split_paths(&others));
    command.env("PATH", std::env::join_paths(path)?).env(PLACE, tools);
    Ok(())
}

/// The PATH without these programs, for the cells and whatever they start; nothing where
/// there are none.
pub(crate) fn hide() -> Option<OsString> {
    let tools = path_in(PLACE).ok()?;
    let path = std::env::var_os("PATH")?;
    let others = std::env::split_paths(&path).filter(|dir| *dir != tools);
    std::env::join_paths(others).ok()
}

/// The toolchain's cargo, in place of the one of this `name`.
pub(super) fn cargo_behind(name: &Path) -> Result<Command> {
    let noted = name.parent().map(|dir| fs::read(dir.join(BEHIND)));
    match noted {
        Some(Ok(noted)) => Ok(bare(&PathBuf::from(OsString::from_vec(noted)))),
        _ => on_path("cargo"),
    }
}

/// The role `rustup`: the answer to `which cargo` is a program of ours, one for each
/// toolchain.
pub(super) fn rustup(args: &[OsString]) -> Result<ExitCode> {
    let Ok(mut rustup) = on_path("rustup") else {
        return Ok(ExitCode::from(NOT_FOUND));
    };
    rustup.args(args);
    let toolchain = match args {
        [which, cargo] if which == "which" && cargo == "cargo" => {
            OsStr::new("+default")
        }
        [toolchain, which, cargo] if which == "which" && cargo == "cargo" => toolchain,
        _ => return Err(rustup.exec().into()),
    };
    let found = rustup.output()?;
    if !found.status.success() {
        std::io::stderr().write_all(&found.stderr)?;
        return Ok(super::code(found.status.code()));
    }
    // A toolchain may be given by a path.
    let toolchain = toolchain.as_bytes().iter().map(|byte| match byte {
        b'/' => b'_',
        other => *other,
    });
    let dir = path_in(PLACE)?.join(OsString::from_vec(toolchain.collect()));
    fs::create_dir_all(&dir)?;
    fs::write(dir.join(BEHIND), found.stdout.trim_ascii())?;
    let cargo = dir.join("cargo");
    stand_in(&cargo)?;
    let mut answer = cargo.into_os_string().into_vec();
    answer.push(b'\n');
    std::io::stdout().write_all(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes this program known by another name.
fn stand_in(name: &Path) -> Result<()> {
    let program = std::env::current_exe()?;
    if fs::read_link(name).is_ok_and(|found| found == program) {
        return Ok(());
    }
    match fs::remove_file(name) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    match symlink(program, name) {
        // Another question of evcxr's was answered at the same time.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => Ok(made?),
    }
}

/// The first program of this name on the PATH that is not ours.
fn on_path(name: &str) -> Result<Command> {
    let ours = std::env::current_exe()?;
    let path = hide().or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| {
        file.is_file() && file.canonicalize().is_ok_and(|found| found != ours)
    });
    Ok(bare(&found.ok_or_else(|| format!("there is no {name} on PATH"))?))
}

/// A command that finds none of our programs.
fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some(path) = hide() {
        command.env("PATH", path);
    }
    command
}

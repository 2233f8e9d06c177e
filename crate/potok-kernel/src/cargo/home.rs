//! Where cargo keeps the crates of registries, by a name that is the same for everybody.
//!
//! cargo compares the paths of a crate's sources: what one user compiled would be compiled
//! again for the next, whose crates are below another home. So evcxr, and all that it starts,
//! know the directory by a descriptor that they inherit. `/proc/self/fd/200` is one name, and
//! leads each user to the crates that are theirs.
//!
//! *What to notice*: cells and what they start are told the directory's own name again.

use crate::{Result, sys};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

/// How cargo is told.
const HOME: &str = "CARGO_HOME";

/// The directory's own name, for those who hold it.
const REAL: &str = "POTOK_HELD_HOME";

/// A number that no program comes to by itself.
const FD: i32 = 200;

/// The name for everybody.
pub(crate) const COMMON: &str = "/proc/self/fd/200";

/// Tells evcxr's process, which `command` starts, which directory to [hold].
pub(crate) fn name(command: &mut Command) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let chosen = std::env::var_os(HOME).filter(|home| !home.is_empty());
    let usual = || std::env::home_dir().map(|home| home.join(".cargo"));
    if let Some(home) = chosen.map(PathBuf::from).or_else(usual) {
        command.env(REAL, home);
    }
}

/// Holds the directory open under the number, if it is named. Only for the very beginning of
/// the process, while it has one thread.
pub(crate) fn hold() -> Result<()> {
    let Some(real) = real() else { return Ok(()) };
    fs::create_dir_all(&real)
        .and_then(|()| File::open(&real))
        .and_then(|dir| sys::hand_down(&dir, FD))
        .map_err(|error| format!("{}: {error}", PathBuf::from(real).display()))?;
    // A kernel that grades has another home, where rust-analyzer finds nothing; cargo is
    // given this one by `lean::restore`.
    if !crate::lean::is_on() {
        sys::set_variable(HOME, COMMON);
    }
    Ok(())
}

/// Closes it, in the process that runs the cells. Only for its very beginning, while it
/// has one thread.
pub(crate) fn close() {
    let Some(real) = real() else { return };
    sys::close(FD);
    if std::env::var_os(HOME).is_some_and(|home| home == COMMON) {
        sys::set_variable(HOME, &real);
    }
}

fn real() -> Option<OsString> {
    std::env::var_os(REAL)
}

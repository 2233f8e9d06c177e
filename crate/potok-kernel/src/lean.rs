//! A kernel that grades: nobody asks it for completions or defines variables, so it starts
//! without what only these need.
//!
//! evcxr has rust-analyzer read the standard library and all that the library stands on,
//! twice: before the first cell and again with the library. Where it finds nothing, it has
//! nothing to read. Types of variables are then unknown to it; cells that are graded have
//! none.
//!
//! *What to notice*: the compiler and what it finds stay the same. Only rust-analyzer looks
//! for sources in these places.

use super::{Result, cargo};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What evcxr runs before the first cell, without the `let` and the `?` of
/// [`session`](super::session)'s.
pub(crate) const PRELUDE: &str = "use potok::prelude::*;\n\
    use potok::{eprintln, print};\nthreads::short_panics();\n";

/// Where rust-analyzer looks for the standard library's sources.
const SOURCES: &str = "RUST_SRC_PATH";

/// Where rust-analyzer looks for cargo first, and where cargo keeps what is its own.
const HOME: &str = "CARGO_HOME";

/// What that was before.
const REAL_HOME: &str = "POTOK_CARGO_HOME";

/// Has the kernel that `command` starts find no sources to read.
pub(crate) fn apply(session: &Path, command: &mut Command) -> Result<()> {
    let nothing = session.join("no-sources");
    // A directory is taken for the library's if it has this in it.
    fs::create_dir_all(nothing.join("core"))?;
    // On Linux the one that evcxr's process holds open for all: a template was compiled by it.
    let home = match cfg!(target_os = "linux") {
        true => cargo::home::COMMON.into(),
        false => std::env::var_os(HOME).unwrap_or_default(),
    };
    command.env(SOURCES, &nothing).env(REAL_HOME, home).env(HOME, &nothing);
    Ok(())
}

/// Whether this process, or what it was started by, is such a kernel.
pub(crate) fn is_on() -> bool {
    std::env::var_os(REAL_HOME).is_some()
}

/// Gives the toolchain's cargo its home back.
pub(crate) fn restore(cargo: &mut Command) {
    match std::env::var_os(REAL_HOME) {
        None => {}
        Some(home) if home.is_empty() => _ = cargo.env_remove(HOME),
        Some(home) => _ = cargo.env(HOME, home),
    }
}

/// Whether rust-analyzer asks what the crate stands on. It goes on without an answer.
pub(crate) fn asks_for_dependencies(args: &[std::ffi::OsString]) -> bool {
    let has = |wanted: &str| args.iter().any(|arg| arg == OsStr::new(wanted));
    is_on() && has("metadata") && has("--manifest-path") && !has("--no-deps")
}

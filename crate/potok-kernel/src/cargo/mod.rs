//! The role `cargo`: what evcxr runs when it means to run cargo.
//!
//! ```text
//! evcxr ── tools/cargo (this program) ── the toolchain's cargo ── rustc
//! ```
//!
//! Some things that evcxr lets go of are held here. It tries each `:dep` in a manifest that
//! has nothing else, at which cargo strikes everything else from Cargo.lock ([`lock`]); and
//! it loads what was built into a process that may have loaded a library as it was before
//! ([`loaded`]); and it takes some messages for what they are not ([`helpful`]). And where
//! nothing but the cell is new, cargo is not asked again ([`replay`]). cargo is led to the
//! session's copy of the library ([`sources`]).
//!
//! *What to notice*: only what evcxr runs in its own crate is looked at. Whatever else is
//! started by these names is handed on as it is.

mod helpful;
pub(crate) mod home;
mod loaded;
mod lock;
mod progress;
pub(crate) mod refused;
mod replay;
mod tools;

pub(crate) use loaded::{AT_START, changed, loads_what_it_did, nothing_yet};
pub(crate) use progress::tell as tell_progress;
pub(crate) use replay::{NOTE, note};
pub(crate) use tools::{TOOLS, hide, put_before};

use crate::{Result, lean, sources};
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where evcxr's crate is.
const CRATE: &str = "EVCXR_TMPDIR";

/// The session's lock: what was ever chosen in it.
const LOCK: &str = "POTOK_LOCK";

/// Has cargo put a hash of what a library was built with into its file's name. Without it
/// the dylib of a path crate is called the same with whatever features, and is replaced
/// under the name by which a running process has loaded it. cargo has this for those who
/// build Rust itself.
const HASHED_NAMES: (&str, &str) = ("__CARGO_DEFAULT_LIB_METADATA", "potok");

/// Tells evcxr which file to load. It knows no hashed names: without it, evcxr believes what
/// cargo says.
const OBJECT: &str = "EVCXR_EXECUTION_SO_PATH";

/// What cargo returns when it fails.
const FAILED: u8 = 101;

/// Whether this program was called by a name that is not its own, and what came of it.
pub(crate) fn called_by_another_name() -> Option<Result<ExitCode>> {
    let name = PathBuf::from(std::env::args_os().next()?);
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match name.file_name()?.to_str()? {
        "cargo" => Some(cargo(&name, &args)),
        "rustup" => Some(tools::rustup(&args)),
        _ => None,
    }
}

/// Runs the toolchain's cargo, and sees to the lock and to what is loaded.
fn cargo(name: &Path, args: &[OsString]) -> Result<ExitCode> {
    let mut cargo = tools::cargo_behind(name)?;
    lean::restore(&mut cargo);
    if lean::asks_for_dependencies(args) {
        return Ok(ExitCode::from(FAILED));
    }
    let Some(dir) = evcxrs_crate(args) else {
        return Err(cargo.args(args).exec().into());
    };
    cargo
        .args(args.iter().map(as_built))
        .env(HASHED_NAMES.0, HASHED_NAMES.1)
        .env_remove(OBJECT);
    let command =
        cargo.get_args().find(|arg| !arg.as_encoded_bytes().starts_with(b"-"));
    match command.and_then(OsStr::to_str) {
        Some("metadata") => metadata(&mut cargo, &dir),
        Some("build") => {
            if let Some(settings) = dir.parent().and_then(sources::settings) {
                cargo.arg("--config").arg(settings);
            }
            replay::build(&mut cargo, &dir)
        }
        _ => Err(cargo.exec().into()),
    }
}

/// evcxr checks a cell in which it cannot tell the type of a variable. A check knows nothing
/// of what was built: the first one would go through potok and all below it (25 s, seen
/// once). A build of the same cell says the same, and has all of it already.
fn as_built(arg: &OsString) -> &OsStr {
    if arg == "check" { OsStr::new("build") } else { arg }
}

/// The crate that evcxr compiles, if it is what cargo is asked about.
fn evcxrs_crate(args: &[OsString]) -> Option<PathBuf> {
    let elsewhere =
        |arg: &OsString| arg.as_encoded_bytes().starts_with(b"--manifest-path");
    let dir = PathBuf::from(std::env::var_os(CRATE)?).canonicalize().ok()?;
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    (here == dir && !args.iter().any(elsewhere)).then_some(dir)
}

/// How evcxr tries a `:dep`: from the session's lock, to which the new is added.
fn metadata(cargo: &mut Command, dir: &Path) -> Result<ExitCode> {
    let file = dir.join("Cargo.lock");
    let kept = std::env::var_os(LOCK).map(PathBuf::from);
    if let Some(kept) = &kept {
        lock::restore(&file, kept)?;
    }
    replay::same_rustc(cargo)?;
    let status = cargo.status()?;
    if let Some(kept) = kept.filter(|_| status.success()) {
        lock::keep(&file, &kept)?;
    }
    Ok(code(status.code()))
}

fn contains(line: &[u8], what: &[u8]) -> bool {
    line.windows(what.len()).any(|part| part == what)
}

/// An exit status handed on; of one that a signal ended, a failure.
fn code(status: Option<i32>) -> ExitCode {
    ExitCode::from(status.and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED))
}

/// A variable that names a path.
fn path_in(name: impl AsRef<OsStr>) -> Result<PathBuf> {
    let name = name.as_ref();
    let path = std::env::var_os(name);
    Ok(path.ok_or_else(|| format!("{} is not set", name.display()))?.into())
}

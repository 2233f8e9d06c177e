//! What the system lets a check's child do: read the system's files, and use a folder of
//! its own.

use super::sys;
use crate::words;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use potok_base::error::{Error, Result};
use potok_process::Limits;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};

/// What any program needs to run.
const SYSTEM: [&str; 8] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/dev/null",
    "/dev/urandom",
    "/sys/devices/system/cpu",
];

/// The newest rules that are asked for. An older kernel does what it can, one without
/// Landlock nothing.
const RULES: ABI = ABI::V6;

/// From here on this process opens no files but the system's and those below `folder`, runs
/// no program, connects to nobody and signals nobody but what it forks itself. Whether the
/// kernel does all of this.
///
/// A program would be free of Rust's rules: an interpreter among the system's can call the
/// system as it likes, and look into the process of the check.
pub(crate) fn confine(folder: &Path) -> Result<bool> {
    let failed = |error: RulesetError| Error::io(words::cannot_confine(), &error);
    let rules = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(RULES))?
            .handle_access(AccessNet::from_all(RULES))?
            .scope(Scope::from_all(RULES))?
            .create()?
            .add_rules(path_beneath_rules(SYSTEM, of_data(AccessFs::from_read)))?
            .add_rules(path_beneath_rules([folder], of_data(AccessFs::from_all)))?
            .restrict_self()
    };
    let status = rules().map_err(failed)?.ruleset;
    Ok(status == RulesetStatus::FullyEnforced)
}

/// These rights, without that to run a program.
fn of_data(rights: fn(ABI) -> BitFlags<AccessFs>) -> BitFlags<AccessFs> {
    rights(RULES) & !AccessFs::Execute
}

/// Whether this kernel confines checks: whether what they do to files, to the network and
/// to other processes is refused. It takes Linux 6.12 with Landlock turned on.
///
/// # Errors
/// The system has no process or descriptor left.
///
/// # Examples
/// ```
/// if !potok::homework::confines()? {
///     // Grade in a box of your own: a check can open what this user can.
/// }
/// # Ok::<(), potok::Error>(())
/// ```
pub fn confines() -> Result<bool> {
    let folder = Folder::new()?;
    sys::fork(Limits::new(), || confine(folder.path()))?.join()?
}

/// An empty folder for one check, removed with all that is in it.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Result<Self> {
        // By its name nobody shall know which check it is of.
        let by_chance = RandomState::new().build_hasher().finish();
        let name = format!("potok-check-{}-{by_chance:016x}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let failed =
            |error: std::io::Error| Error::io(words::no_folder(path.display()), &error);
        std::fs::create_dir(&path).map_err(failed)?;
        Ok(Folder(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

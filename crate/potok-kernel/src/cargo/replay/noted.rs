//! How cargo calls rustc: seen by standing between them, in the place of a `RUSTC_WRAPPER`.
//!
//! cargo leaves the wrapper out of what it compares a build by, so nothing is compiled
//! anew because of it.

use super::super::{OBJECT, path_in};
use crate::Result;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// Says that this program is called in the place of rustc, and where to write the command.
pub(crate) const NOTE: &str = "POTOK_NOTE_RUSTC";

/// What only some who compile have set. They have their own between cargo and rustc.
const WRAPPERS: [&str; 4] = [
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
];

/// The jobserver of a cargo that is gone.
const JOBSERVER: [&str; 3] = ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"];

/// The crate that evcxr makes of a cell.
const CELL: &str = "ctx";

/// A call of rustc, as it is to be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    /// The program, then its arguments.
    pub(super) command: Vec<String>,
    /// The variables that cargo set, or took away.
    pub(super) variables: BTreeMap<String, Option<String>>,
}

/// Where a call is noted while cargo builds.
#[derive(Debug)]
pub(super) struct Place {
    file: PathBuf,
    before: BTreeMap<OsString, OsString>,
}

impl Place {
    /// Has the calls by `cargo` noted; not where somebody else stands there.
    pub(super) fn new(cargo: &mut Command) -> Result<Option<Self>> {
        let off = env::var_os(super::SETTING).is_some_and(|setting| setting == "off");
        if off || WRAPPERS.iter().any(|name| env::var_os(name).is_some()) {
            return Ok(None);
        }
        let dir = path_in(super::super::CRATE)?;
        let file = dir.with_file_name(format!("rustc-{}", std::process::id()));
        let _ = fs::remove_file(&file);
        cargo.env(NOTE, &file).env("RUSTC_WRAPPER", env::current_exe()?);
        Ok(Some(Place { file, before: env::vars_os().collect() }))
    }

    /// What was noted. Of the variables it holds those that differ from this process's.
    pub(super) fn take(self) -> Option<Noted> {
        let text = fs::read_to_string(&self.file);
        let _ = fs::remove_file(&self.file);
        let note: Value = serde_json::from_str(&text.ok()?).ok()?;
        let text = |it: &Value| it.as_str().map(str::to_owned);
        let command = note["command"].as_array()?.iter().map(text);
        let mut now = BTreeMap::new();
        for (name, value) in note["variables"].as_object()? {
            now.insert(name.clone(), text(value)?);
        }
        let mut variables = BTreeMap::new();
        for (name, value) in &now {
            if self.before.get(&OsString::from(name)) != Some(&value.into()) {
                variables.insert(name.clone(), Some(value.clone()));
            }
        }
        for name in self.before.keys().filter_map(|name| name.to_str()) {
            if !now.contains_key(name) {
                variables.insert(name.to_owned(), None);
            }
        }
        for name in JOBSERVER.into_iter().chain([NOTE, "RUSTC_WRAPPER"]) {
            variables.insert(name.to_owned(), None);
        }
        Some(Noted { command: command.collect::<Option<_>>()?, variables })
    }
}

/// The role between cargo and rustc: notes the call that compiles a cell, and makes it.
pub(crate) fn note() -> Result<()> {
    let file = path_in(NOTE)?;
    let mut args = env::args_os().skip(1);
    let rustc = args.next().ok_or("rustc is to be named first")?;
    let args: Vec<OsString> = args.collect();
    if args.windows(2).any(|two| two[0] == "--crate-name" && two[1] == CELL) {
        let command = std::iter::once(&rustc).chain(&args);
        let command: Option<Vec<&str>> = command.map(|it| it.to_str()).collect();
        let variables: Option<BTreeMap<String, String>> = env::vars_os()
            .filter(|(name, _)| name != NOTE && name != OBJECT)
            .map(|(name, value)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            })
            .collect();
        // What is not text is not repeated.
        if let (Some(command), Some(variables)) = (command, variables) {
            let note = json!({ "command": command, "variables": variables });
            // Variables may hold what is nobody else's business.
            let new = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&file);
            if let Ok(mut new) = new {
                new.write_all(note.to_string().as_bytes())?;
            }
        }
    }
    Err(Command::new(rustc).args(args).env_remove(NOTE).exec().into())
}

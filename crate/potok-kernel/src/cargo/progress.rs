//! How far a long build is, for whoever waits for it: crates done of all.
//!
//! evcxr keeps what cargo writes on stderr until the build is over, but for lines on what is
//! being compiled: those it passes on, and so this is one of them.

use crate::Result;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many crates there are.
const SETTING: &str = "POTOK_PROGRESS";

/// A line after each of these.
const PACE: Duration = Duration::from_secs(5);

/// Has the builds that `command` leads to tell how far they are. `workspace` is the library's.
pub(crate) fn tell(command: &mut Command, workspace: &Path) {
    // Where it cannot be counted, nothing is told.
    if let Ok(all) = crates(workspace) {
        command.env(SETTING, all.to_string());
    }
}

/// How many crates the library needs, itself and the cell included.
fn crates(workspace: &Path) -> Result<usize> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--package", "potok", "--edges", "normal,build"]);
    let tree = tree.args(["--prefix", "none"]).current_dir(workspace).output()?;
    let text = String::from_utf8(tree.stdout)?;
    // A crate that stands there again is marked.
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
    match lines.filter(|line| !line.is_empty()).collect::<BTreeSet<_>>().len() {
        0 => Err("cargo named no crates".into()),
        n => Ok(n + 1),
    }
}

/// A build that is under way.
#[derive(Debug)]
pub(super) struct Progress {
    /// Nothing, where nobody waits.
    all: Option<usize>,
    done: BTreeSet<String>,
    told: Instant,
}

impl Progress {
    /// One that begins now.
    pub(super) fn new() -> Self {
        let all = std::env::var(SETTING).ok().and_then(|all| all.parse().ok());
        Progress { all, done: BTreeSet::new(), told: Instant::now() }
    }

    /// Takes a line that cargo wrote, and tells how far it is if it is time to.
    pub(super) fn line(&mut self, line: &[u8]) {
        if let Some(said) = self.say(line) {
            // Nobody may be there any more.
            let _ = writeln!(std::io::stderr(), "{said}");
        }
    }

    fn say(&mut self, line: &[u8]) -> Option<String> {
        let all = self.all?;
        if !line.starts_with(br#"{"reason":"compiler-artifact""#) {
            return None;
        }
        let line: Value = serde_json::from_slice(line).ok()?;
        self.done.insert(line["package_id"].to_string());
        if self.told.elapsed() < PACE {
            return None;
        }
        self.told = Instant::now();
        let done = self.done.len();
        Some(format!("   Compiling {done} of {} crates", all.max(done)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_once_and_told_at_a_pace() {
        let mut progress =
            Progress { all: Some(3), done: BTreeSet::new(), told: Instant::now() };
        let line = |id: u32| {
            format!(r#"{{"reason":"compiler-artifact","package_id":"{id}"}}"#)
        };
        for id in [1, 1, 2] {
            assert_eq!(progress.say(line(id).as_bytes()), None, "too early");
        }
        progress.told -= PACE;
        assert_eq!(progress.say(br#"{"reason":"build-finished"}"#), None);
        let said = progress.say(line(1).as_bytes());
        assert_eq!(said.as_deref(), Some("   Compiling 2 of 3 crates"));
        progress.told -= PACE;
        progress.all = None;
        assert_eq!(progress.say(line(3).as_bytes()), None, "nobody waits");
    }
}

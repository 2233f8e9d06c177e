//! What is kept of cargo's last build: enough to repeat it for another cell, and to know
//! when that would not be the same.

use super::noted::Noted;
use super::watched::{self, Watched};
use crate::Result;
use crate::cargo::HASHED_NAMES;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// In the session's directory.
pub(in crate::cargo) const FILE: &str = "replay.json";

/// How rustc is told to colour what it says. cargo takes the colours out again, evcxr
/// having asked for none.
const COLOURS: &str = "diagnostic-rendered-ansi,";

/// What cargo is asked: by which arguments, in which environment, by which program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    hash: String,
    program: PathBuf,
}

impl Question {
    /// The question that this command puts.
    pub(super) fn of(cargo: &Command) -> Result<Self> {
        let mut environment: BTreeMap<OsString, OsString> = env::vars_os().collect();
        for (name, value) in cargo.get_envs() {
            match value {
                Some(value) => environment.insert(name.into(), value.into()),
                None => environment.remove(name),
            };
        }
        if !environment.contains_key(OsStr::new(HASHED_NAMES.0)) {
            return Err("the objects' names would not have their hash".into());
        }
        let mut hasher = DefaultHasher::new();
        cargo.get_program().hash(&mut hasher);
        cargo.get_args().collect::<Vec<_>>().hash(&mut hasher);
        environment.hash(&mut hasher);
        env::current_dir()?.hash(&mut hasher);
        let hash = format!("{:016x}", hasher.finish());
        Ok(Question { hash, program: cargo.get_program().into() })
    }
}

/// One build, as far as it can be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    question: String,
    noted: Noted,
    /// Where rustc puts the cell's object, and where evcxr takes it from.
    output: PathBuf,
    object: PathBuf,
    /// The lines on what the cell depends on.
    others: Vec<String>,
    /// The line on the cell itself.
    artifact: String,
    /// When that cell was written.
    built: String,
    watched: Watched,
}

impl Record {
    /// What can be kept of a build of the crate in `dir` of which cargo `said` this. An
    /// error tells why it cannot be repeated.
    pub(super) fn of(
        dir: &Path,
        question: &Question,
        noted: Noted,
        said: &[u8],
        began: SystemTime,
    ) -> Result<Self> {
        let text = std::str::from_utf8(said)?;
        let mut others = vec![];
        let mut artifact = None;
        let mut messages: Vec<Value> = vec![];
        for line in text.lines() {
            let message: Value = serde_json::from_str(line)?;
            let manifest = message["manifest_path"].as_str().map(Path::new);
            let of_cell = manifest == Some(&dir.join("Cargo.toml"));
            match (message["reason"].as_str(), of_cell) {
                (Some("compiler-artifact"), true) => {
                    artifact = Some((line.to_owned(), file_of(&message)?));
                }
                (Some("build-finished"), _) | (Some("compiler-message"), true) => {}
                // What was compiled in this build will have been compiled at the next.
                (Some("compiler-artifact"), false) => {
                    others
                        .push(line.replace(r#","fresh":false}"#, r#","fresh":true}"#));
                }
                (Some("build-script-executed"), _) => others.push(line.to_owned()),
                (reason, _) => return Err(format!("cargo spoke of {reason:?}").into()),
            }
            messages.push(message);
        }
        let (artifact, object) = artifact.ok_or("cargo named no object")?;
        let output = output(&noted, &object)?;
        let rustc = noted.command.first().ok_or("no command")?.into();
        let programs = [question.program.clone(), rustc];
        Ok(Record {
            question: question.hash.clone(),
            output,
            object,
            others,
            artifact,
            built: written(dir)?,
            watched: watched::by(dir, &programs, &messages, began)?,
            noted,
        })
    }

    /// The record that answers the question; otherwise why there is none.
    pub(super) fn answer(
        session: &Path,
        dir: &Path,
        question: &Question,
    ) -> Result<Self, Cow<'static, str>> {
        let text = fs::read_to_string(session.join(FILE));
        let text = text.map_err(|_| "nothing is recorded")?;
        let record = Self::parse(&text).ok_or("the record is damaged")?;
        if record.question != question.hash {
            return Err("another command or another environment".into());
        }
        if let Some((path, _)) =
            record.watched.iter().find(|file| !watched::is_as_it_was(*file))
        {
            return Err(format!("{path} has changed").into());
        }
        // cargo takes a cell that is not newer for one that it has compiled.
        match written(dir) {
            Ok(now) if now > record.built => Ok(record),
            _ => Err("the cell is not newer than the last build".into()),
        }
    }

    /// Leaves it for the next cell.
    pub(super) fn keep(&self, session: &Path) -> Result<()> {
        let new = session.join("replay.new");
        let text = json!({
            "question": self.question,
            "command": self.noted.command,
            "variables": self.noted.variables,
            "output": self.output,
            "object": self.object,
            "others": self.others,
            "artifact": self.artifact,
            "built": self.built,
            "watched": self.watched,
        });
        fs::write(&new, text.to_string())?;
        Ok(fs::rename(new, session.join(FILE))?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut record: Value = serde_json::from_str(text).ok()?;
        let mut take = |name: &str| record[name].take();
        let noted = Noted {
            command: serde_json::from_value(take("command")).ok()?,
            variables: serde_json::from_value(take("variables")).ok()?,
        };
        Some(Record {
            question: serde_json::from_value(take("question")).ok()?,
            noted,
            output: serde_json::from_value(take("output")).ok()?,
            object: serde_json::from_value(take("object")).ok()?,
            others: serde_json::from_value(take("others")).ok()?,
            artifact: serde_json::from_value(take("artifact")).ok()?,
            built: serde_json::from_value(take("built")).ok()?,
            watched: serde_json::from_value(take("watched")).ok()?,
        })
    }

    /// From here on cargo has to be asked.
    pub(super) fn forget(session: &Path) -> Result<()> {
        match fs::remove_file(session.join(FILE)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// rustc, as cargo called it.
    pub(super) fn rustc(&self, dir: &Path) -> Command {
        let mut words = self.noted.command.iter();
        let mut rustc = Command::new(words.next().map_or("rustc", |program| program));
        rustc.args(words.map(|word| word.replacen(COLOURS, "", 1))).current_dir(dir);
        for (name, value) in &self.noted.variables {
            match value {
                Some(value) => rustc.env(name, value),
                None => rustc.env_remove(name),
            };
        }
        rustc
    }

    /// Where rustc puts the cell's object.
    pub(super) fn output(&self) -> &Path {
        &self.output
    }

    /// Where evcxr takes it from.
    pub(super) fn object(&self) -> &Path {
        &self.object
    }

    /// The lines on what the cell depends on.
    pub(super) fn others(&self) -> &[String] {
        &self.others
    }

    /// The line on the cell itself.
    pub(super) fn artifact(&self) -> &str {
        &self.artifact
    }
}

/// The one file of an artifact.
fn file_of(artifact: &Value) -> Result<PathBuf> {
    match artifact["filenames"].as_array().map(Vec::as_slice) {
        Some([file]) => Ok(file.as_str().ok_or("a file without a name")?.into()),
        _ => Err("a cell is to have one object".into()),
    }
}

/// The file that a call of rustc makes, of which `object` is another name.
fn output(noted: &Noted, object: &Path) -> Result<PathBuf> {
    let words = &noted.command;
    let after = |name: &str| words.iter().skip_while(move |word| *word != name).nth(1);
    let extra = words.iter().find_map(|word| word.strip_prefix("extra-filename="));
    let dir = after("--out-dir").ok_or("no directory for the object")?;
    let name =
        object.file_stem().and_then(OsStr::to_str).ok_or("an object without a name")?;
    let mut output =
        Path::new(dir).join(format!("{name}{}", extra.unwrap_or_default()));
    // Not `with_extension`: nothing says that the name has no dot.
    if let Some(extension) = object.extension() {
        output.as_mut_os_string().push(".");
        output.as_mut_os_string().push(extension);
    }
    if !words.iter().any(|word| word.contains(COLOURS)) || !output.is_file() {
        return Err(format!("rustc was called in another way: {words:?}").into());
    }
    Ok(output)
}

/// When the cell's source was written; a later time is a greater text.
fn written(dir: &Path) -> Result<String> {
    let source = fs::metadata(dir.join("src/lib.rs"))?;
    Ok(format!("{:020}.{:09}", source.mtime(), source.mtime_nsec()))
}

//! Compiling the next cell without cargo.
//!
//! ```text
//! evcxr ── tools/cargo (this program) ── cargo ── rustc      the first cell, and after a change
//! evcxr ── tools/cargo (this program) ────────── rustc      the next ones
//! ```
//!
//! Half of the time that a short cell takes to compile is cargo's, which finds out that
//! nothing but the cell has changed. So what cargo did at its last build is kept as a
//! [`Record`]: the command by which it called rustc, what it said of the dependencies, and
//! what all of that rests on. While none of it differs, rustc is called by the same command
//! and [its messages](messages) are handed on as cargo hands them on.
//!
//! *What to notice*: whatever is not quite as expected is left to cargo, which stays the
//! judge: cargo's own notes are not touched, so that it finds the cell older than its
//! source and compiles it again. `POTOK_REPLAY=compare` has [both](compare) done.

mod compare;
mod messages;
mod noted;
mod record;
mod watched;

pub(crate) use noted::{NOTE, note};
pub(in crate::cargo) use record::FILE as RECORD;

use super::progress::Progress;
use super::{FAILED, code, helpful, loaded, refused};
use crate::owned::{Share, try_lock};
use crate::{Result, sources};
use messages::Messages;
use record::{Question, Record};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::SystemTime;

/// `off`: cargo compiles every cell; `compare`: so does this, and a cell fails where they
/// differ.
const SETTING: &str = "POTOK_REPLAY";

/// What one way of compiling a cell came to.
#[derive(Debug)]
struct Outcome {
    /// The lines for evcxr.
    said: Vec<u8>,
    success: bool,
}

/// Compiles the cell in evcxr's crate `dir`, as `cargo` would.
///
/// A cell that would load a library beside itself as it was before is not handed on: the
/// runtime has to be started anew first, which the relay does.
pub(super) fn build(cargo: &mut Command, dir: &Path) -> Result<ExitCode> {
    let session = dir.parent().ok_or("evcxr's crate is in no session")?;
    let setting = std::env::var(SETTING).unwrap_or_default();
    let question = Question::of(cargo);
    let known = match &question {
        Ok(_) if setting == "off" => Err("switched off".into()),
        Ok(question) => Record::answer(session, dir, question),
        Err(error) => Err(error.to_string().into()),
    };
    let outcome = match known {
        Ok(record) if setting == "compare" => {
            compare::both(&record, dir, || by_cargo(cargo))?
        }
        Ok(record) => match replay(&record, dir)? {
            Some(outcome) => {
                compare::log(&[(
                    "replayed",
                    if outcome.success { "object" } else { "errors" },
                )]);
                outcome
            }
            None => {
                compare::log(&[("cargo", "rustc did not say why it failed")]);
                by_cargo(cargo)?.0
            }
        },
        Err(why) => {
            compare::log(&[("cargo", why.as_ref())]);
            let began = SystemTime::now();
            // Not to be taken for another's, should this build come to nothing.
            Record::forget(session)?;
            sources::refresh(session)?;
            let (outcome, noted) = by_cargo(cargo)?;
            if let (true, Some(noted), Ok(question)) =
                (outcome.success, noted, &question)
            {
                let kept = Record::of(dir, question, noted, &outcome.said, began)
                    .and_then(|record| record.keep(session));
                if let Err(error) = kept {
                    compare::log(&[("no record", &error.to_string())]);
                }
            }
            outcome
        }
    };
    if outcome.success
        && let Some(libraries) = loaded::take_note(session, &outcome.said)?
    {
        Record::forget(session)?;
        crate::say(&format!("{libraries} changed; the runtime has to start anew"));
        return Ok(ExitCode::from(FAILED));
    }
    if !outcome.success
        && let Err(error) = refused::keep(session, dir, &outcome.said)
    {
        // Then an error may be told without its place.
        compare::log(&[("not kept", &error.to_string())]);
    }
    std::io::stdout().write_all(&helpful::for_evcxr(&outcome.said))?;
    Ok(code(Some(if outcome.success { 0 } else { FAILED.into() })))
}

/// Has cargo call rustc as it does for a build: it keeps what it knows of rustc for one way
/// of calling it.
pub(super) fn same_rustc(cargo: &mut Command) -> Result<()> {
    noted::Place::new(cargo).map(drop)
}

/// Has cargo do it; the command by which it called rustc for the cell, if it did.
fn by_cargo(cargo: &mut Command) -> Result<(Outcome, Option<noted::Noted>)> {
    let note = noted::Place::new(cargo)?;
    let mut cargo = cargo.stdout(Stdio::piped()).spawn()?;
    let mut said = Vec::new();
    if let Some(stdout) = cargo.stdout.take() {
        let (mut stdout, mut progress) = (BufReader::new(stdout), Progress::new());
        let mut from = 0;
        while stdout.read_until(b'\n', &mut said)? > 0 {
            progress.line(&said[from..]);
            from = said.len();
        }
    }
    let success = cargo.wait()?.success();
    Ok((Outcome { said, success }, note.and_then(noted::Place::take)))
}

/// Calls rustc as cargo did. Nothing, where cargo has to have a look.
fn replay(record: &Record, dir: &Path) -> Result<Option<Outcome>> {
    // cargo's own lock: while another builds there, cargo waits for it.
    let Ok(lock) = File::open(record.object().with_file_name(".cargo-lock")) else {
        return Ok(None);
    };
    if !try_lock(&lock, Share::Alone)? {
        return Ok(None);
    }
    let rustc = record.rustc(dir).stdin(Stdio::null()).output()?;
    let mut messages = Messages::new(record);
    messages.take(&rustc.stderr)?;
    if rustc.status.success() {
        uplift(record.output(), record.object())?;
        messages.artifact();
    } else if !messages.has_errors() {
        // Not the cell's fault: a full disk, a signal, no linker.
        return Ok(None);
    }
    Ok(Some(Outcome { said: messages.finish(), success: rustc.status.success() }))
}

/// Puts rustc's file where evcxr is told it is, as cargo does.
fn uplift(from: &Path, to: &Path) -> Result<()> {
    match fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error.into());
        }
        _ => {}
    }
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to)?;
    }
    Ok(())
}

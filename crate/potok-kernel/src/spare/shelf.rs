//! Where a spare waits: a directory for this user alone, with a lock that says that there
//! is one, and a note that says how to get it.

use super::fit::Fit;
use crate::owned::{Owned, Share, try_lock};
use crate::{Result, paths};
use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;

/// The note's name.
const NOTE: &str = "note";

/// The keeper's socket, and what proves to it that one may read this directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) fit: Fit,
    pub(super) socket: PathBuf,
    pub(super) secret: String,
}

impl Note {
    /// Puts it where kernels look.
    pub(super) fn leave(&self) -> Result<()> {
        let dir = directory()?;
        let new = format!("{}.new", std::process::id());
        let text = json!({
            "fit": self.fit.0.to_string(),
            "socket": self.socket,
            "secret": self.secret,
        });
        // One that a killed keeper of the same number left is written over.
        dir.write(&new, text.to_string().as_bytes())?;
        dir.rename(new, NOTE)
    }

    /// The note that lies there.
    pub(super) fn read() -> Option<Self> {
        Self::parse(&directory().ok()?.read(NOTE).ok()??)
    }

    fn parse(text: &str) -> Option<Self> {
        let note: Value = serde_json::from_str(text).ok()?;
        Some(Note {
            fit: Fit(note["fit"].as_str()?.parse().ok()?),
            socket: note["socket"].as_str()?.into(),
            secret: note["secret"].as_str()?.to_owned(),
        })
    }

    /// Takes the note away, if it is `wanted`. Of many who try, one gets it.
    pub(super) fn claim(wanted: impl Fn(&Note) -> bool) -> Option<Self> {
        Self::read().filter(&wanted)?;
        let dir = directory().ok()?;
        let mine = format!("{}.claimed", std::process::id());
        dir.rename(NOTE, &mine).ok()?;
        let note = dir.read(&mine).ok().flatten();
        let _ = dir.remove(&mine);
        // Between the two looks another may have been left.
        Self::parse(&note?).filter(wanted)
    }

    /// Takes it away if it still lies there.
    pub(super) fn withdraw(&self) {
        let _ = Self::claim(|note| note == self);
    }
}

/// Held by the keeper of the one spare. Nothing, if another holds it.
pub(super) fn lock() -> Result<Option<File>> {
    let lock = directory()?.file("lock")?;
    Ok(try_lock(&lock, Share::Alone)?.then_some(lock))
}

/// The directory, which is this user's alone.
fn directory() -> Result<Owned> {
    paths::cache()?.dir("spare")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_left_and_nonsense_is_none() {
        let text = r#"{"fit": "7", "socket": "/run/k", "secret": "s"}"#;
        let note = Note { fit: Fit(7), socket: "/run/k".into(), secret: "s".into() };
        assert_eq!(Note::parse(text), Some(note));
        // The last is what an older version left.
        for text in ["", "{}", r#"{"fit": "7", "port": 7000, "secret": "s"}"#] {
            assert_eq!(Note::parse(text), None);
        }
    }
}

//! Where a spare waits: a directory for this user alone, with a lock that says that there
//! is one, and a note that says how to get it.

use super::fit::Fit;
use crate::{Result, paths, sys};
use serde_json::{Value, json};
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

/// The keeper's port, and what proves to it that one may read this directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) fit: Fit,
    pub(super) port: u16,
    pub(super) secret: String,
}

impl Note {
    /// Puts it where kernels look.
    pub(super) fn leave(&self) -> Result<()> {
        let dir = directory()?;
        let new = dir.join(format!("{}.new", std::process::id()));
        let text = json!({
            "fit": self.fit.0.to_string(),
            "port": self.port,
            "secret": self.secret,
        });
        let mut file =
            File::options().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.to_string().as_bytes())?;
        fs::rename(new, dir.join("note"))?;
        Ok(())
    }

    /// The note that lies there.
    pub(super) fn read() -> Option<Self> {
        Self::parse(&fs::read_to_string(directory().ok()?.join("note")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let note: Value = serde_json::from_str(text).ok()?;
        Some(Note {
            fit: Fit(note["fit"].as_str()?.parse().ok()?),
            port: note["port"].as_u64()?.try_into().ok()?,
            secret: note["secret"].as_str()?.to_owned(),
        })
    }

    /// Takes the note away, if it is `wanted`. Of many who try, one gets it.
    pub(super) fn claim(wanted: impl Fn(&Note) -> bool) -> Option<Self> {
        Self::read().filter(&wanted)?;
        let dir = directory().ok()?;
        let mine = dir.join(format!("{}.claimed", std::process::id()));
        fs::rename(dir.join("note"), &mine).ok()?;
        let note = fs::read_to_string(&mine).ok();
        let _ = fs::remove_file(&mine);
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
    let path = directory()?.join("lock");
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The directory. One that others can look into, or that is another's, is refused.
fn directory() -> Result<PathBuf> {
    let dir = paths::cache()?.join("spare");
    if let Some(cache) = dir.parent() {
        fs::create_dir_all(cache)?;
    }
    match DirBuilder::new().mode(0o700).create(&dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(error.into());
        }
        _ => {}
    }
    let found = fs::symlink_metadata(&dir)?;
    if !found.is_dir() || found.mode() & 0o077 != 0 || found.uid() != sys::user() {
        let dir = dir.display();
        return Err(format!("{dir} is not private; remove it: rm -r {dir}").into());
    }
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_left_and_nonsense_is_none() {
        let text = r#"{"fit": "7", "port": 9, "secret": "s"}"#;
        let note = Note { fit: Fit(7), port: 9, secret: "s".into() };
        assert_eq!(Note::parse(text), Some(note));
        for text in ["", "{}", r#"{"fit": "7", "port": 70000, "secret": "s"}"#] {
            assert_eq!(Note::parse(text), None);
        }
    }
}

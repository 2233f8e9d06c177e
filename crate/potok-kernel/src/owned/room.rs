//! How much room there is where a directory lies.

use super::{trouble, words};
use crate::Result;
use std::path::Path;

/// The bytes that this user may still write where `path` is.
pub(crate) fn free_space(path: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Without this much room nothing is begun: evcxr would fail in the middle.
const ROOM: u64 = 100_000_000;

/// Refuses a place that is full.
pub(crate) fn room(path: &Path) -> Result<()> {
    match free_space(path) {
        Ok(free) if free < ROOM => Err(words::full(path).into()),
        Ok(_) => Ok(()),
        Err(error) => Err(trouble(path, &error).into()),
    }
}

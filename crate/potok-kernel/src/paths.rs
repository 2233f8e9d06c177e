//! Where the kernel keeps its things: under the user's cache directory, which a second
//! clone shares and which may be deleted at any time.

use crate::Result;
use std::env;
use std::fs;
use std::path::PathBuf;

/// `$XDG_CACHE_HOME/potok`, or `~/.cache/potok`.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(dir) if dir.is_absolute() => dir,
        _ => env::home_dir()
            .ok_or("no home directory; set XDG_CACHE_HOME")?
            .join(".cache"),
    };
    Ok(base.join("potok"))
}

/// One build directory for each compiler and version of potok.
pub(crate) fn templates() -> Result<PathBuf> {
    made(cache()?.join("templates"))
}

/// One directory for each kernel that runs now.
pub(crate) fn sessions() -> Result<PathBuf> {
    made(cache()?.join("sessions"))
}

fn made(dir: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&dir)
        .map_err(|e| format!("cannot create {}: {e}", dir.display()))?;
    Ok(dir)
}

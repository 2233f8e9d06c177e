//! Where the kernel keeps its things: under the user's cache directory, which a second
//! clone shares and which may be deleted at any time.

use crate::Result;
use crate::owned::Owned;
use std::env;
use std::path::{Path, PathBuf};

/// `$XDG_CACHE_HOME/potok`, or `~/.cache/potok`.
pub(crate) fn cache() -> Result<Owned> {
    let base = match env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(dir) if dir.is_absolute() => dir,
        _ => env::home_dir()
            .filter(|home| home.is_absolute())
            .ok_or("no home directory: choose a place with XDG_CACHE_HOME=/some/dir")?
            .join(".cache"),
    };
    let cache = base.join("potok");
    usable(&cache)?;
    Owned::at(&cache)
}

/// One build directory for each compiler and version of potok.
pub(crate) fn templates() -> Result<Owned> {
    cache()?.dir("templates")
}

/// One directory for each kernel that runs now.
pub(crate) fn sessions() -> Result<Owned> {
    cache()?.dir("sessions")
}

/// Refuses what cargo and evcxr cannot build in, which would fail late and say little.
fn usable(cache: &Path) -> Result<()> {
    let why = match cache.to_str() {
        None => "is not UTF-8",
        // cargo makes lists of directories of it, and evcxr lines.
        Some(text) if text.contains(':') => "has a colon in it",
        // The loader of shared libraries takes it for the end of a directory.
        Some(text) if text.contains(';') => "has a semicolon in it",
        // lld puts random digits in the place of each.
        Some(text) if text.contains('%') => "has a % in it",
        // Linux has a way around it.
        Some(text) if text.contains(' ') && cfg!(not(target_os = "linux")) => {
            "has a space in it"
        }
        Some(text) if text.contains(char::is_control) => {
            "has a control character in it"
        }
        Some(_) => return Ok(()),
    };
    let cache = cache.display();
    Err(format!(
        "{cache:?} {why}, which Rust's tools cannot build in: choose another place with \
         XDG_CACHE_HOME=/some/dir"
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_place_that_cannot_be_built_in_is_refused_at_once() {
        let text = |path: &[u8]| usable(Path::new(OsStr::from_bytes(path)));
        text("/home/Аня Петрова/it's \"кэш\"/potok".as_bytes()).unwrap();
        let bad =
            [&b"/a:b"[..], b"/a;b/potok", b"/a%b/potok", b"/a\nb/potok", b"/\xff"];
        for path in bad {
            let said = text(path).unwrap_err().to_string();
            assert!(said.contains("XDG_CACHE_HOME="), "{said}");
        }
    }
}

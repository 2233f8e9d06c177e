//! Where the library is that the notebooks import, if nobody says.
//!
//! It is looked for when it is needed. A path that is compiled in would be that of another
//! checkout: two of them with the same sources share one program.

use crate::Result;
use std::path::{Path, PathBuf};

/// The hash of this program's sources, where `make` has compiled it. cargo compiles anew
/// what reads a variable that has changed. Without that, a checkout whose files are older
/// than another's build would get the other's program: all of them build in one directory,
/// where cargo knows them apart by time alone.
pub(crate) const SOURCES: Option<&str> = option_env!("POTOK_SOURCES");

/// In a checkout.
const PLACE: &str = "crate/potok";

/// The `crate/potok` above this program, or above the directory that it is called in.
pub(crate) fn usual() -> Result<String> {
    let program = std::env::current_exe()?;
    let here = std::env::current_dir()?;
    let found = above(&program).or_else(|| above(&here)).ok_or(
        "crate/potok is not above here: call this in a checkout, or name it last, as in \
         `potok-kernel install --user path/to/crate/potok`",
    )?;
    Ok(found.to_str().ok_or("the path of crate/potok is not UTF-8")?.to_owned())
}

fn above(path: &Path) -> Option<PathBuf> {
    let places = path.ancestors().map(|dir| dir.join(PLACE));
    places.into_iter().find(|place| place.join("Cargo.toml").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_checkout_above_is_found_and_nothing_is_made_up() {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("outer").join(PLACE);
        std::fs::create_dir_all(&library).unwrap();
        let program = dir.path().join("outer/.venv/bin/potok-kernel");
        assert_eq!(above(&program), None, "a directory alone is no library");
        std::fs::write(library.join("Cargo.toml"), "").unwrap();
        assert_eq!(above(&program), Some(library));
        assert_eq!(above(&dir.path().join("elsewhere")), None);
    }
}

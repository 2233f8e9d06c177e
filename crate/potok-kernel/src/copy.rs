//! Copies a directory tree, modification times included: cargo judges by them what it
//! may reuse.
//!
//! *What to notice*: these are copies, never hard links. evcxr and cargo rewrite files in
//! place, and a linked file would change in every session at once. Where the file system
//! can share blocks until they are written (btrfs, XFS), `std::fs::copy` does so.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Copies `from` and all that is in it to `to`, which must not exist yet. What is named
/// `without` stays behind, at any depth.
pub(crate) fn tree(from: &Path, to: &Path, without: Option<&str>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if without.is_some_and(|name| entry.file_name() == name) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            tree(&source, &target, without)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            fs::copy(&source, &target)?;
            File::options()
                .write(true)
                .open(&target)?
                .set_modified(entry.metadata()?.modified()?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_copy_keeps_times_and_shares_nothing() {
        let dir =
            std::env::temp_dir().join(format!("potok-copy-{}", std::process::id()));
        let (from, to) = (dir.join("from"), dir.join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::create_dir_all(from.join("deep/left")).unwrap();
        let file = from.join("deep/file");
        fs::write(&file, "before").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();

        tree(&from, &to, Some("left")).unwrap();
        fs::write(&file, "after").unwrap();

        let copy = to.join("deep/file");
        assert_eq!(fs::read_to_string(&copy).unwrap(), "before");
        assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), long_ago);
        assert!(!to.join("deep/left").exists());
        fs::remove_dir_all(dir).unwrap();
    }
}

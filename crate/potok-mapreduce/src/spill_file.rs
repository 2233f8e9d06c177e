//! The file that pairs are spilled to. It has no name.
//!
//! *What to notice*: the file has no entry in any directory. So there is nothing to clean
//! up: when the last process that has it open ends, however it ends, the system frees the
//! disk. Any number of threads and forked processes append to it, since they share the
//! offset of the next byte.

use crate::words;
use potok_base::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The offset of the next byte.
#[cfg(target_os = "linux")]
type End = potok_process::Shared<AtomicU64>;
#[cfg(not(target_os = "linux"))]
type End = Box<AtomicU64>;

/// A file that bytes are appended to, and read from at any offset.
#[derive(Debug)]
pub(super) struct SpillFile {
    file: File,
    end: End,
    limit: Option<u64>,
    dir: PathBuf,
}

impl SpillFile {
    /// A new file on the disk of `dir`, for at most `limit` bytes if there is one.
    pub(super) fn new(dir: Option<&Path>, limit: Option<u64>) -> Result<Self> {
        let dir = dir.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let file = unnamed(&dir)
            .map_err(|e| Error::io(words::no_file_in(dir.display()), &e))?;
        #[cfg(target_os = "linux")]
        let end = End::new()?;
        #[cfg(not(target_os = "linux"))]
        let end = End::default();
        Ok(SpillFile { file, end, limit, dir })
    }

    /// Appends these bytes. The range that they have in the file.
    ///
    /// # Errors
    /// The disk is full, or the limit is reached.
    pub(super) fn append(&self, bytes: &[u8]) -> Result<Range<u64>> {
        let length = bytes.len() as u64;
        let start = self.end.fetch_add(length, Ordering::Relaxed);
        let range = start..start + length;
        if let Some(limit) = self.limit.filter(|limit| range.end > *limit) {
            self.end.fetch_sub(length, Ordering::Relaxed);
            let text = words::disk_is_full(length, limit);
            return Err(Error::new(potok_base::ErrorKind::Io, text));
        }
        self.file.write_all_at(bytes, start).map_err(|e| {
            let dir = self.dir.display();
            Error::io(words::pairs_not_written(length, dir), &e)
        })?;
        Ok(range)
    }

    /// Fills `into` with the bytes from offset `at`.
    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        self.file
            .read_exact_at(into, at)
            .map_err(|e| Error::io(words::pairs_not_read(), &e))
    }

    /// Turns some bits of a byte over.
    #[cfg(test)]
    pub(super) fn damage(&self, at: u64, bits: u8) {
        let mut byte = [0];
        self.read(at, &mut byte).unwrap();
        self.file.write_all_at(&[byte[0] ^ bits], at).unwrap();
    }

    /// How many bytes have been written.
    pub(super) fn used(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }
}

/// Opens a file that no directory lists. The crate `tempfile` does the same, with four
/// crates that each notebook would compile, rustix among them.
fn unnamed(dir: &Path) -> std::io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        if let Ok(file) = options.custom_flags(nix::libc::O_TMPFILE).open(dir) {
            return Ok(file);
        }
    }
    // Not every file system can do it: there the file has a name for a moment.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = dir.join(format!(".potok-{}-{number}", std::process::id()));
    let file =
        OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_read_back() {
        let file = SpillFile::new(None, Some(10)).unwrap();
        assert_eq!(file.append(b"deer").unwrap(), 0..4);
        assert_eq!(file.append(b"bear").unwrap(), 4..8);
        let mut bytes = [0; 4];
        file.read(4, &mut bytes).unwrap();
        assert_eq!(&bytes, b"bear");
        let error = file.append(b"car").unwrap_err();
        assert!(error.to_string().contains("10 bytes"), "{error}");
        assert_eq!(file.append(b"ox").unwrap(), 8..10);
        assert_eq!(file.used(), 10);
    }

    #[test]
    fn a_missing_directory_is_named_in_the_error() {
        let error = SpillFile::new(Some(Path::new("no/such/place")), None).unwrap_err();
        assert!(error.to_string().contains("no/such/place"), "{error}");
    }
}

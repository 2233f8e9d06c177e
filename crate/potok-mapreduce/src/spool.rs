//! Room on disk for pairs that do not stay in memory: one file without a name.
//!
//! *What to notice*: the file has no entry in any directory. So there is nothing to clean
//! up: when the last process that has it open ends, however it ends, the system takes the
//! room back. Any number of threads and forked processes append to it, because the place
//! of the next byte is a number that all of them share.

use potok_base::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The number that tells where the next byte goes.
#[cfg(target_os = "linux")]
type End = potok_process::Shared<AtomicU64>;
#[cfg(not(target_os = "linux"))]
type End = Box<AtomicU64>;

/// A file that bytes are appended to, and read from anywhere.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    end: End,
    limit: u64,
    dir: PathBuf,
}

impl Spool {
    /// A new one for at most `limit` bytes, on the disk that `dir` is on.
    pub(super) fn new(dir: Option<&Path>, limit: u64) -> Result<Self> {
        let dir = dir.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let file = nameless(&dir).map_err(|e| {
            Error::io(format!("cannot make a file in `{}`", dir.display()), &e)
        })?;
        #[cfg(target_os = "linux")]
        let end = End::new()?;
        #[cfg(not(target_os = "linux"))]
        let end = End::default();
        Ok(Spool { file, end, limit, dir })
    }

    /// Writes these bytes behind all others, and says where.
    ///
    /// # Errors
    /// The disk, or the limit, has no room for them.
    pub(super) fn append(&self, bytes: &[u8]) -> Result<Range<u64>> {
        let length = bytes.len() as u64;
        let start = self.end.fetch_add(length, Ordering::Relaxed);
        let range = start..start + length;
        if range.end > self.limit {
            self.end.fetch_sub(length, Ordering::Relaxed);
            let text = format!(
                "no room for {length} bytes more: pairs on their way may take {} bytes of \
                 disk; allow more with `disk`, or send less with a combiner",
                self.limit
            );
            return Err(Error::new(potok_base::ErrorKind::Io, text));
        }
        self.file.write_all_at(bytes, start).map_err(|e| {
            let dir = self.dir.display();
            Error::io(format!("cannot write {length} bytes of pairs to `{dir}`"), &e)
        })?;
        Ok(range)
    }

    /// Reads from `at` on, until `into` is full.
    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        self.file
            .read_exact_at(into, at)
            .map_err(|e| Error::io("cannot read pairs back from disk", &e))
    }

    /// How many bytes have been written.
    pub(super) fn used(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }
}

/// Opens a file that no directory knows.
fn nameless(dir: &Path) -> std::io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(0o600);
        if let Ok(file) = options.custom_flags(nix::libc::O_TMPFILE).open(dir) {
            return Ok(file);
        }
    }
    // Not every file system can: there it has a name for a moment.
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
        let spool = Spool::new(None, 10).unwrap();
        assert_eq!(spool.append(b"deer").unwrap(), 0..4);
        assert_eq!(spool.append(b"bear").unwrap(), 4..8);
        let mut bytes = [0; 4];
        spool.read(4, &mut bytes).unwrap();
        assert_eq!(&bytes, b"bear");
        let error = spool.append(b"car").unwrap_err();
        assert!(error.to_string().contains("10 bytes"), "{error}");
        assert_eq!(spool.append(b"ox").unwrap(), 8..10);
        assert_eq!(spool.used(), 10);
    }

    #[test]
    fn a_place_that_is_none_is_named() {
        let error = Spool::new(Some(Path::new("no/such/place")), 1).unwrap_err();
        assert!(error.to_string().contains("no/such/place"), "{error}");
    }
}

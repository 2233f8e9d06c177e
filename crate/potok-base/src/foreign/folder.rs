//! A temporary directory for a program's files.

use crate::error::{Error, Result};
use crate::words;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// A directory that only this user can read; removed on drop.
#[derive(Debug)]
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new one, in the directory for temporary files, with `what` in its name.
    pub fn new(what: &str) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("potok-{what}-{}-{n}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Folder(path)),
                // Left by a process that had this id before us.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let place = path.display();
                    return Err(Error::io(words::make_folder(place), &error));
                }
            }
        }
    }

    /// Writes a file in it.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<()> {
        let path = self.0.join(name);
        fs::write(&path, text)
            .map_err(|error| Error::io(words::write_file(path.display()), &error))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A directory that cannot be removed is not an error of the program.
        let _ = fs::remove_dir_all(&self.0);
    }
}

//! joblib.Memory: results kept on disk, so that a second call with the same argument reads
//! the answer.
//!
//! ```
//! use potok::prelude::*;
//! use std::cell::Cell;
//!
//! let dir = std::env::temp_dir().join(format!("potok-doc-{}", std::process::id()));
//! let calls = Cell::new(0);
//! let square = Memory::at(&dir)?.cache("square", 1, |n: u64| {
//!     calls.set(calls.get() + 1);
//!     n * n
//! });
//! assert_eq!((square.call(12)?, square.call(12)?), (144, 144));
//! assert_eq!(calls.get(), 1);
//! # std::fs::remove_dir_all(&dir).unwrap();
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! # Why the obvious thing fails
//! The obvious cache writes the answer to a file named after the argument. A process that
//! is killed half-way leaves half an answer; two processes write into each other's file; a
//! changed function reads the answers of the old one.
//!
//! # How it works
//! A file is believed only if it is complete, its checksum is right and it contains the
//! same name, version and argument. Anything else is a miss, and the answer is computed
//! again. A file is written under another name and then renamed, so that no reader sees a
//! part of it.
//!
//! * `file`: the format of one result on disk.

mod file;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::words;
use potok_base::output;
use serde::{Serialize, de::DeserializeOwned};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::SystemTime;

/// A directory of results. Python: `joblib.Memory(location)`.
#[derive(Clone, Debug)]
pub struct Memory {
    dir: PathBuf,
    limit: Option<u64>,
    damaged: Arc<AtomicUsize>,
}

/// A function whose results are cached. Made by [`Memory::cache`].
#[derive(Clone, Debug)]
pub struct Cached<F> {
    memory: Memory,
    name: String,
    version: u32,
    f: F,
}

impl Memory {
    /// Keeps results in `dir`, which is created if it does not exist.
    ///
    /// # Errors
    /// The directory cannot be created.
    pub fn at(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref().to_owned();
        fs::create_dir_all(&dir)
            .map_err(|e| Error::io(words::no_directory(dir.display()), &e))?;
        Ok(Memory { dir, limit: None, damaged: Arc::default() })
    }

    /// Keeps at most `bytes` bytes: when a result is added, the oldest ones are removed. A
    /// result that is larger than the limit is not kept at all.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let dir = std::env::temp_dir().join(format!("potok-limit-{}", std::process::id()));
    /// let memory = Memory::at(&dir)?.limit(1_200);
    /// let text = memory.cache("text", 1, |n: usize| "x".repeat(n));
    /// for n in 400..500 {
    ///     text.call(n)?;
    /// }
    /// assert!(memory.bytes()? <= 1_200 && memory.len()? == 2);
    /// # std::fs::remove_dir_all(&dir).unwrap();
    /// # Ok::<(), potok::Error>(())
    /// ```
    #[must_use]
    pub fn limit(self, bytes: u64) -> Self {
        Memory { limit: Some(bytes), ..self }
    }

    /// How many files were incomplete or damaged, and were not used. The first one is also
    /// reported on standard error.
    pub fn damaged(&self) -> usize {
        self.damaged.load(Relaxed)
    }

    /// The size of all results in bytes.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn bytes(&self) -> Result<u64> {
        Ok(self.sizes()?.iter().map(|(_, bytes, _)| bytes).sum())
    }

    /// Caches the results of `f` under `name`. Change `version` whenever you change `f`:
    /// results of another version are not used.
    pub fn cache<F>(&self, name: impl Into<String>, version: u32, f: F) -> Cached<F> {
        Cached { memory: self.clone(), name: name.into(), version, f }
    }

    /// Removes the results in the directory, and nothing else.
    ///
    /// # Errors
    /// The directory cannot be read, or a result cannot be removed.
    pub fn clear(&self) -> Result<()> {
        for file in self.files()? {
            fs::remove_file(&file)
                .map_err(|e| Error::io(words::not_removed(file.display()), &e))?;
        }
        Ok(())
    }

    /// The number of results.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn len(&self) -> Result<usize> {
        Ok(self.files()?.len())
    }

    /// Whether there are no results.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The time, size and path of each result.
    fn sizes(&self) -> Result<Vec<(SystemTime, u64, PathBuf)>> {
        let size = |file: PathBuf| {
            // Another process may have removed it since.
            let found = file.metadata().ok()?;
            Some((found.modified().ok()?, found.len(), file))
        };
        Ok(self.files()?.into_iter().filter_map(size).collect())
    }

    /// Removes the oldest results until the rest is within the limit.
    fn make_room(&self) -> Result<()> {
        let Some(limit) = self.limit else { return Ok(()) };
        let mut sizes = self.sizes()?;
        sizes.sort();
        let mut bytes: u64 = sizes.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, size, file) in sizes {
            if bytes <= limit {
                break;
            }
            // If another process was faster, the space is free all the same.
            let _ = fs::remove_file(file);
            bytes -= size;
        }
        Ok(())
    }

    fn note_damage(&self, file: &Path, name: &str) {
        if self.damaged.fetch_add(1, Relaxed) == 0 {
            let file = file.file_name().unwrap_or_default().display();
            let text = words::damaged(file, name);
            output::print_aside(format!("{text}\n").as_bytes());
        }
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.dir)
            .map_err(|e| Error::io(words::not_read(self.dir.display()), &e))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        Ok(paths.filter(|p| p.extension().is_some_and(|e| e == "potok")).collect())
    }
}

impl<F> Cached<F> {
    /// The answer for `argument`: read, or computed and written.
    ///
    /// # Errors
    /// The argument or the answer cannot be serialized; the file cannot be written.
    pub fn call<A, R>(&self, argument: A) -> Result<R>
    where
        F: Fn(A) -> R,
        A: Serialize,
        R: Serialize + DeserializeOwned,
    {
        let key = postcard::to_stdvec(&(&self.name, self.version, &argument))
            .map_err(|e| Error::invalid(words::the_argument(&self.name, &e)))?;
        let file = self.memory.dir.join(format!("{:016x}.potok", file::fnv(&key)));
        if let Ok(bytes) = fs::read(&file) {
            if let Some(answer) = file::read(&bytes, &key) {
                return Ok(answer);
            }
            self.memory.note_damage(&file, &self.name);
        }
        let answer = (self.f)(argument);
        let value = postcard::to_stdvec(&answer)
            .map_err(|e| Error::invalid(words::the_answer(&self.name, &e)))?;
        file::write(&file, &key, &value)
            .map_err(|e| Error::io(words::not_written(file.display()), &e))?;
        self.memory.make_room()?;
        Ok(answer)
    }
}

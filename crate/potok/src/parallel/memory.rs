//! Results kept on disk: the second call with the same argument reads the answer.
//!
//! ```
//! use potok::parallel::Memory;
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
//! *What to notice*: a file is believed only if all of it is there, its checksum is right
//! and it says the same name, version and argument. Anything else is a miss, and the
//! answer is computed. Files appear by renaming, so nobody reads a half-written one.

use crate::error::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const MAGIC: &[u8; 8] = b"potok-m1";

/// A folder of results. Python: `joblib.Memory(location)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    dir: PathBuf,
}

/// A function with a memory. Made by [`Memory::cache`].
#[derive(Clone, Debug)]
pub struct Cached<F> {
    memory: Memory,
    name: String,
    version: u32,
    f: F,
}

impl Memory {
    /// Keeps results in `dir`, which is made if it is not there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn at(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref().to_owned();
        fs::create_dir_all(&dir).map_err(|e| {
            Error::io(format!("making the folder {}", dir.display()), &e)
        })?;
        Ok(Memory { dir })
    }

    /// Gives `f` a memory under `name`. Change `version` whenever you change `f`: results
    /// of another version are not used.
    pub fn cache<F>(&self, name: impl Into<String>, version: u32, f: F) -> Cached<F> {
        Cached { memory: self.clone(), name: name.into(), version, f }
    }

    /// Forgets everything: removes the results in the folder, and nothing else.
    ///
    /// # Errors
    /// The folder cannot be read, or a result not removed.
    pub fn clear(&self) -> Result<()> {
        for file in self.files()? {
            fs::remove_file(&file)
                .map_err(|e| Error::io(format!("removing {}", file.display()), &e))?;
        }
        Ok(())
    }

    /// How many results there are.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn len(&self) -> Result<usize> {
        Ok(self.files()?.len())
    }

    /// Whether there are no results.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.dir)
            .map_err(|e| Error::io(format!("reading {}", self.dir.display()), &e))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        Ok(paths.filter(|p| p.extension().is_some_and(|e| e == "potok")).collect())
    }
}

impl<F> Cached<F> {
    /// The answer for `argument`: read, or computed and written.
    ///
    /// # Errors
    /// The argument or the answer cannot be turned into bytes; the file not be written.
    pub fn call<A, R>(&self, argument: A) -> Result<R>
    where
        F: Fn(A) -> R,
        A: Serialize,
        R: Serialize + DeserializeOwned,
    {
        let key = postcard::to_stdvec(&(&self.name, self.version, &argument)).map_err(
            |e| Error::invalid(format!("the argument of `{}`: {e}", self.name)),
        )?;
        let file = self.memory.dir.join(format!("{:016x}.potok", fnv(&key)));
        if let Some(answer) = fs::read(&file).ok().and_then(|bytes| read(&bytes, &key))
        {
            return Ok(answer);
        }
        let answer = (self.f)(argument);
        let value = postcard::to_stdvec(&answer).map_err(|e| {
            Error::invalid(format!("the answer of `{}`: {e}", self.name))
        })?;
        write(&file, &key, &value)
            .map_err(|e| Error::io(format!("writing {}", file.display()), &e))?;
        Ok(answer)
    }
}

/// The form of a file: magic, length of the key, key, answer, checksum of all before.
fn write(file: &Path, key: &[u8], value: &[u8]) -> std::io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend((key.len() as u64).to_le_bytes());
    bytes.extend(key);
    bytes.extend(value);
    bytes.extend(fnv(&bytes).to_le_bytes());
    // A name that no other process or thread uses, until the whole file is there.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Relaxed);
    let part = file.with_extension(format!("{}-{number}.part", std::process::id()));
    let written = fs::File::create(&part)
        .and_then(|mut f| f.write_all(&bytes))
        .and_then(|()| fs::rename(&part, file));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// The answer in a file's bytes; `None` for anything that is not exactly that.
fn read<R: DeserializeOwned>(bytes: &[u8], key: &[u8]) -> Option<R> {
    let (body, sum) = bytes.split_last_chunk::<8>()?;
    if fnv(body) != u64::from_le_bytes(*sum) {
        return None;
    }
    let (length, rest) = body.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (stored, value) = rest.split_at_checked(length)?;
    if stored != key {
        return None;
    }
    let (answer, left) = postcard::take_from_bytes(value).ok()?;
    left.is_empty().then_some(answer)
}

/// FNV-1a, 64 bits. Source: Fowler, Noll and Vo, "The FNV Non-Cryptographic Hash".
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn folder(test: &str) -> PathBuf {
        let dir =
            std::env::temp_dir().join(format!("potok-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        dir
    }

    #[test]
    fn any_damage_is_a_miss_and_never_a_wrong_answer() {
        let dir = folder("damage");
        let memory = Memory::at(&dir).unwrap();
        let calls = Cell::new(0);
        let double = memory.cache("double", 1, |n: u64| {
            calls.set(calls.get() + 1);
            n * 2
        });
        assert_eq!(double.call(21).unwrap(), 42);
        let file = memory.files().unwrap().remove(0);
        let whole = fs::read(&file).unwrap();
        for i in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[i] ^= 1;
            for damaged in [&flipped[..], &whole[..i], b"foreign"] {
                fs::write(&file, damaged).unwrap();
                assert_eq!(double.call(21).unwrap(), 42);
            }
        }
        assert_eq!(calls.get(), 1 + 3 * whole.len());
        memory.clear().unwrap();
        assert!(memory.is_empty().unwrap());
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn name_version_and_argument_tell_results_apart() {
        let dir = folder("keys");
        let memory = Memory::at(&dir).unwrap();
        let answer = |name: &str, version, n: u32| {
            memory
                .cache(name, version, |n: u32| format!("{name} {version} {n}"))
                .call(n)
        };
        for (name, version, n) in [("a", 1, 1), ("a", 2, 1), ("b", 1, 1), ("a", 1, 2)] {
            assert_eq!(
                answer(name, version, n).unwrap(),
                format!("{name} {version} {n}")
            );
        }
        assert_eq!(memory.len().unwrap(), 4);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn threads_that_compute_the_same_agree() {
        let dir = folder("threads");
        let memory = Memory::at(&dir).unwrap();
        let cube = memory.cache("cube", 1, |n: u64| n * n * n);
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    (0..20).for_each(|n| assert_eq!(cube.call(n).unwrap(), n * n * n));
                });
            }
        });
        assert_eq!(memory.len().unwrap(), 20);
        fs::remove_dir_all(dir).unwrap();
    }
}

//! Files as input: one file, a pattern, or a whole directory.
//!
//! ```
//! use potok::map_reduce::{MapReduce, files};
//! let lines = MapReduce::new(|_: &str, emit| emit("lines", 1), |_, n| n.sum::<u64>());
//! let run = lines.over(files("src/**/*.rs")).run()?;
//! assert!(run.get("lines").unwrap() > &100);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: cutting a file into splits reads only a few bytes around each cut, up
//! to the next line break. A map task then reads its own split, block by block, so a file
//! may be larger than memory.

use super::blocks::{Blocks, Origin, cannot_read, line};
use super::glob::{find, split_pattern};
use super::input::{Input, Line, Lines, Source, Split, Text, split_size};
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use std::fs;
use std::ops::ControlFlow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that a job reads. Made by [`files`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pattern: String,
    lossy: bool,
}

/// The files that `pattern` names: a file, a directory with everything below it, or a
/// pattern with `?`, `*` (within a name) and `**` (any directories).
pub fn files(pattern: impl AsRef<Path>) -> Files {
    Files { pattern: pattern.as_ref().to_string_lossy().into_owned(), lossy: false }
}

/// The sources of Rust's standard library: 35 MB of text on every machine that can run
/// Rust cells.
///
/// # Errors
/// `rustc` is not found, or its component `rust-src` is missing.
///
/// # Examples
/// ```no_run
/// use potok::map_reduce::{standard_library, word_count};
/// let run = word_count(standard_library()?, 2)?;
/// assert!(run.get("fn").unwrap() > &10_000);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn standard_library() -> Result<Files> {
    let rustc =
        std::process::Command::new("rustc").args(["--print", "sysroot"]).output();
    let output = rustc.map_err(|e| Error::io(words::no_rustc(), &e))?;
    let root = String::from_utf8_lossy(&output.stdout);
    let library = Path::new(root.trim()).join("lib/rustlib/src/rust/library");
    if !library.is_dir() {
        let text = words::no_sources();
        return Err(Error::new(ErrorKind::NotFound, text));
    }
    Ok(files(library.join("**/*.rs")))
}

impl Files {
    /// Reads bytes that are not UTF-8 as `�` instead of failing.
    #[must_use]
    pub fn lossy(mut self) -> Self {
        self.lossy = true;
        self
    }

    /// The files that match now, in the order of their names.
    ///
    /// # Errors
    /// There are none, or a directory cannot be read.
    ///
    /// # Examples
    /// ```
    /// use potok::map_reduce::files;
    /// assert_eq!(files("src/lib.rs").list()?.len(), 1);
    /// assert!(files("src/no such file").list().is_err());
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn list(&self) -> Result<Vec<PathBuf>> {
        let (root, parts) = split_pattern(&self.pattern);
        let mut found = vec![];
        if parts.is_empty() && root.is_dir() {
            find(&root, &["**".into(), "*".into()], &mut found)?;
        } else if parts.is_empty() && root.is_file() {
            found.push(root);
        } else if root.is_dir() {
            find(&root, &parts, &mut found)?;
        }
        if found.is_empty() {
            let here = std::env::current_dir().unwrap_or_default();
            let message = words::no_files(&self.pattern, here.display());
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// The files with their sizes.
    pub(super) fn sizes(&self) -> Result<Vec<(PathBuf, u64)>> {
        let paths = self.list()?.into_iter();
        let sizes = paths.map(|path| {
            let size = fs::metadata(&path).map_err(|e| cannot_read(&path, &e))?.len();
            Ok((path, size))
        });
        sizes.collect()
    }

    fn opened(&self) -> Result<Opened> {
        Ok(Opened { files: self.sizes()?, lossy: self.lossy })
    }
}

impl Input<str> for Files {
    fn open(self) -> Result<Arc<dyn Source<str>>> {
        Ok(Arc::new(Lines(self.opened()?)))
    }
}

impl Input<Line> for Files {
    fn open(self) -> Result<Arc<dyn Source<Line>>> {
        Ok(Arc::new(Lines(self.opened()?)))
    }
}

/// Files with their sizes.
struct Opened {
    files: Vec<(PathBuf, u64)>,
    lossy: bool,
}

impl Text for Opened {
    /// Large files are cut; small ones share a split.
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>> {
        let size = split_size(self.files.iter().map(|(_, size)| size).sum(), n);
        let mut splits: Vec<Split> = vec![];
        for (file, (path, length)) in self.files.iter().enumerate() {
            for range in cut(path, *length, size)? {
                let piece = range.end - range.start;
                match splits.last_mut() {
                    Some(last) if last.size + piece <= size => {
                        last.size += piece;
                        last.pieces.push((file, range));
                    }
                    _ => splits.push(Split {
                        label: String::new(),
                        size: piece,
                        pieces: vec![(file, range)],
                    }),
                }
            }
        }
        for split in &mut splits {
            split.label = self.label(&split.pieces);
        }
        Ok(splits)
    }

    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&str, u64, &str) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut blocks = Blocks::new(line);
        for (file, range) in &split.pieces {
            let path = &self.files[*file].0;
            let name = path.to_string_lossy();
            blocks.open(path)?;
            blocks.begin(range.clone());
            while let Some((start, bytes)) = blocks.next()? {
                let text = match str::from_utf8(bytes) {
                    Ok(text) => each(&name, start, text),
                    Err(_) if self.lossy => {
                        each(&name, start, &String::from_utf8_lossy(bytes))
                    }
                    Err(error) => {
                        let offset = start + error.valid_up_to() as u64;
                        return Err(not_utf8(path, offset));
                    }
                };
                if text.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
    fn pieces(&self, split: &Split) -> Option<Vec<(PathBuf, Range<u64>)>> {
        let piece = |(file, range): &(usize, Range<u64>)| {
            (self.files[*file].0.clone(), range.clone())
        };
        (!self.lossy).then(|| split.pieces.iter().map(piece).collect())
    }
}

impl Opened {
    fn label(&self, pieces: &[(usize, Range<u64>)]) -> String {
        let (file, range) = &pieces[0];
        let (path, size) = &self.files[*file];
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let percent = |at: u64| 100 * at / size.max(&1);
        match pieces.len() {
            1 if range.end - range.start == *size => name.into_owned(),
            1 => format!("{name}, {}–{} %", percent(range.start), percent(range.end)),
            n => words::some_files(name, n - 1),
        }
    }
}

/// Ranges of about `size` bytes that end after line breaks.
fn cut(path: &Path, length: u64, size: u64) -> Result<Vec<Range<u64>>> {
    let mut ranges = vec![];
    let (mut start, mut origin) = (0, None);
    while start < length {
        let end = if start + size >= length {
            length
        } else {
            let origin = match &mut origin {
                Some(origin) => origin,
                none => none.insert(Origin::open(path)?),
            };
            origin.cut(start + size - 1, length, line)?
        };
        ranges.push(start..end);
        start = end;
    }
    Ok(ranges)
}

pub(super) fn not_utf8(path: &Path, offset: u64) -> Error {
    let message = words::not_utf8(offset, path.display());
    Error::new(ErrorKind::Undecodable, message)
}

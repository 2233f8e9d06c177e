//! Files as input: named one by one, by a pattern, or as a whole directory.
//!
//! ```
//! use potok::map_reduce::{MapReduce, files};
//! let lines = MapReduce::new(|_: &str, emit| emit("lines", 1), |_, n| n.sum::<u64>());
//! let run = lines.over(files("src/map_reduce/**/*.rs")).run()?;
//! assert!(run.get("lines").unwrap() > &100);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: cutting a file into splits reads only a few bytes around each cut, up
//! to the next line break. A map task then reads its own split and nothing else, so a
//! file may be larger than memory.

use super::glob::{find, split_pattern};
use super::input::{Input, Line, Lines, Source, Split, Text, split_size};
use crate::error::{Error, ErrorKind, Result};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
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

impl Files {
    /// Reads bytes that are no UTF-8 as `�`, in the place of an error.
    #[must_use]
    pub fn lossy(mut self) -> Self {
        self.lossy = true;
        self
    }

    /// The files that there are now, in the order of their names.
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
            let message = format!(
                "no files match `{}`; paths count from `{}`",
                self.pattern,
                here.display()
            );
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        found.sort();
        Ok(found)
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
        for (file, range) in &split.pieces {
            let path = &self.files[*file].0;
            let bytes = read_range(path, range).map_err(|e| cannot_read(path, &e))?;
            let name = path.to_string_lossy();
            let text = match str::from_utf8(&bytes) {
                Ok(text) => each(&name, range.start, text),
                Err(_) if self.lossy => {
                    each(&name, range.start, &String::from_utf8_lossy(&bytes))
                }
                Err(error) => {
                    return Err(no_text(
                        path,
                        range.start + error.valid_up_to() as u64,
                    ));
                }
            };
            if text.is_break() {
                break;
            }
        }
        Ok(())
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
            n => format!("{name} and {} more", n - 1),
        }
    }
}

/// Ranges of about `size` bytes that end after line breaks.
fn cut(path: &Path, length: u64, size: u64) -> Result<Vec<Range<u64>>> {
    let mut ranges = vec![];
    let mut start = 0;
    while start < length {
        let end = if start + size >= length {
            length
        } else {
            line_end(path, start + size - 1, length)
                .map_err(|e| cannot_read(path, &e))?
        };
        ranges.push(start..end);
        start = end;
    }
    Ok(ranges)
}

/// The place after the first line break at or after `from`; the end where there is none.
fn line_end(path: &Path, from: u64, length: u64) -> std::io::Result<u64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut block = vec![0; 16 << 10];
    let mut at = from;
    loop {
        let n = file.read(&mut block)?;
        if n == 0 {
            return Ok(length);
        }
        if let Some(found) = block[..n].iter().position(|&byte| byte == b'\n') {
            return Ok((at + found as u64 + 1).min(length));
        }
        at += n as u64;
    }
}

fn read_range(path: &Path, range: &Range<u64>) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let length = range.end - range.start;
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn cannot_read(path: &Path, error: &std::io::Error) -> Error {
    Error::io(format!("cannot read `{}`", path.display()), error)
}

pub(super) fn no_text(path: &Path, offset: u64) -> Error {
    let message = format!(
        "`{}` has a byte at {offset} that is no UTF-8; ask for `files(…).lossy()` to read it as �",
        path.display()
    );
    Error::new(ErrorKind::Undecodable, message)
}

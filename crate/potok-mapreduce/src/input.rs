//! The input of a job: records, cut into splits, one for each map task.
//!
//! ```
//! use potok::map_reduce::{Line, MapReduce};
//! let longest = MapReduce::new(
//!     |line: &Line, emit| emit(&line.file, line.len()),
//!     |_file, lengths| lengths.max(),
//! );
//! let run = longest.over("one\nthree\n").run()?;
//! assert_eq!(run.get("text"), Some(&Some(5)));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the type of the record says how the same input is read. `str` is a
//! line; [`Line`] is a line that knows where it stands. Neither is ever cut in two.

use crate::words;
use potok_base::error::Result;
use std::ops::{ControlFlow, Deref, Range};
use std::path::PathBuf;
use std::sync::Arc;

/// An input for a job over records of type `T`.
///
/// A text (`&str`, `String`, `Arc<str>`) and [`files`](super::files) have lines, as `str`
/// and as [`Line`]. A `Vec` or an array has its elements.
pub trait Input<T: ?Sized> {
    /// Opens it, so that it can be split and read.
    ///
    /// # Errors
    /// The input cannot be found.
    fn open(self) -> Result<Arc<dyn Source<T>>>;
}

/// An open input: it can be cut into splits, and any thread can read any split.
pub trait Source<T: ?Sized>: Send + Sync {
    /// Cuts the input into about `n` splits, or as many as fit its size.
    ///
    /// # Errors
    /// The input cannot be read.
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>>;

    /// Passes the records of a split to `each`, until that breaks.
    ///
    /// # Errors
    /// The input cannot be read, or is not UTF-8.
    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&T) -> ControlFlow<()>,
    ) -> Result<()>;

    /// The ranges of files whose lines are the records of a split; `None` if it is made of
    /// something else.
    fn pieces(&self, _split: &Split) -> Option<Vec<(PathBuf, Range<u64>)>> {
        None
    }
}

/// The part of the input that one map task reads.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Split {
    /// The beginning of the text, or the files and how far into them.
    pub label: String,
    /// Its size: bytes of text, or the number of records where these are not text.
    pub size: u64,
    /// Which parts of which files: the number of the file and a range in it.
    pub(super) pieces: Vec<(usize, Range<u64>)>,
}

/// A line of text that knows where it stands. It can be used like a `&str`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The path of its file; `text` where there is no file.
    pub file: String,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    text: String,
}

impl Line {
    pub(super) fn new(file: String, offset: u64, text: String) -> Self {
        Line { file, offset, text }
    }
}

impl Deref for Line {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// The default number of splits, and the most bytes that one of them may have.
const SPLITS: u64 = 16;
const MOST: u64 = 8 << 20;

/// How large a split should be.
pub(super) fn split_size(total: u64, n: Option<usize>) -> u64 {
    match n {
        Some(n) => total.div_ceil(n as u64).max(1),
        None => (total / SPLITS).clamp(1, MOST),
    }
}

/// A source of text in pieces that begin and end at line breaks.
pub(super) trait Text: Send + Sync {
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>>;

    /// Hands over each piece of a split: its file, its place in it and its text.
    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&str, u64, &str) -> ControlFlow<()>,
    ) -> Result<()>;

    fn pieces(&self, _split: &Split) -> Option<Vec<(PathBuf, Range<u64>)>> {
        None
    }
}

/// Text, read line by line.
pub(super) struct Lines<S>(pub(super) S);

impl<S: Text> Source<str> for Lines<S> {
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>> {
        self.0.splits(n)
    }

    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<()> {
        self.0.read(split, &mut |_, _, text| text.lines().try_for_each(&mut *each))
    }

    fn pieces(&self, split: &Split) -> Option<Vec<(PathBuf, Range<u64>)>> {
        self.0.pieces(split)
    }
}

impl<S: Text> Source<Line> for Lines<S> {
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>> {
        self.0.splits(n)
    }

    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&Line) -> ControlFlow<()>,
    ) -> Result<()> {
        self.0.read(split, &mut |file, start, text| {
            let mut line =
                Line { file: file.to_owned(), offset: 0, text: String::new() };
            let mut offset = start;
            for whole in text.split_inclusive('\n') {
                line.offset = offset;
                offset += whole.len() as u64;
                line.text.clear();
                line.text.extend(whole.lines());
                each(&line)?;
            }
            ControlFlow::Continue(())
        })
    }
}

impl Text for Arc<str> {
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>> {
        let size = split_size(self.len() as u64, n) as usize;
        let mut splits = vec![];
        let mut start = 0;
        while start < self.len() {
            let rest = &self.as_bytes()[(start + size).min(self.len()) - 1..];
            let end = match rest.iter().position(|&byte| byte == b'\n') {
                Some(at) => self.len() - rest.len() + at + 1,
                None => self.len(),
            };
            splits.push(Split {
                label: preview(&self[start..end]),
                size: (end - start) as u64,
                pieces: vec![(0, start as u64..end as u64)],
            });
            start = end;
        }
        Ok(splits)
    }

    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&str, u64, &str) -> ControlFlow<()>,
    ) -> Result<()> {
        for (_, piece) in &split.pieces {
            let text = &self[piece.start as usize..piece.end as usize];
            if each("text", piece.start, text).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The beginning of a text, as one line.
pub(super) fn preview(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(12).collect();
    let line = words.join(" ");
    if line.chars().nth(40).is_some() || text.split_whitespace().nth(12).is_some() {
        line.chars().take(39).collect::<String>() + "…"
    } else {
        line
    }
}

/// Values in memory, each of which is a record.
pub(super) struct Records<T>(pub(super) Vec<T>);

impl<T> Records<T> {
    fn cut(&self, n: Option<usize>) -> Vec<Split> {
        let total = self.0.len() as u64;
        let n = n.map_or(SPLITS, |n| n as u64).min(total);
        let label = |range: &Range<u64>| match range.end - range.start {
            1 => words::record(range.start),
            _ => words::records_range(range.start, range.end - 1),
        };
        potok_base::workload::chunks(0..total, n as usize)
            .into_iter()
            .map(|range| Split {
                label: label(&range),
                size: range.end - range.start,
                pieces: vec![(0, range)],
            })
            .collect()
    }

    fn of(&self, split: &Split) -> impl Iterator<Item = &T> {
        let ranges = split.pieces.iter();
        ranges.flat_map(|(_, range)| &self.0[range.start as usize..range.end as usize])
    }
}

impl<T: Send + Sync> Source<T> for Records<T> {
    fn splits(&self, n: Option<usize>) -> Result<Vec<Split>> {
        Ok(self.cut(n))
    }

    fn read(
        &self,
        split: &Split,
        each: &mut dyn FnMut(&T) -> ControlFlow<()>,
    ) -> Result<()> {
        let _ = self.of(split).try_for_each(each);
        Ok(())
    }
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl Input<str> for $type {
            fn open(self) -> Result<Arc<dyn Source<str>>> {
                Ok(Arc::new(Lines(Arc::<str>::from(self))))
            }
        }

        impl Input<Line> for $type {
            fn open(self) -> Result<Arc<dyn Source<Line>>> {
                Ok(Arc::new(Lines(Arc::<str>::from(self))))
            }
        }
    )*};
}
text!(&str, String, Arc<str>);

impl Input<str> for &String {
    fn open(self) -> Result<Arc<dyn Source<str>>> {
        self.as_str().open()
    }
}

impl Input<Line> for &String {
    fn open(self) -> Result<Arc<dyn Source<Line>>> {
        self.as_str().open()
    }
}

impl<T: Send + Sync + 'static> Input<T> for Vec<T> {
    fn open(self) -> Result<Arc<dyn Source<T>>> {
        Ok(Arc::new(Records(self)))
    }
}

impl<T: Send + Sync + 'static, const N: usize> Input<T> for [T; N] {
    fn open(self) -> Result<Arc<dyn Source<T>>> {
        Ok(Arc::new(Records(Vec::from(self))))
    }
}

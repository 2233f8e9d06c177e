//! A stretch of text, read block by block: each ends where a line, or a word, does.
//!
//! *What to notice*: one buffer is used for all blocks. It is small enough to stay in the
//! processor's cache, and grows only for a line that is longer.

use crate::words;
use potok_base::error::{Error, Result};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is read at once.
pub(super) const BLOCK: usize = 256 << 10;

/// Whether a byte ends what must not be cut in two.
pub(super) type Ends = fn(u8) -> bool;

/// A line ends here.
pub(super) fn line(byte: u8) -> bool {
    byte == b'\n'
}

/// A word ends before this byte, if one was there.
pub(super) fn word(byte: u8) -> bool {
    byte <= b' '
}

/// What bytes are read from.
#[derive(Debug)]
pub(super) enum Origin {
    File(File, PathBuf),
    Text(Arc<str>),
}

impl Origin {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| cannot_read(path, &e))?;
        Ok(Origin::File(file, path.to_path_buf()))
    }

    fn read_at(&self, into: &mut [u8], at: u64) -> Result<usize> {
        match self {
            Origin::Text(text) => {
                let rest = text.as_bytes().get(at as usize..).unwrap_or_default();
                let n = rest.len().min(into.len());
                into[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
            Origin::File(file, path) => loop {
                match file.read_at(into, at) {
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    result => return result.map_err(|e| cannot_read(path, &e)),
                }
            },
        }
    }

    /// The place behind the first end at or after `from`; `length` where there is none.
    pub(super) fn cut(&self, from: u64, length: u64, ends: Ends) -> Result<u64> {
        let (mut at, mut block) = (from, [0; 256]);
        while at < length {
            let n = self.read_at(&mut block, at)?;
            if let Some(found) = block[..n].iter().position(|&byte| ends(byte)) {
                return Ok((at + found as u64 + 1).min(length));
            }
            if n == 0 {
                break;
            }
            at += n as u64;
        }
        Ok(length)
    }
}

/// Reads stretches of text, one after the other.
#[derive(Debug)]
pub(super) struct Blocks {
    ends: Ends,
    origin: Option<Origin>,
    /// What is not read yet.
    left: Range<u64>,
    buffer: Vec<u8>,
    /// Which part of the buffer is read and not yet handed out.
    ready: Range<usize>,
    /// How many of the bytes that are read next stand before the stretch.
    before: usize,
}

impl Blocks {
    pub(super) fn new(ends: Ends) -> Self {
        Blocks {
            ends,
            origin: None,
            left: 0..0,
            buffer: vec![],
            ready: 0..0,
            before: 0,
        }
    }

    /// What is read from now on.
    pub(super) fn open(&mut self, path: &Path) -> Result<&Origin> {
        let same = |origin: &Origin| matches!(origin, Origin::File(_, p) if p == path);
        match self.origin.take_if(|origin| same(origin)) {
            Some(origin) => Ok(self.origin.insert(origin)),
            None => Ok(self.origin.insert(Origin::open(path)?)),
        }
    }

    /// The same for a text.
    pub(super) fn take(&mut self, text: &Arc<str>) -> &Origin {
        self.origin.insert(Origin::Text(Arc::clone(text)))
    }

    /// Goes to a stretch of it.
    ///
    /// Bytes are read from a multiple of 64 on. A copy to an address that is a few bytes
    /// above its source's, in the lower 12 bits, takes a processor four times as long, and
    /// the buffer's address is a multiple of 16: just above that of a stretch that begins
    /// behind the first word of a page.
    pub(super) fn begin(&mut self, range: Range<u64>) {
        self.before = if range.is_empty() { 0 } else { (range.start % 64) as usize };
        self.left = range.start - self.before as u64..range.end;
        self.ready = 0..0;
    }

    /// The next block and where it begins; `None` at the end of the stretch.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &mut [u8])>> {
        // What was read behind the last end goes to the front; the rest is read behind it.
        self.buffer.copy_within(self.ready.clone(), 0);
        self.ready = 0..self.ready.len();
        let first = std::mem::take(&mut self.before);
        let mut searched = first;
        loop {
            let more = self.fill()?;
            // A file that has become shorter may end before the stretch.
            let fresh = self.buffer.get(searched..self.ready.end).unwrap_or_default();
            let end = match fresh.iter().rposition(|&byte| (self.ends)(byte)) {
                Some(at) => searched + at + 1,
                None if more => {
                    searched = self.ready.end;
                    continue;
                }
                None => self.ready.end,
            };
            if end <= first {
                return Ok(None);
            }
            let start = self.left.start - (self.ready.end - first) as u64;
            self.ready.start = end;
            return Ok(Some((start, &mut self.buffer[first..end])));
        }
    }

    /// Reads on, one block at most. Whether there was anything.
    fn fill(&mut self) -> Result<bool> {
        let Some(origin) = &self.origin else { return Ok(false) };
        let wanted = (self.left.end - self.left.start).min(BLOCK as u64) as usize;
        let end = self.ready.end + wanted;
        if self.buffer.len() < end {
            self.buffer.resize(end.next_multiple_of(BLOCK), 0);
        }
        let before = self.ready.end;
        while self.ready.end < end {
            let free = &mut self.buffer[self.ready.end..end];
            match origin.read_at(free, self.left.start)? {
                0 => {
                    self.left.end = self.left.start; // it has become shorter
                    break;
                }
                n => {
                    self.ready.end += n;
                    self.left.start += n as u64;
                }
            }
        }
        Ok(self.ready.end > before)
    }
}

pub(super) fn cannot_read(path: &Path, error: &io::Error) -> Error {
    Error::io(words::cannot_read(path.display()), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_come_whole() {
        let line_of = |n: usize| format!("{}\n", "x".repeat(n));
        let text: String =
            [10, BLOCK, 3, BLOCK - 5, 0, 3 * BLOCK, 1].map(line_of).concat();
        for text in [text.clone(), text + "no end", String::new(), "\n".into()] {
            let size = text.len() as u64;
            let mut blocks = Blocks::new(line);
            blocks.take(&text.as_str().into());
            for range in [0..size, size / 2..size, 0..size / 3] {
                blocks.begin(range.clone());
                let mut at = range.start;
                while let Some((start, bytes)) = blocks.next().unwrap() {
                    assert_eq!(start, at);
                    at += bytes.len() as u64;
                    assert!(text.as_bytes()[start as usize..].starts_with(bytes));
                    assert!(bytes.ends_with(b"\n") || at == range.end);
                }
                assert_eq!(at, range.end);
            }
        }
    }

    #[test]
    fn a_stretch_is_copied_to_an_address_like_its_own() {
        let text: Arc<str> = "word ".repeat(1_000).into();
        let mut blocks = Blocks::new(word);
        blocks.take(&text);
        for from in 0..200 {
            blocks.begin(from..from + 3_000);
            let (start, block) = blocks.next().unwrap().unwrap();
            assert_eq!(start, from);
            // By a multiple of 16 apart, as the allocator gives.
            assert_eq!(block.as_ptr() as u64 % 16, from % 16);
            assert!(text.as_bytes()[from as usize..].starts_with(block));
        }
    }

    #[test]
    fn a_file_that_has_become_shorter_ends_before_a_stretch() {
        let mut blocks = Blocks::new(line);
        blocks.take(&"short".into());
        blocks.begin(70..90);
        assert!(blocks.next().unwrap().is_none());
        blocks.begin(63..90);
        assert!(blocks.next().unwrap().is_none());
    }

    #[test]
    fn a_cut_is_behind_the_end_of_a_word_or_a_line() {
        let text = Origin::Text(format!("ab\tcd {}\nend", "x".repeat(700)).into());
        assert_eq!(text.cut(0, 710, word).unwrap(), 3);
        assert_eq!(text.cut(3, 710, word).unwrap(), 6);
        assert_eq!(text.cut(0, 710, line).unwrap(), 707);
        assert_eq!(text.cut(707, 710, line).unwrap(), 710);
    }
}

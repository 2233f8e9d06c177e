//! Sorted runs: pairs of one partition in the order of their keys, as bytes on disk.
//!
//! *What to notice*: runs are written once and read from front to back, a few kilobytes at a
//! time. So any number of them can be merged in little memory.

use super::spill_file::SpillFile;
use potok_base::error::{Error, ErrorKind, Result};
use potok_process::frame::{self, LENGTH};
use std::ops::Range;

/// Where runs are in the spill file, in their order.
pub(super) type Runs = Vec<Range<u64>>;

/// Reads a run from front to back.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    file: &'a SpillFile,
    left: Range<u64>,
    buffer: Vec<u8>,
    at: usize,
}

/// How much of a run is in memory while it is read.
const BUFFER: usize = 16 << 10;

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a SpillFile, run: Range<u64>) -> Self {
        Reader { file, left: run, buffer: vec![], at: 0 }
    }

    /// The bytes of the next frame; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.at == self.buffer.len() && self.left.is_empty() {
            return Ok(None);
        }
        self.fill(LENGTH)?;
        let length = frame::length(&self.buffer[self.at..]).unwrap_or_default();
        self.fill(LENGTH + length)?;
        let start = self.at + LENGTH;
        self.at = start + length;
        Ok(Some(&self.buffer[start..self.at]))
    }

    /// Makes sure that the next `n` bytes are in the buffer.
    fn fill(&mut self, n: usize) -> Result<()> {
        let there = self.buffer.len() - self.at;
        if there >= n {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let left = self.left.end - self.left.start;
        let more = (n.max(BUFFER) - there).min(left as usize);
        if there + more < n {
            let text = "a run on disk ends in the middle of a pair";
            return Err(Error::new(ErrorKind::Undecodable, text));
        }
        self.buffer.resize(there + more, 0);
        self.file.read(self.left.start, &mut self.buffer[there..])?;
        self.left.start += more as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_any_size_come_back_in_their_order() {
        let file = SpillFile::new(None, u64::MAX).unwrap();
        let values = [1, 20_000, 0, 16_383, 70_000, 3].map(|n| "x".repeat(n));
        let mut bytes = vec![];
        values.iter().for_each(|value| frame::append(&mut bytes, value).unwrap());
        file.append(b"something else").unwrap();
        let run = file.append(&bytes).unwrap();
        let mut reader = Reader::new(&file, run.clone());
        for value in &values {
            let back: String = frame::value(reader.next().unwrap().unwrap()).unwrap();
            assert_eq!(back, *value);
        }
        assert!(reader.next().unwrap().is_none());
        let mut cut = Reader::new(&file, run.start..run.end - 1);
        let error = (0..6).find_map(|_| cut.next().err()).unwrap();
        assert_eq!(error.kind(), ErrorKind::Undecodable);
    }
}

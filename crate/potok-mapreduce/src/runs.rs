//! Sorted runs: pairs of one partition in the order of their keys, as bytes on disk.
//!
//! *What to notice*: runs are written once and read from front to back, a few kilobytes at a
//! time. So any number of them can be merged in little memory. A checksum stands behind each
//! run: who has read it to its end knows that all of it was as it was written, and a task that
//! finds out that it was not fails before its result counts.

use super::spill_file::SpillFile;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_process::frame::{self, LENGTH};
use std::ops::Range;

/// Where runs are in the spill file, in their order.
pub(super) type Runs = Vec<Range<u64>>;

/// Appends frames to the file as a run.
pub(super) fn append(file: &SpillFile, frames: &mut Vec<u8>) -> Result<Range<u64>> {
    let (mut sum, mut rest) = (Checksum::default(), &frames[..]);
    while let Some(length) = frame::length(rest) {
        let (frame, after) = rest.split_at((LENGTH + length).min(rest.len()));
        sum.add(frame);
        rest = after;
    }
    frames.extend(sum.bytes());
    file.append(frames)
}

/// Tells whether frames are as they were: a single byte that is another always changes it,
/// since each step can be undone.
#[derive(Debug, Default)]
struct Checksum(u64);

impl Checksum {
    /// Its length behind a run.
    const LENGTH: usize = 8;

    /// Takes in a frame, with its length before it.
    fn add(&mut self, frame: &[u8]) {
        let (words, rest) = frame.as_chunks::<8>();
        words.iter().for_each(|word| self.step(*word));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.step(last);
    }

    fn step(&mut self, word: [u8; 8]) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
        self.0 = mixed.wrapping_mul(ODD);
    }

    fn bytes(&self) -> [u8; Self::LENGTH] {
        self.0.to_le_bytes()
    }
}

/// Reads a run from front to back.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    file: &'a SpillFile,
    /// Of the frames.
    left: Range<u64>,
    sum: Checksum,
    /// Where the checksum is, until it was compared.
    sum_at: Option<u64>,
    buffer: Vec<u8>,
    at: usize,
}

/// How much of a run is in memory while it is read.
const BUFFER: usize = 16 << 10;

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a SpillFile, run: Range<u64>) -> Self {
        let sum_at = run.end.saturating_sub(Checksum::LENGTH as u64);
        let left = run.start..sum_at.max(run.start);
        let sum_at = (!run.is_empty()).then_some(sum_at);
        Reader { file, left, sum: Checksum::default(), sum_at, buffer: vec![], at: 0 }
    }

    /// The bytes of the next frame; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.at == self.buffer.len() && self.left.is_empty() {
            self.compare()?;
            return Ok(None);
        }
        self.fill(LENGTH)?;
        let length = frame::length(&self.buffer[self.at..]).unwrap_or_default();
        self.fill(LENGTH + length)?;
        let start = self.at + LENGTH;
        self.at = start + length;
        self.sum.add(&self.buffer[start - LENGTH..self.at]);
        Ok(Some(&self.buffer[start..self.at]))
    }

    /// At the end: whether all of it was as it was written.
    fn compare(&mut self) -> Result<()> {
        let Some(at) = self.sum_at.take() else { return Ok(()) };
        let mut written = [0; Checksum::LENGTH];
        self.file.read(at, &mut written)?;
        if written == self.sum.bytes() { Ok(()) } else { Err(damaged()) }
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
            return Err(damaged());
        }
        self.buffer.resize(there + more, 0);
        self.file.read(self.left.start, &mut self.buffer[there..])?;
        self.left.start += more as u64;
        Ok(())
    }
}

fn damaged() -> Error {
    Error::new(ErrorKind::Undecodable, words::damaged_run())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads all of a run.
    fn read(file: &SpillFile, run: &Range<u64>) -> Result<usize> {
        let mut reader = Reader::new(file, run.clone());
        let mut frames = 0;
        while reader.next()?.is_some() {
            frames += 1;
        }
        Ok(frames)
    }

    #[test]
    fn damage_in_any_byte_of_a_run_is_an_error() {
        let file = SpillFile::new(None, None).unwrap();
        let mut bytes = vec![];
        for value in ["deer", "", "bear", "a river of some length"] {
            frame::append(&mut bytes, &(value, [1_u64, 300])).unwrap();
        }
        let run = append(&file, &mut bytes).unwrap();
        assert_eq!(read(&file, &run).unwrap(), 4);
        for at in run.clone() {
            for bit in [1, 0x80] {
                file.damage(at, bit);
                let error = read(&file, &run).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Undecodable, "byte {at}");
                file.damage(at, bit);
            }
        }
        assert_eq!(read(&file, &run).unwrap(), 4);
        assert!(read(&file, &(run.start..run.start + 3)).is_err());
    }

    #[test]
    fn frames_of_any_size_come_back_in_their_order() {
        let file = SpillFile::new(None, None).unwrap();
        let values = [1, 20_000, 0, 16_383, 70_000, 3].map(|n| "x".repeat(n));
        let mut bytes = vec![];
        values.iter().for_each(|value| frame::append(&mut bytes, value).unwrap());
        file.append(b"something else").unwrap();
        let run = append(&file, &mut bytes).unwrap();
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

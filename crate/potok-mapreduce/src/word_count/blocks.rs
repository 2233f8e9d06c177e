//! Reading text by blocks into one buffer, so that each word is in exactly one of them.

use super::Bytes;
use crate::files::{cannot_read, no_text};
use potok_base::error::{Error, Result};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Small enough to stay in a processor's cache, large enough to be read at full speed.
const BLOCK: u64 = 256 << 10;
/// Zeros after a block, so that whoever looks ahead finds the end of the last word.
const PADDING: usize = 128;

/// A stretch of the input: which file, and where in it.
pub(super) struct Block {
    file: usize,
    range: Range<u64>,
}

impl Block {
    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        self.range.end - self.range.start
    }
}

/// The files that there are, or the text.
pub(super) struct Blocks<'a> {
    /// The text, if the input is no file.
    text: Option<&'a [u8]>,
    files: Vec<(PathBuf, u64)>,
    pub(super) blocks: Vec<Block>,
}

impl<'a> Blocks<'a> {
    pub(super) fn of(input: &'a Bytes) -> Result<Self> {
        let (text, files) = match input {
            Bytes::Text(text) => {
                (Some(text.as_bytes()), vec![(PathBuf::new(), text.len() as u64)])
            }
            Bytes::Files(files) => (None, files.sizes()?),
        };
        let cut = |(file, (_, size)): (usize, &(PathBuf, u64))| {
            let size = *size;
            (0..size.div_ceil(BLOCK)).map(move |n| Block {
                file,
                range: n * BLOCK..((n + 1) * BLOCK).min(size),
            })
        };
        let blocks = files.iter().enumerate().flat_map(cut).collect();
        Ok(Blocks { text, files, blocks })
    }

    /// The error of the first byte that is no UTF-8, once it is known that there is one.
    pub(super) fn find_bad_byte(&self) -> Error {
        for (file, (path, _)) in self.files.iter().enumerate() {
            let mut reader = self.reader();
            for block in self.blocks.iter().filter(|block| block.file == file) {
                match reader.bad_byte(block) {
                    Ok(None) => {}
                    Ok(Some(offset)) => return no_text(path, offset),
                    Err(error) => return error,
                }
            }
        }
        Error::invalid("the input changed while its words were counted")
    }

    pub(super) fn reader(&'a self) -> Reader<'a> {
        Reader { blocks: self, open: None, buffer: vec![] }
    }
}

/// One worker's way to the input: an open file and a buffer.
pub(super) struct Reader<'a> {
    blocks: &'a Blocks<'a>,
    open: Option<(usize, File)>,
    buffer: Vec<u8>,
}

impl Reader<'_> {
    /// The whole words that begin in a block, in lower case, with zeros before and after.
    pub(super) fn words(&mut self, block: &Block) -> Result<&[u8]> {
        let mut start = block.range.start;
        let size = self.blocks.files[block.file].1;
        let before = u64::from(start > 0);
        let mut length = self.fill(block.file, start - before, 0, block.range.end)?;
        start -= before;
        // A word that began before belongs to the block before.
        if before > 0 {
            let own = self.buffer[..length].iter().position(|&byte| byte <= b' ');
            let own = own.unwrap_or(length);
            self.buffer[..own].fill(0);
            if own == length {
                return Ok(&[]);
            }
        }
        // A word that ends behind is this block's.
        while length > 0 && self.buffer[length - 1] > b' ' {
            let end = (start + length as u64 + 4_096).min(size);
            let more = self.fill(block.file, start, length, end)?;
            if more == length {
                break;
            }
            let rest = &self.buffer[length..more];
            let end =
                rest.iter().position(|&byte| byte <= b' ').map(|at| length + at + 1);
            length = end.unwrap_or(more);
        }
        self.buffer.truncate(length);
        self.buffer.make_ascii_lowercase();
        self.buffer.resize(length + PADDING, 0);
        Ok(&self.buffer)
    }

    /// Where the words that begin in a block have their first byte that is no UTF-8.
    fn bad_byte(&mut self, block: &Block) -> Result<Option<u64>> {
        let start = block.range.start - u64::from(block.range.start > 0);
        let words = self.words(block)?;
        Ok(str::from_utf8(words).err().map(|error| start + error.valid_up_to() as u64))
    }

    /// Reads up to `end` of a file, whose byte `start` is the buffer's first, from the
    /// buffer's byte `from` on. Returns how many bytes there are now.
    fn fill(
        &mut self,
        file: usize,
        start: u64,
        from: usize,
        end: u64,
    ) -> Result<usize> {
        let length = (end - start) as usize;
        if let Some(text) = self.blocks.text {
            self.buffer.truncate(from);
            let range = start as usize + from..start as usize + length;
            self.buffer.extend_from_slice(&text[range]);
            return Ok(length);
        }
        let path = &self.blocks.files[file].0;
        if self.open.as_ref().is_none_or(|(open, _)| *open != file) {
            self.open =
                Some((file, File::open(path).map_err(|e| cannot_read(path, &e))?));
        }
        self.buffer.resize(length, 0);
        let mut at = from;
        while let Some((_, open)) = &self.open
            && at < length
        {
            let read = open.read_at(&mut self.buffer[at..], start + at as u64);
            match read.map_err(|e| cannot_read(path, &e))? {
                0 => break, // the file has become shorter
                n => at += n,
            }
        }
        Ok(at)
    }
}

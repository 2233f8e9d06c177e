//! A stretch of a file, read in blocks of whole lines.
//!
//! *What to notice*: one buffer is used for all blocks. It is small enough to stay in the
//! processor's cache, and grows only for a line that is longer.

use super::files::cannot_read;
use potok_base::error::Result;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How much is read at once.
const BLOCK: usize = 256 << 10;

/// Reads stretches of files, one after the other.
#[derive(Debug)]
pub(super) struct Blocks {
    file: Option<(File, PathBuf)>,
    /// What is not read yet.
    left: Range<u64>,
    buffer: Vec<u8>,
    /// Which part of the buffer is read and not yet handed out.
    ready: Range<usize>,
}

impl Blocks {
    pub(super) fn new() -> Self {
        Blocks { file: None, left: 0..0, buffer: vec![], ready: 0..0 }
    }

    /// Goes to a stretch of a file.
    pub(super) fn begin(&mut self, path: &Path, range: Range<u64>) -> Result<()> {
        if self.file.as_ref().is_none_or(|(_, open)| open != path) {
            let file = File::open(path).map_err(|e| cannot_read(path, &e))?;
            self.file = Some((file, path.to_path_buf()));
        }
        if let Some((file, _)) = &mut self.file {
            let start = SeekFrom::Start(range.start);
            file.seek(start).map_err(|e| cannot_read(path, &e))?;
        }
        self.left = range;
        self.ready = 0..0;
        Ok(())
    }

    /// The next whole lines and where they begin; `None` at the end of the stretch.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        // The rest of a line goes to the front; the rest of the line is read behind it.
        self.buffer.copy_within(self.ready.clone(), 0);
        self.ready = 0..self.ready.len();
        let mut searched = 0;
        loop {
            let full = self.fill()?;
            let fresh = &self.buffer[searched..self.ready.end];
            let end = match fresh.iter().rposition(|&byte| byte == b'\n') {
                Some(at) => searched + at + 1,
                None if full => {
                    searched = self.ready.end;
                    continue;
                }
                None => self.ready.end,
            };
            if end == 0 {
                return Ok(None);
            }
            let start = self.left.start - self.ready.end as u64;
            self.ready.start = end;
            return Ok(Some((start, &self.buffer[..end])));
        }
    }

    /// Reads on, one block at most. Whether there was anything.
    fn fill(&mut self) -> Result<bool> {
        let wanted = (self.left.end - self.left.start).min(BLOCK as u64) as usize;
        let Some((file, path)) = &mut self.file else { return Ok(false) };
        let start = self.ready.end;
        if self.buffer.len() < start + wanted {
            self.buffer.resize((start + wanted).next_multiple_of(BLOCK), 0);
        }
        let mut got = 0;
        while got < wanted {
            match file.read(&mut self.buffer[start + got..start + wanted]) {
                Ok(0) => self.left.end = self.left.start + got as u64, // it has shrunk
                Ok(n) => got += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(cannot_read(path, &e)),
            }
            if self.left.end - self.left.start == got as u64 {
                break;
            }
        }
        self.ready.end += got;
        self.left.start += got as u64;
        Ok(got > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_come_whole() {
        let line = |n: usize| format!("{}\n", "x".repeat(n));
        let text: String =
            [10, BLOCK, 3, BLOCK - 5, 0, 3 * BLOCK, 1].map(line).concat();
        let path =
            std::env::temp_dir().join(format!("potok-blocks-{}", std::process::id()));
        for text in [text.clone(), text + "no end", String::new(), "\n".into()] {
            std::fs::write(&path, &text).unwrap();
            let size = text.len() as u64;
            let mut blocks = Blocks::new();
            for range in [0..size, size / 2..size, 0..size / 3] {
                blocks.begin(&path, range.clone()).unwrap();
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
        std::fs::remove_file(path).unwrap();
    }
}

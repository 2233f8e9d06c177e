//! Stretches of the input: a worker takes one after the other, until there are none left.
//!
//! *What to notice*: whoever is quicker takes more of them, so that all workers end at about
//! the same time, whatever else the machine does.

use super::Corpus;
use crate::blocks::{BLOCK, Blocks, word};
use crate::files::not_utf8;
use potok_base::error::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// Workers take stretches of about this size; with the rest of its last word, a stretch
/// fits into a block.
const STRETCH: u64 = BLOCK as u64 - 4_096;

/// The input, cut into stretches: by number of the file and place in it.
pub(super) struct Stretches {
    text: Option<Arc<str>>,
    /// The files with their sizes; of a text, its size alone.
    files: Vec<(PathBuf, u64)>,
    pub(super) all: Vec<(usize, u64)>,
}

impl Stretches {
    pub(super) fn of(input: &Corpus) -> Result<Self> {
        let (text, files) = match input {
            Corpus::Text(text) => {
                (Some(Arc::clone(text)), vec![(PathBuf::new(), text.len() as u64)])
            }
            Corpus::Files(files) => (None, files.sizes()?),
        };
        let cut = |(file, (_, size)): (usize, &(PathBuf, u64))| {
            (0..size.div_ceil(STRETCH)).map(move |n| (file, n * STRETCH))
        };
        let all = files.iter().enumerate().flat_map(cut).collect();
        Ok(Stretches { text, files, all })
    }

    /// Goes to the words that begin in a stretch.
    pub(super) fn begin(
        &self,
        (file, start): (usize, u64),
        blocks: &mut Blocks,
    ) -> Result<()> {
        let (path, size) = &self.files[file];
        let origin = match &self.text {
            Some(text) => blocks.take(text),
            None => blocks.open(path)?,
        };
        // A word that began before belongs to the stretch before.
        let cut = |at: u64| match at {
            0 => Ok(0),
            at if at >= *size => Ok(*size),
            at => origin.cut(at - 1, *size, word),
        };
        let range = cut(start)?..cut(start + STRETCH)?;
        blocks.begin(range);
        Ok(())
    }

    /// The error of the first byte that is no UTF-8, once it is known that there is one.
    pub(super) fn find_bad_byte(&self) -> Error {
        let find = || {
            let mut blocks = Blocks::new(word);
            for (path, size) in &self.files {
                blocks.open(path)?;
                blocks.begin(0..*size);
                while let Some((start, block)) = blocks.next()? {
                    if let Err(error) = str::from_utf8(block) {
                        return Err(not_utf8(path, start + error.valid_up_to() as u64));
                    }
                }
            }
            Err(Error::invalid(crate::words::input_changed()))
        };
        let found: Result<()> = find();
        found.expect_err("each way out is an error")
    }
}

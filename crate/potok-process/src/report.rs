//! What a child sends to its parent: results or errors, and what it recorded, as bytes.
//!
//! A report is a frame: how many results, how many bytes of results, the results, the
//! traces. Each result is a frame too, so that one that cannot be read does not spoil those
//! behind it.

use super::frame;
use potok_base::error::Result;
use potok_base::trace::{self, Trace};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A length and two numbers.
const HEAD: usize = frame::LENGTH + 8;

/// A report that is being written.
#[derive(Debug)]
pub(super) struct Report {
    bytes: Vec<u8>,
    pub(super) count: u32,
}

impl Report {
    pub(super) fn new() -> Self {
        Report { bytes: vec![0; HEAD], count: 0 }
    }

    /// Adds the result of one item.
    pub(super) fn add<T: Serialize>(&mut self, result: &Result<T>) {
        append_result(&mut self.bytes, result);
        self.count += 1;
    }

    /// The bytes of results from `at`.
    pub(super) fn since(&self, at: usize) -> &[u8] {
        &self.bytes[HEAD + at..]
    }

    /// Bytes of results so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - HEAD
    }

    /// Returns the finished frame, with what this process recorded, and begins a new one.
    pub(super) fn seal(&mut self) -> &[u8] {
        let results = self.len();
        let traces = trace::take_for_parent();
        if !traces.is_empty() {
            let traces = postcard::to_stdvec(&traces).unwrap_or_default();
            self.bytes.extend_from_slice(&traces);
        }
        let numbers = [self.count.to_le_bytes(), (results as u32).to_le_bytes()];
        self.bytes[frame::LENGTH..HEAD].copy_from_slice(numbers.as_flattened());
        frame::seal(&mut self.bytes, 0, 0);
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.truncate(HEAD);
        self.count = 0;
    }
}

/// The frame of a child that had one thing to do.
pub(super) fn single<T: Serialize>(result: &Result<T>) -> Vec<u8> {
    let mut report = Report::new();
    report.add(result);
    report.seal().to_vec()
}

/// Takes a frame apart, without its length: the number of results and their bytes. The
/// traces go to their recorders. `None` for garbage.
pub(super) fn open(frame: &[u8]) -> Option<(u32, &[u8])> {
    let number = |at: usize| {
        let bytes = frame.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (count, length) = (number(0)?, number(4)? as usize);
    let (results, traces) = frame.get(8..)?.split_at_checked(length)?;
    if !traces.is_empty()
        && let Ok(traces) = postcard::from_bytes::<Vec<(u64, Trace)>>(traces)
    {
        trace::deliver_from_child(traces);
    }
    Some((count, results))
}

/// The result of a child that had one thing to do; `None` if its report is not whole.
pub(super) fn only<T: DeserializeOwned>(received: &[u8]) -> Option<Result<T>> {
    let (_, mut results) = open(frame::take(&mut &*received)?)?;
    Some(read(frame::take(&mut results)?))
}

/// A result as a frame.
fn append_result<T: Serialize>(bytes: &mut Vec<u8>, result: &Result<T>) {
    let start = frame::begin(bytes);
    if let Err(error) = frame::append_value(bytes, result) {
        bytes.truncate(start + frame::LENGTH);
        let _ = frame::append_value(bytes, &Err::<(), _>(error));
    }
    frame::seal(bytes, start, 0);
}

/// The result that these bytes stand for.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    frame::value::<Result<T>>(bytes).flatten()
}

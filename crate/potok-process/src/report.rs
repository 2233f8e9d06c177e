//! What a child sends home: results or errors, and what it recorded, as bytes.
//!
//! A report is a frame: a head of three numbers (bytes that follow the first, results,
//! bytes of results), the results, the traces. Each result is its length and its postcard
//! bytes, so that one that cannot be read does not spoil those behind it.

use postcard::ser_flavors::Flavor;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::{self, Trace};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// No frame is longer, so that garbage is not taken for a length.
pub(super) const MOST: usize = 1 << 30;
const HEAD: usize = 12;

/// A report in the making.
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

    /// The finished frame, with what this process recorded. Begins anew afterwards.
    pub(super) fn seal(&mut self) -> &[u8] {
        let results = self.len();
        let traces = trace::take_for_parent();
        if !traces.is_empty() {
            let traces = postcard::to_stdvec(&traces).unwrap_or_default();
            self.bytes.extend_from_slice(&traces);
        }
        let length = (self.bytes.len() - 4) as u32;
        for (at, number) in [length, self.count, results as u32].into_iter().enumerate()
        {
            self.bytes[at * 4..][..4].copy_from_slice(&number.to_le_bytes());
        }
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

/// Takes the first result off `results`, still as bytes; `None` for garbage.
pub(super) fn next<'a>(results: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = results.split_first_chunk()?;
    let (result, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *results = rest;
    Some(result)
}

/// The result of a child that had one thing to do; `None` if its report is not whole.
pub(super) fn only<T: DeserializeOwned>(received: &[u8]) -> Option<Result<T>> {
    let (length, frame) = received.split_first_chunk()?;
    let frame = frame.get(..u32::from_le_bytes(*length) as usize)?;
    let (_, mut results) = open(frame)?;
    Some(read(next(&mut results)?))
}

/// A result as its length and its bytes.
fn append_result<T: Serialize>(bytes: &mut Vec<u8>, result: &Result<T>) {
    let start = bytes.len();
    let begin = |bytes: &mut Vec<u8>| {
        bytes.truncate(start);
        bytes.extend_from_slice(&[0; 4]);
    };
    begin(bytes);
    if let Err(error) = append(bytes, result) {
        begin(bytes);
        let _ = append(bytes, &Err::<(), _>(error));
    }
    let length = (bytes.len() - start - 4) as u32;
    bytes[start..][..4].copy_from_slice(&length.to_le_bytes());
}

/// Appends a value as postcard bytes.
pub(super) fn append<T: Serialize>(bytes: &mut Vec<u8>, value: &T) -> Result<()> {
    let start = bytes.len();
    postcard::serialize_with_flavor(value, Tail(bytes)).map_err(|error| {
        let name = std::any::type_name::<T>();
        let text = format!("a `{name}` cannot be turned into bytes: {error}");
        Error::new(ErrorKind::Undecodable, text)
    })?;
    if bytes.len() - start > MOST {
        let text = "more than 1 GiB in one piece; send several, or share memory";
        return Err(Error::new(ErrorKind::OutputLimit, text));
    }
    Ok(())
}

/// The result that these bytes stand for.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    from_bytes::<Result<T>>(bytes).flatten()
}

/// The value that these bytes stand for, all of them.
pub(super) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let name = std::any::type_name::<T>();
    let undecodable = |why: &dyn std::fmt::Display| {
        let text = format!(
            "{} bytes that arrived are not a `{name}` ({why}); \
             check that its `Deserialize` reads what its `Serialize` writes",
            bytes.len()
        );
        Error::new(ErrorKind::Undecodable, text)
    };
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(undecodable(&format_args!("{} too many", rest.len()))),
        Err(error) => Err(undecodable(&error)),
    }
}

/// Writes behind what is there, and leaves it there when a value cannot be written.
struct Tail<'a>(&'a mut Vec<u8>);

impl Flavor for Tail<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

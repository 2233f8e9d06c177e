//! Frames: the one way in which values go from process to process as bytes. A frame is a
//! length of four bytes, little-endian, and then as many bytes; a value is in postcard's form.
//!
//! ```
//! use potok::processes::frame;
//!
//! let mut bytes = vec![];
//! frame::append(&mut bytes, &("cups", 3_u32))?;
//! frame::append(&mut bytes, &1_u8)?;
//! let first = frame::length(&bytes).unwrap();
//! let value: (String, u32) = frame::value(&bytes[frame::LENGTH..][..first])?;
//! assert_eq!(value, ("cups".to_string(), 3));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a reader that knows the length of what comes can wait until it is whole,
//! and can go on behind a value that it cannot read. A pipe, a worker's tasks and results,
//! and the sorted runs of a map-reduce job on disk all consist of frames. Only the messages
//! of a queue do not: there the system itself keeps each one whole.

use crate::words;
use postcard::ser_flavors::Flavor;
use potok_base::error::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of a length.
pub const LENGTH: usize = 4;
/// The longest value. A larger number is not a length, but garbage.
pub(super) const MOST: usize = 1 << 30;

/// Appends a value as a frame.
///
/// # Errors
/// The value cannot be turned into bytes, or has more than 1 GiB of them.
pub fn append<T: Serialize>(bytes: &mut Vec<u8>, value: &T) -> Result<()> {
    let start = begin(bytes);
    append_value(bytes, value)?;
    seal(bytes, start, 0);
    Ok(())
}

/// Appends a value without its length.
pub(super) fn append_value<T: Serialize>(bytes: &mut Vec<u8>, value: &T) -> Result<()> {
    let start = bytes.len();
    postcard::serialize_with_flavor(value, Tail(bytes)).map_err(|error| {
        let name = std::any::type_name::<T>();
        let text = words::no_bytes(name, error);
        Error::new(ErrorKind::Undecodable, text)
    })?;
    if bytes.len() - start > MOST {
        let text = words::too_large();
        return Err(Error::new(ErrorKind::OutputLimit, text));
    }
    Ok(())
}

/// Begins a frame at the end of `bytes`: leaves room for its length. Where it begins.
pub(super) fn begin(bytes: &mut Vec<u8>) -> usize {
    bytes.extend_from_slice(&[0; LENGTH]);
    bytes.len() - LENGTH
}

/// Fills in the length of the frame that begins at `start`, which ends `more` bytes behind
/// the end of `bytes`.
pub(super) fn seal(bytes: &mut [u8], start: usize, more: usize) {
    let length = bytes.len() - start - LENGTH + more;
    // A reader refuses this length: it is larger than the largest that it accepts.
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    bytes[start..][..LENGTH].copy_from_slice(&length.to_le_bytes());
}

/// The length of the frame that begins here, if it is there yet.
pub fn length(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|length| u32::from_le_bytes(*length) as usize)
}

/// Takes the first frame off `bytes`; `None` if it is not whole.
pub(super) fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = length(bytes)?;
    let (frame, rest) = bytes[LENGTH..].split_at_checked(length)?;
    *bytes = rest;
    Some(frame)
}

/// The value that these bytes, without a length, stand for: all of them.
///
/// # Errors
/// They stand for no such value.
pub fn value<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let name = std::any::type_name::<T>();
    let undecodable = |why: &dyn std::fmt::Display| {
        let text = words::not_a_value(bytes.len(), name, why);
        Error::new(ErrorKind::Undecodable, text)
    };
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(undecodable(&words::bytes_left(rest.len()))),
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

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn frames_are_taken_off_in_their_order(
            values: Vec<Vec<u8>>, cut in 1_usize..20,
        ) {
            let mut bytes = vec![];
            for value in &values {
                append(&mut bytes, value).unwrap();
            }
            let mut rest = &bytes[..];
            for expected in &values {
                let frame = take(&mut rest).unwrap();
                assert_eq!(value::<Vec<u8>>(frame).unwrap(), *expected);
            }
            assert!(rest.is_empty() && take(&mut rest).is_none());
            // One that is not whole stays where it is.
            let mut last = vec![];
            append(&mut last, &[7_u8; 16]).unwrap();
            last.truncate(last.len() - cut.min(last.len()));
            let mut rest = &last[..];
            assert!(take(&mut rest).is_none());
            assert_eq!(rest, last);
        }
    }

    #[test]
    fn a_value_that_cannot_be_written_leaves_what_was_there() {
        struct Unknown;
        impl Serialize for Unknown {
            fn serialize<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> std::result::Result<S::Ok, S::Error> {
                // postcard needs to know how many there will be.
                serializer.collect_seq([1, 2, 3].iter().filter(|n| **n > 0))
            }
        }
        let mut bytes = vec![9];
        let error = append(&mut bytes, &Unknown).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable);
        assert_eq!(bytes[0], 9);
    }
}

//! Bytes that travel in one piece.
//!
//! ```
//! use potok::prelude::*;
//!
//! let picture = processes::Bytes(vec![7; 1_000_000]);
//! let sum = |bytes: processes::Bytes| bytes.iter().map(|&b| u64::from(b)).sum::<u64>();
//! let pool = processes::Pool::new(1)?;
//! assert_eq!(pool.submit(sum, picture)?.wait()?, 7_000_000);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a `Vec<u8>` would arrive just as well, but serde knows it only as a
//! list of numbers and takes them one by one, which is many times slower.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::ops::Deref;

/// Bytes that are copied in one piece when they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// How many bytes a value is when it is sent to another process.
///
/// # Errors
/// The value cannot be turned into bytes.
///
/// # Examples
/// ```
/// use potok::processes::bytes_sent;
/// assert_eq!(bytes_sent(&7_u64)?, 1);           // small numbers are short
/// assert_eq!(bytes_sent(&[7_u8; 1_000].to_vec())?, 1_002);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn bytes_sent<T: Serialize>(value: &T) -> potok_base::Result<usize> {
    let mut bytes = vec![];
    super::frame::append_value(&mut bytes, value)?;
    Ok(bytes.len())
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

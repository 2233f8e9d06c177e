//! One result as a file, which is complete or does not exist.

use serde::de::DeserializeOwned;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const MAGIC: &[u8; 8] = b"potok-m1";

/// Writes a file: magic number, length of the key, key, answer, checksum of all of these.
pub(super) fn write(file: &Path, key: &[u8], value: &[u8]) -> std::io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend((key.len() as u64).to_le_bytes());
    bytes.extend(key);
    bytes.extend(value);
    bytes.extend(fnv(&bytes).to_le_bytes());
    // A name that no other process or thread uses, until the file is complete.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Relaxed);
    let part = file.with_extension(format!("{}-{number}.part", std::process::id()));
    let written = fs::File::create(&part)
        .and_then(|mut f| f.write_all(&bytes))
        .and_then(|()| fs::rename(&part, file));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Reads the answer from a file's bytes; `None` if anything in them is not as expected.
pub(super) fn read<R: DeserializeOwned>(bytes: &[u8], key: &[u8]) -> Option<R> {
    let (body, sum) = bytes.split_last_chunk::<8>()?;
    if fnv(body) != u64::from_le_bytes(*sum) {
        return None;
    }
    let (length, rest) = body.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (stored, value) = rest.split_at_checked(length)?;
    if stored != key {
        return None;
    }
    let (answer, left) = postcard::take_from_bytes(value).ok()?;
    left.is_empty().then_some(answer)
}

/// FNV-1a, 64 bits. Source: Fowler, Noll and Vo, "The FNV Non-Cryptographic Hash".
pub(super) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

//! How much memory is a process's own, and how much it still shares with its parent.

use crate::words;
use potok_base::error::{Error, Result};

/// Bytes of memory that this process shares with no other.
///
/// After a fork, child and parent share everything. What one of them writes to is copied
/// just then, page by page (*copy on write*), and becomes its own.
///
/// # Errors
/// A system that does not tell (before Linux 4.14, or without `/proc`).
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let mut big = vec![1_u8; 16 << 20];
/// let child = processes::fork(|| {
///     let before = processes::own_memory()?;
///     big.fill(2);
///     Ok::<_, Error>((before, processes::own_memory()?))
/// })?;
/// let (before, after) = child.join()??;
/// assert!(after > before + (15 << 20));
/// # Ok::<(), Error>(())
/// ```
pub fn own_memory() -> Result<u64> {
    const FILE: &str = "/proc/self/smaps_rollup";
    let text = std::fs::read_to_string(FILE)
        .map_err(|error| Error::unsupported(words::no_file(FILE, error)))?;
    let kibibytes = text.lines().filter_map(|line| {
        line.strip_prefix("Private_")?.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    Ok(kibibytes.sum::<u64>() * 1024)
}

//! When pairs leave memory: a map task's table that grows too large, or finished tables
//! that together are more than the job may hold.
//!
//! ```
//! use potok::map_reduce::{MapReduce, Threads, Zipf};
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1_u64)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let text = Zipf::english(1).text(300_000);
//! let spilling = job.clone().memory(100_000).over(&text).on(Threads(2)).run()?;
//! assert!(spilling.flow.spilled > 100_000);
//! assert_eq!(spilling.sorted(), job.over(&text).run()?.sorted());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: what is on disk is sorted, so a reducer can merge any number of such
//! runs while it holds only the key that it is at.

use super::compiled::Codec;
use super::functions::Key;
use super::options::Options;
use super::pairs::Parts;
use super::spool::Spool;
use potok_base::error::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much a job may take, and where.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// Bytes of memory for tables.
    pub(super) memory: u64,
    /// Bytes of disk for what does not fit.
    pub(super) disk: u64,
    /// Where that is; the system's place for temporary files if nothing else is said.
    pub(super) scratch: Option<PathBuf>,
}

impl Budget {
    pub(super) fn unlimited() -> Self {
        Budget { memory: u64::MAX, disk: u64::MAX, scratch: None }
    }
}

/// Where the tables of one run go when they leave memory.
pub(super) struct Spill<Q: ToOwned + ?Sized, V> {
    pub(super) codec: Codec<Q, V>,
    pub(super) spool: Spool,
    /// The most bytes of a table in the making.
    pub(super) most: u64,
    /// The most bytes of finished tables that stay in memory together.
    hold: u64,
    held: Arc<AtomicU64>,
}

/// Bytes of a finished table that stays in memory, until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    held: Arc<AtomicU64>,
    bytes: u64,
}

impl<Q: Key + ?Sized, V> Spill<Q, V> {
    /// For tables that stay in memory as long as there is some.
    pub(super) fn new(
        codec: Codec<Q, V>,
        options: &Options,
        workers: usize,
    ) -> Result<Self> {
        let Budget { memory, disk, scratch } = &options.budget;
        Ok(Spill {
            codec,
            spool: Spool::new(scratch.as_deref(), *disk)?,
            most: memory / 4 / workers.max(1) as u64,
            hold: memory / 2,
            held: Arc::default(),
        })
    }

    /// For tables that other processes read: all of them go to disk.
    #[cfg(target_os = "linux")]
    pub(super) fn everything(mut self) -> Self {
        self.hold = 0;
        self
    }

    /// Asks for memory for a finished table.
    pub(super) fn hold(&self, bytes: u64) -> Option<Held> {
        let held = Held { held: Arc::clone(&self.held), bytes };
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        (before.saturating_add(bytes) <= self.hold).then_some(held)
    }

    /// Writes the pairs of each partition as a run of its own.
    pub(super) fn write(&self, parts: &mut Parts<Q::Owned, V>) -> Result<()> {
        (self.codec.spill)(self, parts)
    }

    /// The same, compiled where it is named.
    pub(super) fn write_now(&self, parts: &mut Parts<Q::Owned, V>) -> Result<()> {
        let mut bytes = vec![];
        let n = parts.starts.len();
        let mut rest = &mut std::mem::take(&mut parts.pairs)[..];
        for (partition, start) in
            std::mem::take(&mut parts.starts).into_iter().enumerate().rev()
        {
            let (before, pairs) = rest.split_at_mut(start);
            rest = before;
            if pairs.is_empty() {
                continue;
            }
            pairs.sort_unstable_by(|(_, a), (_, b)| {
                a.key.as_ref().order::<Q>(b.key.as_ref())
            });
            bytes.clear();
            for (_, pairs) in pairs {
                let write =
                    |key: &Q| (self.codec.write)(&mut bytes, key, pairs.values.slice());
                pairs.key.as_ref().with(write)?;
            }
            parts.runs[partition].push(self.spool.append(&bytes)?);
        }
        parts.starts = vec![0; n];
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

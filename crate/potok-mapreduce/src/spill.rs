//! Spilling to disk: when the table of a map task, or all finished tables together, take
//! more memory than the job may use.
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
//! *What to notice*: what is on disk is sorted, so a reducer merges any number of runs and
//! holds one key at a time.

use super::compiled::Codec;
use super::functions::Key;
use super::options::Options;
use super::pairs::Parts;
use super::runs;
use super::spill_file::SpillFile;
use potok_base::error::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much memory and disk a job may use.
#[derive(Clone, Debug, Default)]
pub(super) struct Budget {
    /// Bytes of memory for tables, if they are limited.
    pub(super) memory: Option<u64>,
    /// Bytes of disk for what does not fit, if they are limited.
    pub(super) disk: Option<u64>,
    /// On the disk of this directory; by default, the system's directory for temporary files.
    pub(super) scratch: Option<PathBuf>,
}

/// Where the tables of one run are spilled.
pub(super) struct Spill<Q: ToOwned + ?Sized, V> {
    pub(super) codec: Codec<Q, V>,
    pub(super) file: SpillFile,
    /// The most bytes that the table of a running map task may take.
    table_limit: Option<u64>,
    /// The most bytes that all finished tables in memory may take.
    limit: Option<u64>,
    reserved: Arc<AtomicU64>,
}

/// Memory reserved for a finished table, until this is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    reserved: Arc<AtomicU64>,
    bytes: u64,
}

impl<Q: Key + ?Sized, V> Spill<Q, V> {
    /// For tables that stay in memory as long as the budget allows.
    pub(super) fn new(
        codec: Codec<Q, V>,
        options: &Options,
        workers: usize,
    ) -> Result<Self> {
        let Budget { memory, disk, scratch } = &options.budget;
        Ok(Spill {
            codec,
            file: SpillFile::new(scratch.as_deref(), *disk)?,
            table_limit: memory.map(|bytes| bytes / 4 / workers.max(1) as u64),
            limit: memory.map(|bytes| bytes / 2),
            reserved: Arc::default(),
        })
    }

    /// For tables that other processes read: every one goes to disk.
    #[cfg(target_os = "linux")]
    pub(super) fn spill_all(mut self) -> Self {
        self.limit = Some(0);
        self
    }

    /// Whether the table of a running map task takes more than it may.
    pub(super) fn is_too_much(&self, table: u64) -> bool {
        self.table_limit.is_some_and(|limit| table > limit)
    }

    /// Reserves memory for a finished table, if there is enough.
    pub(super) fn reserve(&self, bytes: u64) -> Option<Reservation> {
        let reservation = Reservation { reserved: Arc::clone(&self.reserved), bytes };
        let before = self.reserved.fetch_add(bytes, Ordering::Relaxed);
        let fits = |limit| before.saturating_add(bytes) <= limit;
        self.limit.is_none_or(fits).then_some(reservation)
    }

    /// Writes the pairs of each partition as a run of its own.
    pub(super) fn write(&self, parts: &mut Parts<Q::Owned, V>) -> Result<()> {
        (self.codec.spill)(self, parts)
    }

    /// The same, compiled in the crate that names it: see `compiled`.
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
            parts.runs[partition].push(runs::append(&self.file, &mut bytes)?);
        }
        parts.starts = vec![0; n];
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.reserved.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

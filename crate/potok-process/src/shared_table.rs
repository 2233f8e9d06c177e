//! The table that a worker and its parent share: how far the worker has come.
//!
//! A worker writes each result here before it sends several of them in one message. If it
//! dies in between, the parent still finds what was finished, and knows which item the
//! worker died of. Only the worker writes; the parent reads the results only when the
//! worker is dead, so nothing here needs a lock.

use super::sys::Memory;
use potok_base::error::Result;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::{Acquire, Release};

const SIZE: usize = 64 << 10;
/// The first bytes hold the numbers, the rest results.
const HEAD: usize = 64;
/// Room for results.
pub(super) const ROOM: usize = SIZE - HEAD;

const BEGUN: usize = 0;
const FINISHED: usize = 1;
const SINCE: usize = 2;

#[derive(Debug)]
pub(super) struct SharedTable {
    memory: Memory,
}

impl SharedTable {
    pub(super) fn new() -> Result<(Self, OwnedFd)> {
        let (memory, fd) = Memory::new(SIZE)?;
        Ok((SharedTable { memory }, fd))
    }

    pub(super) fn open(fd: &OwnedFd) -> Result<Self> {
        Ok(SharedTable { memory: Memory::of(fd, SIZE)? })
    }

    /// Worker: item number `item` begins.
    pub(super) fn begin(&self, item: u64, now_ns: u64) {
        self.memory.number(SINCE).store(now_ns, Release);
        self.memory.number(BEGUN).store(item + 1, Release);
    }

    /// Worker: `finished` items are done, and their results lie at `at` and before.
    pub(super) fn keep(&self, at: usize, result: &[u8], finished: u64) {
        self.memory.write(HEAD + at, result);
        self.finish(finished);
    }

    /// Worker: `finished` items are done; their results have been sent.
    pub(super) fn finish(&self, finished: u64) {
        self.memory.number(FINISHED).store(finished, Release);
    }

    /// Items begun, ever.
    pub(super) fn begun(&self) -> u64 {
        self.memory.number(BEGUN).load(Acquire)
    }

    /// Items finished, ever.
    pub(super) fn finished(&self) -> u64 {
        self.memory.number(FINISHED).load(Acquire)
    }

    /// When the item that was begun last began.
    pub(super) fn since_ns(&self) -> u64 {
        self.memory.number(SINCE).load(Acquire)
    }

    /// Parent, when the worker is dead: results that it finished and had not yet sent.
    pub(super) fn leftover(&self) -> Vec<u8> {
        self.memory.read(HEAD, ROOM)
    }
}

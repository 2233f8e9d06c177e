//! What waits to be read by one client.
//!
//! *What to notice*: putting something in never waits. A client that does not read loses
//! what is too much, its bulk first (text and pictures), so that it still hears how its
//! cell has ended; nobody else notices.

use crate::relay::memory;
use crate::relay::zmtp::Flags;
use crate::sync::lock;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// How many bytes may wait for one client. One message may, however long it is.
const MOST: usize = 64 << 20;

/// How much more may if it is no bulk.
const RESERVE: usize = 8 << 20;

/// What a message takes besides its bytes.
const OVERHEAD: usize = 512;

/// A message on its way, shared by all who are to get it.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) frames: Vec<Bytes>,
    /// Text or a picture: what a client can do without.
    bulk: bool,
    /// It is a command, with its head: not to be given one.
    command: bool,
    size: usize,
    waiting: Waiting,
}

/// How many bytes wait in all, each message counted once.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Parcel {
    pub(super) fn new(frames: Vec<Bytes>, bulk: bool, waiting: &Waiting) -> Arc<Self> {
        Parcel::counted(frames, bulk, false, waiting)
    }

    /// A command, as a whole frame.
    pub(super) fn command(frame: Bytes, waiting: &Waiting) -> Arc<Self> {
        Parcel::counted(vec![frame], true, true, waiting)
    }

    fn counted(
        frames: Vec<Bytes>,
        bulk: bool,
        command: bool,
        waiting: &Waiting,
    ) -> Arc<Self> {
        let size = frames.iter().map(Bytes::len).sum::<usize>() + OVERHEAD;
        waiting.0.fetch_add(size, Ordering::Relaxed);
        Arc::new(Parcel { frames, bulk, command, size, waiting: waiting.clone() })
    }

    /// The frames, and what their heads are to say.
    pub(super) fn frames(&self) -> impl Iterator<Item = (Option<Flags>, &Bytes)> {
        let last = self.frames.len().saturating_sub(1);
        self.frames.iter().enumerate().map(move |(at, frame)| {
            let flags = if at < last { Flags::More } else { Flags::Last };
            ((!self.command).then_some(flags), frame)
        })
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        self.waiting.0.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// One client's.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Arc<Parcel>>,
    size: usize,
    /// How many were lost since it last had room.
    lost: u64,
    closed: bool,
}

/// What became of something that was put in, if it is worth a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Waits,
    /// The first that is lost.
    Full,
    Lost,
}

impl Outbox {
    /// Puts a message in, or loses it.
    pub(super) fn put(&self, parcel: &Arc<Parcel>) -> Put {
        memory::used();
        let mut state = self.state();
        let most = if parcel.bulk { MOST } else { MOST + RESERVE };
        if state.closed || (!state.queue.is_empty() && state.size + parcel.size > most)
        {
            state.lost += 1;
            return if state.lost == 1 && !state.closed {
                Put::Full
            } else {
                Put::Lost
            };
        }
        state.size += parcel.size;
        state.queue.push_back(Arc::clone(parcel));
        drop(state);
        self.changed.notify_one();
        Put::Waits
    }

    /// The next message, as soon as there is one, and how many were lost before it; nothing
    /// when the connection is to be closed.
    pub(super) async fn next(&self) -> Option<(Arc<Parcel>, u64)> {
        loop {
            if let Some(next) = self.take()? {
                return Some(next);
            }
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Option<(Arc<Parcel>, u64)>> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        let Some(parcel) = state.queue.pop_front() else { return Some(None) };
        state.size -= parcel.size;
        // Told when half of it has been read, not at each turn of full and not full.
        let lost =
            if state.size < MOST / 2 { std::mem::take(&mut state.lost) } else { 0 };
        Some(Some((parcel, lost)))
    }

    /// Whether nothing waits now.
    pub(super) fn is_empty(&self) -> bool {
        self.state().queue.is_empty()
    }

    /// How many bytes wait.
    pub(super) fn size(&self) -> usize {
        self.state().size
    }

    /// Drops what waits, and has the connection closed.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        (state.queue, state.size) = (VecDeque::new(), 0);
        drop(state);
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(size: usize, bulk: bool, waiting: &Waiting) -> Arc<Parcel> {
        Parcel::new(vec![vec![0; size - OVERHEAD].into()], bulk, waiting)
    }

    #[tokio::test]
    async fn a_full_one_loses_its_bulk_first_and_tells_how_much_when_it_is_read() {
        let (outbox, waiting) = (Outbox::default(), Waiting::default());
        let text = || outbox.put(&parcel(MOST / 8, true, &waiting));
        assert_eq!([(); 8].map(|()| text()), [Put::Waits; 8]);
        assert_eq!([(); 2].map(|()| text()), [Put::Full, Put::Lost]);
        assert_eq!(waiting.bytes(), MOST);
        assert_eq!(outbox.put(&parcel(RESERVE, false, &waiting)), Put::Waits);
        assert_eq!(outbox.put(&parcel(RESERVE, false, &waiting)), Put::Lost);
        let mut lost = vec![];
        while !outbox.is_empty() {
            lost.push(outbox.next().await.unwrap().1);
        }
        assert_eq!(lost.iter().sum::<u64>(), 3);
        assert_eq!((outbox.size(), waiting.bytes()), (0, 0));
    }

    #[tokio::test]
    async fn one_message_fits_however_long_it_is() {
        let (outbox, waiting) = (Outbox::default(), Waiting::default());
        assert_eq!(outbox.put(&parcel(2 * MOST, true, &waiting)), Put::Waits);
        assert_eq!(outbox.put(&parcel(1000, true, &waiting)), Put::Full);
        assert!(outbox.next().await.is_some());
        outbox.close();
        assert!(outbox.next().await.is_none());
        assert_eq!(outbox.put(&parcel(1000, true, &waiting)), Put::Lost);
        assert_eq!(waiting.bytes(), 0);
    }
}

//! How much of what clients send may wait in the relay.
//!
//! *What to notice*: a part of a message is charged for as long as anybody holds it, since
//! the charge lies with its bytes. A connection that has used up its share is not read
//! until some of it is done with, and waits by itself.

use crate::relay::memory;
use crate::relay::zmtp::{MESSAGE, Malformed, PARTS};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one connection may have waiting, in bytes: some thousand cells of usual size.
const OWN: usize = 8 << 20;

/// A message above this is a large one.
const LARGE: usize = 1 << 20;

/// How many large messages may wait at one socket, from all connections together.
const LARGE_ONES: usize = 2;

/// What a part takes besides its bytes.
const OVERHEAD: usize = 256;

/// What all connections of one socket share.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Semaphore>);

impl Shared {
    pub(super) fn new() -> Self {
        Shared(Arc::new(Semaphore::new(LARGE_ONES)))
    }
}

/// One connection's.
#[derive(Debug)]
pub(super) struct Quota {
    own: Arc<Semaphore>,
    shared: Shared,
    /// Of the message that is being read: its parts, its bytes, and the right to be large.
    parts: usize,
    size: usize,
    large: Option<Arc<OwnedSemaphorePermit>>,
}

impl Quota {
    pub(super) fn new(shared: Shared) -> Self {
        let own = Arc::new(Semaphore::new(OWN));
        Quota { own, shared, parts: 0, size: 0, large: None }
    }

    /// Room for the next part of a message, as soon as there is some.
    pub(super) async fn part(&mut self, body: usize) -> Result<Charge, Malformed> {
        memory::used();
        self.parts += 1;
        self.size += body;
        if self.parts > PARTS || self.size > MESSAGE {
            return Err(Malformed::Length);
        }
        if self.size > LARGE {
            if self.large.is_none() {
                let large = Arc::clone(&self.shared.0).acquire_owned().await;
                self.large = large.ok().map(Arc::new);
            }
            return Ok(Charge { _own: None, _large: self.large.clone() });
        }
        // Fits: at most LARGE and OVERHEAD.
        let size = (body + OVERHEAD) as u32;
        let own = Arc::clone(&self.own).acquire_many_owned(size).await;
        Ok(Charge { _own: own.ok(), _large: None })
    }

    /// The message is whole.
    pub(super) fn end(&mut self) {
        (self.parts, self.size, self.large) = (0, 0, None);
    }
}

/// What a part costs, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Charge {
    _own: Option<OwnedSemaphorePermit>,
    _large: Option<Arc<OwnedSemaphorePermit>>,
}

impl Charge {
    /// Bytes that are charged for until the last copy of them is dropped.
    pub(super) fn on(self, bytes: Vec<u8>) -> Bytes {
        Bytes::from_owner(Charged { bytes, _charge: self })
    }
}

struct Charged {
    bytes: Vec<u8>,
    _charge: Charge,
}

impl AsRef<[u8]> for Charged {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    /// Whether there is room now.
    async fn room(quota: &mut Quota, body: usize) -> Option<Bytes> {
        let charge = timeout(Duration::from_millis(20), quota.part(body)).await.ok()?;
        Some(charge.ok()?.on(vec![0; body.min(16)]))
    }

    #[tokio::test]
    async fn a_connection_waits_for_its_own_messages_alone() {
        let shared = Shared::new();
        let mut flooder = Quota::new(shared.clone());
        let mut held = vec![];
        while let Some(part) = room(&mut flooder, 1 << 18).await {
            held.push(part);
            flooder.end();
        }
        assert_eq!(held.len(), 31, "of a quarter of a megabyte each");
        assert!(room(&mut Quota::new(shared), 1 << 18).await.is_some());
        // A copy keeps the charge, and the last one gives it back.
        let copies = held.clone();
        drop(held);
        flooder.end();
        assert!(room(&mut flooder, 1 << 18).await.is_none());
        drop(copies);
        flooder.end();
        assert!(room(&mut flooder, 1 << 18).await.is_some());
    }

    #[tokio::test]
    async fn few_large_messages_wait_and_small_ones_pass_them() {
        let shared = Shared::new();
        let mut one = Quota::new(shared.clone());
        let first = room(&mut one, 100 << 20).await.unwrap();
        let rest = room(&mut one, 100 << 20).await.unwrap();
        one.end();
        let second = room(&mut one, 2 << 20).await.unwrap();
        one.end();
        let mut other = Quota::new(shared);
        assert!(room(&mut other, 1000).await.is_some());
        other.end();
        assert!(room(&mut other, 2 << 20).await.is_none());
        other.end();
        drop((first, rest));
        assert!(room(&mut other, 2 << 20).await.is_some());
        drop(second);
    }

    #[tokio::test]
    async fn what_is_too_long_or_of_too_many_parts_is_refused() {
        let mut quota = Quota::new(Shared::new());
        let _first = quota.part(MESSAGE).await.unwrap();
        assert_eq!(quota.part(1).await.unwrap_err(), Malformed::Length);
        quota.end();
        for _ in 0..PARTS {
            quota.part(0).await.unwrap();
        }
        assert_eq!(quota.part(0).await.unwrap_err(), Malformed::Length);
    }
}

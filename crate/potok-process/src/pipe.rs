//! A pipe: two ends, each of which sends to the other. Python's `multiprocessing.Pipe`.
//!
//! ```
//! use potok::prelude::*;
//!
//! let (ours, theirs) = processes::pipe::<u32, String>()?;
//! let child = processes::fork(move || {
//!     while let Ok(n) = theirs.recv() {
//!         theirs.send(&format!("{n} cups")).unwrap();
//!     }
//! })?;
//! ours.send(&3)?;
//! assert_eq!(ours.recv()?, "3 cups");
//! drop(ours);                                   // the other side sees the end
//! child.join()?;
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a process has no way to the memory of another. What is sent becomes
//! bytes, goes through the system, and is built anew on the other side.
//!
//! A child uses one end and its parent the other. A forked child has copies of both; as
//! soon as it uses one, its copy of the other is given up, or it would wait for itself.
//! Of a pipe that it does not use, it keeps both: make each pipe right before the child
//! that it is for, or the end of a pipe does not come before that of all such children.

use super::stamp::{Arrows, Stamp};
use super::wire::Inbox;
use super::{Child, descriptors, frame, sys, wire};
use crate::words;
use nix::errno::Errno;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::sync::lock;
use potok_base::trace::Recorder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::marker::PhantomData;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Waiting without a limit of one's own ends after this time.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How soon a receiver looks again into what all receivers of an end share.
const LOOK: Duration = Duration::from_millis(10);

/// One end of a pipe: sends `A`, receives `B`.
#[derive(Debug)]
pub struct End<A, B> {
    socket: OwnedFd,
    /// The other end, as long as this process may still have it.
    peer: Option<sys::Inherited>,
    inbox: Mutex<Inbox>,
    /// Held while a message leaves, so that none gets inside of another.
    sending: Mutex<()>,
    arrows: Option<Arrows<B>>,
    sends: PhantomData<fn(A)>,
}

/// Makes a pipe. Its first end sends `A` and receives `B`, its second the other way.
///
/// # Errors
/// The system has no descriptor left.
pub fn pipe<A, B>() -> Result<(End<A, B>, End<B, A>)> {
    let (one, two) = sys::socket_pair()?;
    sys::set_nonblocking(&two)?;
    let peers = (sys::Inherited::of(&two), sys::Inherited::of(&one));
    Ok((End::new(one, Some(peers.0)), End::new(two, Some(peers.1))))
}

/// Waits until one of the children prints, ends or sends something, at most for `limit`.
pub fn wait_for_any<'a, T, A, B>(
    children: impl Iterator<Item = (&'a Child<T>, &'a End<A, B>)>,
    limit: Duration,
) where
    T: DeserializeOwned + 'a,
    A: 'a,
    B: 'a,
{
    let mut fds = vec![];
    for (child, end) in children {
        fds.push(end.socket.as_fd());
        fds.extend(child.descriptors());
    }
    sys::wait_readable(&fds, Some(limit));
}

impl<A, B> End<A, B> {
    fn new(socket: OwnedFd, peer: Option<sys::Inherited>) -> Self {
        let (inbox, sending) = (Mutex::default(), Mutex::default());
        End { socket, peer, inbox, sending, arrows: None, sends: PhantomData }
    }

    /// Records each message that is received here, as an arrow from its sender's lane.
    #[must_use]
    pub fn record(mut self, recorder: &Recorder) -> Self
    where
        B: std::fmt::Debug,
    {
        self.arrows = Some(Arrows::to(recorder));
        self
    }

    /// Sends a message; waits while the other side is far behind.
    ///
    /// # Errors
    /// The other side is [gone](ErrorKind::Disconnected), or takes nothing for a minute.
    pub fn send(&self, message: &A) -> Result<()>
    where
        A: Serialize,
    {
        self.release_peer();
        let mut bytes = vec![];
        frame::append(&mut bytes, &(Stamp::now(), message))?;
        let _alone = lock(&self.sending);
        wire::send(&self.socket, &bytes, &[], PATIENCE)
    }

    /// Waits for a message, at most a minute.
    ///
    /// # Errors
    /// The other side is [gone](ErrorKind::Disconnected), sent
    /// [garbage](ErrorKind::Undecodable), or [nothing](ErrorKind::TimedOut).
    pub fn recv(&self) -> Result<B>
    where
        B: DeserializeOwned,
    {
        self.recv_timeout(PATIENCE)
    }

    /// A message if there is one.
    ///
    /// # Errors
    /// Those of [`recv`](End::recv), but not that nothing came.
    pub fn try_recv(&self) -> Result<Option<B>>
    where
        B: DeserializeOwned,
    {
        match self.recv_timeout(Duration::ZERO) {
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(None),
            other => other.map(Some),
        }
    }

    /// Waits for a message, at most `limit`.
    ///
    /// # Errors
    /// Those of [`recv`](End::recv).
    pub fn recv_timeout(&self, limit: Duration) -> Result<B>
    where
        B: DeserializeOwned,
    {
        self.release_peer();
        let start = Instant::now();
        let late = || Error::timed_out(words::a_message(), limit);
        loop {
            // Free between two looks, so that several threads wait no longer than each may.
            let mut inbox = lock(&self.inbox);
            if let Some(bytes) = inbox.next()? {
                let (stamp, message): (Stamp, B) = frame::value(bytes)?;
                self.arrows.iter().for_each(|arrows| arrows.add(&stamp, &message));
                return Ok(message);
            }
            match inbox.fill(&self.socket)? {
                Ok(0) | Err(Errno::ECONNRESET) => {
                    let text = words::pipe_gone();
                    return Err(Error::new(ErrorKind::Disconnected, text));
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    drop(inbox);
                    let left = limit.saturating_sub(start.elapsed());
                    if left.is_zero() {
                        return Err(late());
                    }
                    // Not for long: another thread may have taken our message in as well.
                    sys::wait_for_more(self.socket.as_fd(), left.min(LOOK));
                }
                Err(error) => return Err(Error::io(words::not_received(), &error)),
            }
        }
    }

    fn release_peer(&self) {
        if let Some(peer) = &self.peer {
            peer.release();
        }
    }
}

impl<A, B> Serialize for End<A, B> {
    fn serialize<S: Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        descriptors::Leaving(&self.socket).serialize(serializer)
    }
}

impl<'de, A, B> Deserialize<'de> for End<A, B> {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        descriptors::Arrived::deserialize(deserializer).map(|fd| End::new(fd.0, None))
    }
}

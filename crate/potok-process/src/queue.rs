//! A queue between processes: many senders, many receivers, and never more than so many
//! messages in between.
//!
//! ```
//! use potok::prelude::*;
//!
//! let queue = processes::queue::<u64>(8)?;
//! let child = processes::fork(|| (0..100).try_for_each(|n| queue.send(&n)))?;
//! let sum: u64 = (0..100).map(|_| queue.recv().unwrap()).sum();
//! assert_eq!(sum, 4_950);
//! child.join()??;
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the queue of Python's `multiprocessing` holds a lock while it reads;
//! a process that is killed just then takes the lock with it, and all others wait for
//! ever. Here the system itself hands each message, whole, to one receiver. What is
//! shared is a count, and a count that a dead process left too high is put right by the
//! next sender that has waited for nothing.

use super::pipe::PATIENCE;
use super::stamp::{Arrows, Stamp};
use super::sys::{self, Memory};
use super::{descriptors, frame};
use crate::words;
use nix::errno::Errno;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::Recorder;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fs::File;
use std::io::IoSlice;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::time::{Duration, Instant};

/// A sender that waits looks this often whether the queue is really full.
const LOOK: Duration = Duration::from_millis(10);
/// What a message may have inside; a larger one goes as a memory file of its own.
const INLINE: usize = 512;
const PAGE: usize = 4096;
/// The system's buffer holds this many small messages.
const MOST: u32 = 256;

/// A bounded queue that any number of processes send to and receive from.
#[derive(Debug)]
pub struct ProcessQueue<T> {
    input: OwnedFd,
    output: OwnedFd,
    page: OwnedFd,
    memory: Memory,
    capacity: u32,
    arrows: Option<Arrows<T>>,
}

/// Makes a queue for at most `capacity` messages, of any size.
///
/// # Errors
/// A capacity of none or more than 256; no descriptor left.
pub fn queue<T>(capacity: usize) -> Result<ProcessQueue<T>> {
    let capacity = u32::try_from(capacity).ok().filter(|n| (1..=MOST).contains(n));
    let capacity = capacity.ok_or_else(|| Error::invalid(words::queue_holds(MOST)))?;
    let (input, output) = sys::packet_pair()?;
    let (memory, page) = Memory::new(PAGE)?;
    Ok(ProcessQueue { input, output, page, memory, capacity, arrows: None })
}

impl<T> ProcessQueue<T> {
    /// Records each message that is received here, as an arrow from its sender's lane.
    #[must_use]
    pub fn record(mut self, recorder: &Recorder) -> Self
    where
        T: std::fmt::Debug,
    {
        self.arrows = Some(Arrows::to(recorder));
        self
    }

    /// Messages in the queue, as far as one can know while others use it.
    pub fn len(&self) -> usize {
        self.count().load(Acquire) as usize
    }

    /// Whether no message is in the queue.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the queue: receivers get what is in it, and then
    /// [`Disconnected`](ErrorKind::Disconnected).
    pub fn close(&self) {
        sys::send_no_more(&self.input);
    }

    /// Sends a message; waits while the queue is full.
    ///
    /// # Errors
    /// The queue is closed, or stays full for a minute.
    pub fn send(&self, message: &T) -> Result<()>
    where
        T: Serialize,
    {
        self.send_timeout(message, PATIENCE)
    }

    /// [`send`](ProcessQueue::send) that waits at most `limit`.
    ///
    /// # Errors
    /// The queue is closed, or [stays full](ErrorKind::TimedOut).
    pub fn send_timeout(&self, message: &T, limit: Duration) -> Result<()>
    where
        T: Serialize,
    {
        let mut bytes = vec![0];
        frame::append_value(&mut bytes, &(Stamp::now(), message))?;
        let mut fds = vec![];
        if bytes.len() > INLINE {
            fds.push(sys::memory_file(&bytes[1..])?);
            bytes = vec![1];
        }
        let start = Instant::now();
        self.take_place(start, limit)?;
        loop {
            match sys::send(&self.input, &[IoSlice::new(&bytes)], &fds) {
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) if start.elapsed() < limit => {
                    sys::wait_writable(
                        &self.input,
                        limit.saturating_sub(start.elapsed()),
                    );
                }
                Err(error) => {
                    self.give_place();
                    return Err(match error {
                        Errno::EAGAIN => {
                            Error::timed_out(words::sending_to_queue(), limit)
                        }
                        Errno::EPIPE => closed(),
                        error => Error::io(words::not_sent_to_queue(), &error),
                    });
                }
            }
        }
    }

    /// Waits for a message, at most a minute.
    ///
    /// # Errors
    /// The queue is closed and empty, or nothing came.
    pub fn recv(&self) -> Result<T>
    where
        T: DeserializeOwned,
    {
        self.recv_timeout(PATIENCE)
    }

    /// Waits for a message, at most `limit`.
    ///
    /// # Errors
    /// The queue is closed and empty, or [nothing came](ErrorKind::TimedOut).
    pub fn recv_timeout(&self, limit: Duration) -> Result<T>
    where
        T: DeserializeOwned,
    {
        let start = Instant::now();
        let (mut packet, mut fds) = ([0; INLINE + 1], vec![]);
        let length = loop {
            match sys::receive(&self.output, &mut packet, &mut fds) {
                Ok(0) => return Err(closed()),
                Ok(length) => break length,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    let left = limit.saturating_sub(start.elapsed());
                    if left.is_zero() {
                        return Err(Error::timed_out(words::a_message(), limit));
                    }
                    sys::wait_for_more(self.output.as_fd(), left);
                }
                Err(error) => {
                    return Err(Error::io(words::not_received_from_queue(), &error));
                }
            }
        };
        self.give_place();
        let (stamp, message): (Stamp, T) = match fds.pop() {
            Some(fd) => {
                let most = frame::MOST + INLINE;
                frame::value(&sys::read_memory_file(File::from(fd), most)?)
            }
            None => frame::value(&packet[1..length]),
        }?;
        self.arrows.iter().for_each(|arrows| arrows.add(&stamp, &message));
        Ok(message)
    }

    /// The number of messages in the queue or about to be.
    fn count(&self) -> &AtomicU32 {
        &self.memory.atomics()[0]
    }

    fn take_place(&self, start: Instant, limit: Duration) -> Result<()> {
        loop {
            let more = |n| (n < self.capacity).then_some(n + 1);
            let Err(full) = self.count().fetch_update(AcqRel, Acquire, more) else {
                return Ok(());
            };
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(Error::timed_out(words::sending_to_full_queue(), limit));
            }
            let unchanged = sys::wait_for_change(self.count(), full, left.min(LOOK));
            let empty = !sys::is_readable(self.output.as_fd());
            if unchanged && empty {
                // Full by its count, and nothing in it: whoever held the places is dead.
                let _ = self.count().compare_exchange(full, 0, AcqRel, Acquire);
            }
        }
    }

    fn give_place(&self) {
        let fewer = |n: u32| n.checked_sub(1);
        let _ = self.count().fetch_update(AcqRel, Acquire, fewer);
        sys::wake_one(self.count());
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Disconnected, words::queue_closed())
}

impl<T> Serialize for ProcessQueue<T> {
    fn serialize<S: Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        let [input, output, page] =
            [&self.input, &self.output, &self.page].map(descriptors::Leaving);
        (input, output, page, self.capacity).serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for ProcessQueue<T> {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        type Parts =
            (descriptors::Arrived, descriptors::Arrived, descriptors::Arrived, u32);
        let (input, output, page, capacity) = Parts::deserialize(deserializer)?;
        let memory = Memory::of(&page.0, PAGE).map_err(D::Error::custom)?;
        let (input, output, page) = (input.0, output.0, page.0);
        Ok(ProcessQueue { input, output, page, memory, capacity, arrows: None })
    }
}

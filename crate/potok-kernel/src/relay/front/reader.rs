//! What a client sends, message by message.

use super::quota::Quota;
use super::stream::Stream;
use super::{Ended, MESSAGE_TIME};
use crate::relay::zmtp::{self, Flags};
use bytes::Bytes;
use std::io;
use tokio::time::{Instant, timeout_at};

/// How much is read at once. What is longer is read to where it stays.
const BUFFER: usize = 8 << 10;

/// How much of a long part is read at once.
const STEP: usize = 128 << 10;

/// A whole message of the protocol that a client has sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Message(Vec<Bytes>),
    /// A command's body.
    Command(Vec<u8>),
}

/// Reads one connection.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    stream: &'a Stream,
    quota: Quota,
    buffer: Vec<u8>,
    /// What of the buffer is there and not yet understood.
    start: usize,
    end: usize,
    /// Of the present message.
    parts: Vec<Bytes>,
    /// When what has begun has to be whole.
    deadline: Option<Instant>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stream: &'a Stream, quota: Quota) -> Self {
        Reader {
            stream,
            quota,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            parts: vec![],
            deadline: None,
        }
    }

    /// The next message or command.
    pub(super) async fn next(&mut self) -> Result<Incoming, Ended> {
        loop {
            let there = &self.buffer[self.start..self.end];
            let Some(head) = zmtp::head(there)? else {
                self.fill().await?;
                continue;
            };
            self.start += head.len;
            if head.flags == Flags::Command {
                let body = self.body(head.body).await?;
                if self.parts.is_empty() {
                    self.deadline = None;
                }
                return Ok(Incoming::Command(body));
            }
            let charge = self.quota.part(head.body).await?;
            // It was not the client that was slow.
            self.deadline = Some(Instant::now() + MESSAGE_TIME);
            let body = self.body(head.body).await?;
            self.parts.push(charge.on(body));
            if head.flags == Flags::Last {
                self.quota.end();
                self.deadline = None;
                return Ok(Incoming::Message(std::mem::take(&mut self.parts)));
            }
        }
    }

    /// The next `length` bytes.
    async fn body(&mut self, length: usize) -> Result<Vec<u8>, Ended> {
        // The system gives memory for it page by page, as it is written to: a length that
        // is only claimed costs nothing.
        let mut body = Vec::with_capacity(length);
        let there = length.min(self.end - self.start);
        body.extend(&self.buffer[self.start..self.start + there]);
        self.start += there;
        self.begin();
        while body.len() < length {
            let at = body.len();
            body.resize(length.min(at + STEP), 0);
            let read = self.stream.read(&mut body[at..]);
            let read = within(self.deadline, read).await?;
            body.truncate(at + read);
        }
        Ok(body)
    }

    /// Reads more than what is there.
    async fn fill(&mut self) -> Result<(), Ended> {
        // Less than a head is there: it costs nothing to move it.
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.end > 0 || !self.parts.is_empty() {
            self.begin();
        } else {
            // Between two messages a client may be silent for as long as it likes.
            self.deadline = None;
        }
        let read = self.stream.read(&mut self.buffer[self.end..]);
        self.end += within(self.deadline, read).await?;
        Ok(())
    }

    /// What has begun has to end.
    fn begin(&mut self) {
        self.deadline.get_or_insert_with(|| Instant::now() + MESSAGE_TIME);
    }
}

/// How much was read, which is something.
async fn within(
    deadline: Option<Instant>,
    read: impl Future<Output = io::Result<usize>>,
) -> Result<usize, Ended> {
    let read = match deadline {
        Some(deadline) => timeout_at(deadline, read).await.map_err(|_| Ended::Slow)?,
        None => read.await,
    };
    match read? {
        0 => Err(Ended::Left),
        n => Ok(n),
    }
}

//! Frames over a socket. A frame may be accompanied by descriptors.

use super::frame::{self, LENGTH};
use super::sys;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use std::io::IoSlice;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// Bytes and descriptors that have arrived and were not read yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Descriptors that came with the bytes, in their order.
    pub(super) fds: Vec<OwnedFd>,
}

impl Inbox {
    /// The next whole frame, without its length; `None` if more has to come.
    ///
    /// # Errors
    /// A length that no frame has: these bytes are not frames.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        let Some(length) = self.length()? else { return Ok(None) };
        if self.end - self.start < LENGTH + length {
            return Ok(None);
        }
        let start = self.start + LENGTH;
        self.start = start + length;
        Ok(Some(&self.bytes[start..self.start]))
    }

    /// Length of the frame that begins here, if it is known yet.
    fn length(&self) -> Result<Option<usize>> {
        let arrived = &self.bytes[self.start..self.end];
        let Some(length) = frame::length(arrived) else { return Ok(None) };
        if length > frame::MOST + (1 << 16) {
            let text = words::garbage_in_pipe(length);
            return Err(Error::new(ErrorKind::Undecodable, text));
        }
        Ok(Some(length))
    }

    /// Receives once, as much as there is. `Ok(0)`: the other side is gone.
    pub(super) fn fill(&mut self, socket: &impl AsFd) -> Result<nix::Result<usize>> {
        let wanted = self.length()?.map_or(0, |length| length + LENGTH);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start > 0 && self.bytes.len() - self.start < wanted.max(LENGTH) {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        // A length is only a claim: room for it is made as bytes come, twice as much each time.
        let most = (2 * self.end).max(64 << 10);
        let size = (self.start + wanted).min(most).max(64 << 10).max(self.end + 4096);
        if self.bytes.len() < size {
            self.bytes.resize(size, 0);
        }
        let received = sys::receive(socket, &mut self.bytes[self.end..], &mut self.fds);
        if let Ok(count) = received {
            self.end += count;
        }
        Ok(received)
    }

    /// Waits for the next frame of a blocking socket. Whether there is one.
    pub(super) fn wait(&mut self, socket: &impl AsFd) -> Result<bool> {
        loop {
            if let Some(length) = self.length()?
                && self.end - self.start >= LENGTH + length
            {
                return Ok(true);
            }
            sys::look_again(|| sys::is_readable(socket.as_fd()));
            match self.fill(socket)? {
                Ok(0) | Err(nix::errno::Errno::ECONNRESET) => return Ok(false),
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(Error::io(words::not_received(), &error)),
            }
        }
    }
}

/// Sends all of `bytes`, with `fds` at their head, over a socket that may be non-blocking.
///
/// # Errors
/// The other side is gone, or did not take it within `limit`.
pub(super) fn send(
    socket: &impl AsFd,
    mut bytes: &[u8],
    mut fds: &[OwnedFd],
    limit: Duration,
) -> Result<()> {
    let start = Instant::now();
    while !bytes.is_empty() {
        match sys::send(socket, &[IoSlice::new(bytes)], fds) {
            Ok(count) => {
                bytes = &bytes[count..];
                fds = &[];
            }
            Err(nix::errno::Errno::EAGAIN) => {
                let left = limit.saturating_sub(start.elapsed());
                if left.is_zero() {
                    return Err(Error::timed_out(words::sending(), limit));
                }
                sys::wait_writable(socket, left);
            }
            Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::EPIPE | nix::errno::Errno::ECONNRESET) => {
                let text = words::side_gone();
                return Err(Error::new(ErrorKind::Disconnected, text));
            }
            Err(error) => return Err(Error::io(words::not_sent(), &error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_takes_no_memory_before_its_bytes_come() {
        let (ours, theirs) = sys::socket_pair().unwrap();
        let length = (frame::MOST as u32).to_le_bytes();
        send(&theirs, &length, &[], Duration::from_secs(5)).unwrap();
        let mut inbox = Inbox::default();
        assert_eq!(inbox.fill(&ours).unwrap(), Ok(4));
        assert_eq!(inbox.fill(&ours).unwrap(), Err(nix::errno::Errno::EAGAIN));
        assert!(inbox.bytes.len() <= 64 << 10);
        assert!(inbox.next().unwrap().is_none());
    }

    #[test]
    fn a_length_that_no_frame_has_is_garbage() {
        let (ours, theirs) = sys::socket_pair().unwrap();
        send(&theirs, &[0xff; 8], &[], Duration::from_secs(5)).unwrap();
        let mut inbox = Inbox::default();
        assert_eq!(inbox.fill(&ours).unwrap(), Ok(8));
        let error = inbox.next().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Undecodable);
        assert!(error.to_string().contains("4294967295"), "{error}");
    }
}

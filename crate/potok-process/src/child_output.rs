//! What a child prints: it waits in pipes, is taken in, and shown in whole lines.
//!
//! *What to notice*: reading and showing are two steps. Showing takes the lock of standard
//! output, and the thread that holds that one may be waiting for one of ours.

use super::sys;
use potok_base::error::Result;
use potok_base::output;
use std::os::fd::{AsFd, BorrowedFd};

/// The parent's ends of a child's standard output and error.
#[derive(Debug)]
pub(super) struct ChildOutput {
    out: Stream,
    err: Stream,
}

#[derive(Debug)]
struct Stream {
    reader: sys::Reader,
    open: bool,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    /// Whole lines that nobody has been shown yet.
    unshown: Vec<u8>,
    seen: u64,
    /// The lines that came last, for an error message.
    last: Vec<u8>,
    /// What follows is a long backtrace of a known kind: it is kept and not shown.
    muted: bool,
}

/// Whole lines of a child. To be shown while no other lock is held.
#[derive(Debug, Default)]
#[must_use = "they are lost if nobody shows them"]
pub(super) struct Printed {
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
}

impl Printed {
    pub(super) fn is_empty(&self) -> bool {
        self.out.is_empty() && self.err.is_empty()
    }

    /// Puts what came later behind it.
    pub(super) fn add(&mut self, later: &Printed) {
        self.out.extend_from_slice(&later.out);
        self.err.extend_from_slice(&later.err);
    }

    pub(super) fn show(&self) {
        if !self.out.is_empty() {
            output::print(&self.out);
        }
        if !self.err.is_empty() {
            output::print_aside(&self.err);
        }
    }
}

impl ChildOutput {
    pub(super) fn new() -> Result<(Self, sys::Ends)> {
        let (out, out_end) = sys::pipe()?;
        let (err, err_end) = sys::pipe()?;
        let (out, err) = (Stream::new(out), Stream::new(err));
        Ok((ChildOutput { out, err }, sys::Ends { out: out_end, err: err_end }))
    }

    /// Takes in what has arrived.
    pub(super) fn take_in(&mut self) {
        self.out.take_in(false);
        self.err.take_in(false);
    }

    /// Takes in what is left after the child's end, also a line that has none.
    pub(super) fn finish(&mut self) {
        self.out.take_in(true);
        self.err.take_in(true);
    }

    /// What can be shown by now.
    pub(super) fn printed(&mut self) -> Printed {
        Printed {
            out: std::mem::take(&mut self.out.unshown),
            err: std::mem::take(&mut self.err.unshown),
        }
    }

    /// Both ends.
    pub(super) fn readers(&self) -> [BorrowedFd<'_>; 2] {
        [self.out.reader.as_fd(), self.err.reader.as_fd()]
    }

    /// The ends from which something may still come.
    pub(super) fn open(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let streams = [&self.out, &self.err].into_iter();
        streams.filter(|stream| stream.open).map(|stream| stream.reader.as_fd())
    }

    /// How many bytes have come since the last [`count_anew`](ChildOutput::count_anew).
    pub(super) fn seen(&self) -> u64 {
        self.out.seen + self.err.seen
    }

    pub(super) fn count_anew(&mut self) {
        (self.out.seen, self.err.seen) = (0, 0);
    }

    /// Whether the child has said that it got no memory.
    pub(super) fn out_of_memory(&self) -> bool {
        find(&self.err.last, OUT_OF_MEMORY).is_some()
    }

    /// The last line of standard error.
    pub(super) fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.err.last);
        text.trim().lines().last().unwrap_or_default().to_owned()
    }
}

impl Stream {
    fn new(reader: sys::Reader) -> Self {
        Stream {
            reader,
            open: true,
            line: vec![],
            unshown: vec![],
            seen: 0,
            last: vec![],
            muted: false,
        }
    }

    fn take_in(&mut self, at_end: bool) {
        if !self.open {
            return;
        }
        let had = self.line.len();
        let closed = sys::drain(&mut self.reader, &mut self.line) || at_end;
        self.seen += (self.line.len() - had) as u64;
        self.open = !closed;
        let whole = if closed {
            if self.line.last().is_some_and(|&byte| byte != b'\n') {
                self.line.push(b'\n');
            }
            self.line.len()
        } else {
            self.line.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
        };
        let lines: Vec<u8> = self.line.drain(..whole).collect();
        if lines.is_empty() {
            return;
        }
        if !self.muted {
            let end = self.end_of_interest(&lines);
            self.unshown.extend_from_slice(&output::harmless(&lines[..end]));
        }
        // A failed allocation may be followed by a long backtrace.
        self.last.extend_from_slice(&lines);
        self.last.drain(..self.last.len().saturating_sub(16 << 10));
    }

    /// A failed allocation ends a process with a backtrace of many lines, of which only the
    /// first is worth showing.
    fn end_of_interest(&mut self, lines: &[u8]) -> usize {
        let Some(at) = find(lines, OUT_OF_MEMORY) else { return lines.len() };
        self.muted = true;
        let rest = lines[at..].iter().position(|&byte| byte == b'\n');
        rest.map_or(lines.len(), |length| at + length + 1)
    }
}

/// The message of the standard library when memory ran out.
const OUT_OF_MEMORY: &[u8] = b"memory allocation of ";

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|found| found == part)
}

//! One worker seen from here: what it was given, what came back, how it died.

use super::super::process::Process;
use super::super::shared_table::SharedTable;
use super::super::wire::Inbox;
use super::super::worker::{self, Task};
use super::super::{Limits, code::Code, fork, frame, report, spawn, sys};
use super::Start;
use crate::words;
use nix::errno::Errno;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::sys::monotonic_ns;
use potok_base::trace::Recorder;
use std::collections::VecDeque;
use std::io::IoSlice;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// So much longer than for an item a worker may take before it begins with one.
const START: Duration = Duration::from_secs(2);

/// Items on their way through one function, as bytes.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) job: u64,
    /// Number of the first item in its job.
    pub(super) first: usize,
    pub(super) code: Code,
    pub(super) items: Vec<u8>,
    /// Where each item ends in `items`.
    pub(super) ends: Vec<usize>,
    pub(super) fds: Vec<OwnedFd>,
    pub(super) recorder: Option<Recorder>,
    /// Tries that are left for an item that takes its worker down.
    pub(super) retries: u32,
    /// Items that have their result; the next one is the one that runs.
    pub(super) done: usize,
    /// Whether it is known to be short, so that a worker may be given it in advance.
    pub(super) light: bool,
}

/// What came back: consecutive items from `first`.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) job: u64,
    pub(super) first: usize,
    pub(super) results: std::result::Result<(usize, Vec<u8>), Error>,
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) process: Process,
    pub(super) socket: OwnedFd,
    table: SharedTable,
    inbox: Inbox,
    /// Heads that are not sent yet, or whose items are not, and how much of both is.
    outbox: VecDeque<(Vec<u8>, usize)>,
    pub(super) given: VecDeque<Batch>,
    /// Items whose results came, ever.
    received: u64,
    /// When it was last given what it could begin with.
    idle_since: Instant,
    /// Why it was killed, if we did it.
    pub(super) cause: Option<Error>,
    /// Whether the item that it had begun, or we, were the cause of its death.
    pub(super) died_of_it: bool,
}

impl Batch {
    pub(super) fn left(&self) -> usize {
        self.ends.len() - self.done
    }

    /// Only its next item, as a batch of its own; the rest stays.
    fn split_next(&mut self) -> Batch {
        let (from, to) = (self.next_start(), self.ends[self.done]);
        let next = Batch {
            first: self.first + self.done,
            items: self.items[from..to].to_vec(),
            ends: vec![to - from],
            code: self.code.clone(),
            recorder: self.recorder.clone(),
            fds: self.fds.iter().filter_map(|fd| fd.try_clone().ok()).collect(),
            done: 0,
            light: false,
            ..*self
        };
        self.done += 1;
        next
    }

    fn next_start(&self) -> usize {
        self.done.checked_sub(1).map_or(0, |last| self.ends[last])
    }

    /// Its items as bytes, from the one that comes next.
    fn waiting(&self) -> &[u8] {
        &self.items[self.next_start()..]
    }

    /// What a worker has to be told before the items.
    fn head(&self) -> Result<Vec<u8>> {
        let number = self.first + self.done;
        let task = Task {
            code: self.code.clone(),
            count: self.left() as u32,
            fds: self.fds.len() as u32,
            recorder: self.recorder.clone().map(|recorder| (recorder, number)),
        };
        spawn::head(&task, self.waiting())
    }
}

impl Link {
    /// Starts a worker, which has this number in its pool.
    pub(super) fn new(start: Start, limits: &Limits, number: u32) -> Result<Self> {
        let (process, socket, table) = match start {
            Start::Spawn => spawn::execute(limits.clone(), number)?,
            Start::Fork => {
                let (ours, theirs) = sys::socket_pair()?;
                let permit = sys::Permit::for_worker();
                let (process, _) = fork::fork_process(&permit, limits.clone(), |_| {
                    // `fork_process` has set it up.
                    let _ = worker::serve(&theirs, |_| Ok(()));
                })?;
                let table = spawn::greet(&ours, limits.clone(), number)?;
                (process, ours, table)
            }
        };
        Ok(Link {
            process,
            socket,
            table,
            inbox: Inbox::default(),
            outbox: VecDeque::new(),
            given: VecDeque::new(),
            received: 0,
            idle_since: Instant::now(),
            cause: None,
            died_of_it: false,
        })
    }

    /// Whether it can be given this batch now.
    pub(super) fn has_room(&self, next: &Batch) -> bool {
        match self.given.len() {
            // It is about to end.
            _ if self.cause.is_some() => false,
            0 => true,
            1 => next.light && self.given[0].light,
            _ => false,
        }
    }

    /// Gives it a batch. If that fails, the worker ends, which tells why.
    pub(super) fn give(&mut self, batch: Batch) {
        match batch.head() {
            Ok(head) => self.outbox.push_back((head, 0)),
            Err(error) => self.end_for(error),
        }
        if self.given.is_empty() {
            self.idle_since = Instant::now();
        }
        self.given.push_back(batch);
        if self.outbox.len() == 1 {
            self.flush();
        }
    }

    /// Ends the worker; its item ends with this error.
    pub(super) fn end_for(&mut self, cause: Error) {
        self.cause = Some(cause);
        self.process.end_family();
    }

    /// Whether it has ever begun an item.
    pub(super) fn has_begun(&self) -> bool {
        self.table.begun() > 0
    }

    /// Sends what waits to be sent, as far as it goes.
    pub(super) fn flush(&mut self) {
        // The heads that wait are those of the batches given last.
        let first = self.given.len().saturating_sub(self.outbox.len());
        let mut batches = self.given.iter().skip(first);
        while let Some((head, sent)) = self.outbox.front_mut() {
            let Some(batch) = batches.next() else { return };
            let (items, mut fds) = (batch.waiting(), &batch.fds[..]);
            while *sent < head.len() + items.len() {
                let unsent = IoSlice::new(&head[(*sent).min(head.len())..]);
                let rest = IoSlice::new(&items[sent.saturating_sub(head.len())..]);
                if *sent > 0 {
                    fds = &[];
                }
                match sys::send(&self.socket, &[unsent, rest], fds) {
                    Ok(count) => *sent += count,
                    Err(_) => return,
                }
            }
            self.outbox.pop_front();
        }
    }

    pub(super) fn is_sending(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Takes what has come. Whether the worker is still there.
    pub(super) fn receive(&mut self, arrived: &mut Vec<Arrived>) -> bool {
        loop {
            let filled = self.inbox.fill(&self.socket);
            loop {
                match self.inbox.next() {
                    Ok(Some(frame)) => {
                        let Some((count, results)) = report::open(frame) else {
                            let text = words::no_report();
                            self.cause = Some(Error::new(ErrorKind::Undecodable, text));
                            return false;
                        };
                        let results = results.to_vec();
                        self.accept(count as usize, results, arrived);
                    }
                    Ok(None) => break,
                    Err(error) => {
                        self.cause = Some(error);
                        return false;
                    }
                }
            }
            match filled {
                Ok(Ok(0)) => return false,
                // All that was there: a short read.
                Ok(Ok(count)) if count < 4096 => return true,
                Ok(Ok(_) | Err(Errno::EINTR)) => {}
                Ok(Err(Errno::EAGAIN)) => return true,
                Ok(Err(_)) | Err(_) => return false,
            }
        }
    }

    /// Results of the items that come next.
    fn accept(&mut self, count: usize, results: Vec<u8>, arrived: &mut Vec<Arrived>) {
        let Some(batch) = self.given.front_mut() else { return };
        let count = count.min(batch.left());
        let first = batch.first + batch.done;
        arrived.push(Arrived { job: batch.job, first, results: Ok((count, results)) });
        batch.done += count;
        self.received += count as u64;
        self.idle_since = Instant::now();
        if batch.left() == 0 {
            self.given.pop_front();
        }
    }

    /// What is left of its limit for the item that runs; `None` if none runs.
    pub(super) fn time_left(&self, limit: Duration) -> Option<Duration> {
        self.given.front()?;
        let begun = self.table.begun();
        if begun <= self.received.max(self.table.finished()) {
            // A worker that was stopped begins with nothing.
            return Some(
                limit.saturating_add(START).saturating_sub(self.idle_since.elapsed()),
            );
        }
        let ran = monotonic_ns().saturating_sub(self.table.since_ns());
        Some(limit.saturating_sub(Duration::from_nanos(ran)))
    }

    /// The worker is dead: what it still finished, what it died of, and what it never
    /// began, to be given to others.
    pub(super) fn take_over(&mut self, arrived: &mut Vec<Arrived>) -> Vec<Batch> {
        self.process.end_now();
        while self.receive(arrived) && self.inbox_has_more() {}
        let leftover = self.table.leftover();
        let mut rest = &leftover[..];
        while self.received < self.table.finished() {
            let before = rest;
            if frame::take(&mut rest).is_none() {
                break;
            }
            let result = before[..before.len() - rest.len()].to_vec();
            self.accept(1, result, arrived);
        }
        let mut again: Vec<Batch> = vec![];
        self.died_of_it = self.table.begun() > self.received || self.cause.is_some();
        if self.died_of_it
            && let Some(batch) = self.given.front_mut()
        {
            let error =
                self.cause.take().unwrap_or_else(|| self.process.why_it_ended());
            let mut next = batch.split_next();
            let (job, first) = (next.job, next.first);
            // A task that was cancelled is not wanted any more.
            if next.retries > 0 && error.kind() != ErrorKind::Disconnected {
                next.retries -= 1;
                again.push(next);
            } else {
                arrived.push(Arrived { job, first, results: Err(error) });
            }
        }
        again.extend(self.given.drain(..).filter(|batch| batch.left() > 0));
        again
    }

    fn inbox_has_more(&self) -> bool {
        sys::is_readable(std::os::fd::AsFd::as_fd(&self.socket))
    }
}

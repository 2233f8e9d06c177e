//! The other side of `spawn` and `Pool`: a process that runs what it is told to.
//!
//! A worker reads tasks from a socket, one after the other: which function, and how many
//! items. It loads the function's object if it has to, runs it over the items, and sends
//! the results back. It ends when the socket does, and no later than its parent.

use super::code::{Code, Entry, Results};
use super::report::Report;
use super::shared_table::{self, SharedTable};
use super::wire::Inbox;
use super::{Limits, descriptors, frame, panics, sys};
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::sys::monotonic_ns;
use potok_base::trace::{Recorder, SpanGuard, be_worker};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, hash_map};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// The first message: what a worker has to know about itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) parent: sys::Parent,
    pub(super) limits: Limits,
    /// Its number in its pool, from 1; 0 if it is alone.
    pub(super) number: u32,
}

/// The head of all other messages; the items follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) code: Code,
    pub(super) count: u32,
    /// Descriptors that came with it.
    pub(super) fds: u32,
    /// Records each item, counting from this number.
    pub(super) recorder: Option<(Recorder, usize)>,
}

/// Where the program that runs workers finds [`main`].
pub(super) static MAIN: sys::Export<super::spawn::Main> = sys::Export::new(main);

/// What the program that runs workers calls: kernel or re-executed program.
pub(super) fn main() -> i32 {
    let socket = match sys::take_stdin() {
        Ok(socket) => socket,
        Err(_) => return 1,
    };
    panics::keep_silent();
    // Nobody has set this process up yet.
    let prepare = |hello: &Hello| {
        sys::end_with(&hello.parent)?;
        hello.limits.apply()
    };
    match serve(&socket, prepare) {
        Ok(()) => sys::leave_nothing_behind(0),
        Err(error) => {
            potok_base::output::print_aside(format!("{error}\n").as_bytes());
            1
        }
    }
}

/// Works until the socket ends. `prepare` sets the process up as the greeting says.
pub(super) fn serve(
    socket: &OwnedFd,
    prepare: impl FnOnce(&Hello) -> Result<()>,
) -> Result<()> {
    let mut inbox = Inbox::default();
    let garbage = || Error::new(ErrorKind::Undecodable, words::no_greeting());
    if !inbox.wait(socket)? {
        return Ok(());
    }
    let mut fds = std::mem::take(&mut inbox.fds);
    let hello: Hello = frame::value(inbox.next()?.unwrap_or_default())?;
    prepare(&hello)?;
    be_worker(hello.number);
    let table = SharedTable::open(&fds.pop().ok_or_else(garbage)?)?;
    let mut buffer = ResultBuffer::new(socket, table);
    let mut known: HashMap<Code, Entry> = HashMap::new();
    while inbox.wait(socket)? {
        let mut fds = std::mem::take(&mut inbox.fds);
        let message = inbox.next()?.unwrap_or_default();
        let (task, items): (Task, _) =
            postcard::take_from_bytes(message).map_err(|_| garbage())?;
        let later = fds.split_off((task.fds as usize).min(fds.len()));
        descriptors::arrived(fds);
        let entry = match known.entry(task.code) {
            hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            hash_map::Entry::Vacant(new) => {
                new.key().entry().map(|entry| new.insert(entry))
            }
        };
        buffer.recorder = task.recorder;
        match entry {
            Ok(entry) => entry(items, task.count, &mut buffer),
            Err(error) => {
                for _ in 0..task.count {
                    buffer.begin();
                    buffer.end(&mut |report| {
                        report.add::<()>(&Err(error.clone()));
                    });
                }
            }
        }
        let _ = std::io::stdout().flush();
        buffer.send()?;
        inbox.fds.splice(..0, later);
    }
    Ok(())
}

/// Where results lie until they are sent.
struct ResultBuffer<'a> {
    socket: &'a OwnedFd,
    table: SharedTable,
    report: Report,
    finished: u64,
    since_ns: u64,
    gone: bool,
    recorder: Option<(Recorder, usize)>,
    span: Option<SpanGuard>,
}

impl<'a> ResultBuffer<'a> {
    fn new(socket: &'a OwnedFd, table: SharedTable) -> Self {
        let report = Report::new();
        ResultBuffer {
            socket,
            table,
            report,
            finished: 0,
            since_ns: 0,
            gone: false,
            recorder: None,
            span: None,
        }
    }

    fn send(&mut self) -> Result<()> {
        if self.report.count > 0 {
            // This end of the socket blocks: the system waits until all of it is taken.
            let limit = Duration::ZERO;
            super::wire::send(self.socket, self.report.seal(), &[], limit)?;
            self.report.clear();
            self.table.finish(self.finished);
        }
        Ok(())
    }
}

/// Results do not wait for others longer than this.
const FLUSH_NS: u64 = 1_000_000;

impl Results for ResultBuffer<'_> {
    fn begin(&mut self) {
        let now = monotonic_ns();
        if self.report.count == 0 {
            self.since_ns = now;
        } else if now - self.since_ns > FLUSH_NS {
            self.gone |= self.send().is_err();
            self.since_ns = now;
        }
        if self.gone {
            sys::leave(1);
        }
        self.table.begin(self.finished, now);
        if let Some((recorder, item)) = &mut self.recorder {
            self.span = Some(recorder.enter(item.to_string()));
            *item += 1;
        }
    }

    fn end(&mut self, add: &mut dyn FnMut(&mut Report)) {
        self.span = None;
        let at = self.report.len();
        add(&mut self.report);
        self.finished += 1;
        let result = self.report.since(at);
        if at + result.len() <= shared_table::ROOM {
            self.table.keep(at, result, self.finished);
        } else {
            // Too much to keep: it counts as finished when it is sent.
            self.gone |= self.send().is_err();
        }
    }
}

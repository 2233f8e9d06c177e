//! A child process as the system sees it: id, end, standard output and error.
//!
//! Nothing runs in the background. What a child prints waits in a pipe and is passed on,
//! in whole lines, by whoever waits for the child.

use super::{Limits, sys};
use crate::error::{Error, ErrorKind, Result};
use crate::output;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Process {
    pid: Pid,
    pidfd: OwnedFd,
    owner: u32,
    started: Instant,
    limits: Limits,
    wires: Wires,
    end: Option<WaitStatus>,
}

/// The parent's ends of a child's standard output and error.
#[derive(Debug)]
pub(super) struct Wires {
    out: Stream,
    err: Stream,
}

#[derive(Debug)]
struct Stream {
    reader: sys::Reader,
    open: bool,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    seen: u64,
    /// The lines that came last, for an error message.
    last: Vec<u8>,
    print: fn(&[u8]),
    /// What comes now is known and long: it is kept and not shown.
    muted: bool,
}

impl Process {
    pub(super) fn new(pid: Pid, wires: Wires, limits: Limits) -> Result<Self> {
        // Both sides set the group, so that it exists whoever runs first.
        let _ = nix::unistd::setpgid(pid, pid);
        let pidfd = sys::pidfd(pid).map_err(|error| {
            let _ = kill(pid, Signal::SIGKILL);
            let _ = waitpid(pid, None);
            Error::io(format!("watch process {pid}"), &error)
        })?;
        let (owner, started) = (std::process::id(), Instant::now());
        Ok(Process { pid, pidfd, owner, started, limits, wires, end: None })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What is left of its time on the wall.
    pub(super) fn time_left(&self) -> Duration {
        self.limits.wall.saturating_sub(self.started.elapsed())
    }

    pub(super) fn is_alive(&mut self) -> bool {
        self.reap(WaitPidFlag::WNOHANG);
        self.end.is_none()
    }

    pub(super) fn signal(&self, signal: Signal) {
        if self.end.is_none() {
            let _ = kill(self.pid, signal);
        }
    }

    /// Kills it and all it started, passes on its last words, leaves no zombie.
    pub(super) fn kill(&mut self) {
        if self.end.is_none() && self.owner == std::process::id() {
            let _ = kill(self.pid, Signal::SIGKILL);
            self.reap(WaitPidFlag::empty());
            self.wires.pass_on();
        }
    }

    /// Waits at most `limit` for the child to end or to write to `answer` or its output;
    /// passes on what it printed. Whether it has ended.
    ///
    /// # Errors
    /// It printed more than its limit; it is then killed.
    pub(super) fn watch(
        &mut self,
        answer: Option<&sys::Reader>,
        limit: Duration,
    ) -> Result<bool> {
        if self.end.is_some() {
            return Ok(true);
        }
        let Wires { out, err } = &self.wires;
        let mut fds = vec![self.pidfd.as_fd()];
        fds.extend(answer.map(AsFd::as_fd));
        fds.extend(out.open.then(|| out.reader.as_fd()));
        fds.extend(err.open.then(|| err.reader.as_fd()));
        let ended = sys::wait_readable(&fds, Some(limit))[0];
        if ended {
            self.reap(WaitPidFlag::empty());
        }
        self.wires.pass_on();
        if self.wires.seen() > self.limits.output {
            self.kill();
            let (pid, bytes) = (self.pid, self.limits.output);
            return Err(Error::new(
                ErrorKind::OutputLimit,
                format!(
                    "process {pid} printed more than its {bytes} bytes; print less or allow more"
                ),
            ));
        }
        Ok(ended)
    }

    /// Everything that becomes readable when it prints or ends.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        let Wires { out, err } = &self.wires;
        vec![self.pidfd.as_fd(), out.reader.as_fd(), err.reader.as_fd()]
    }

    /// Passes on what it printed. Whether it is alive and within its limit of output.
    pub(super) fn pass_on(&mut self) -> bool {
        self.wires.pass_on();
        self.wires.seen() <= self.limits.output && self.is_alive()
    }

    /// Collects the end of the process; everything it started ends with it.
    fn reap(&mut self, flags: WaitPidFlag) {
        if self.end.is_some() {
            return;
        }
        match waitpid(self.pid, Some(flags)) {
            Ok(WaitStatus::StillAlive) => return,
            Ok(status) => self.end = Some(status),
            // Somebody else collected it: all we know is that it ended.
            Err(_) => self.end = Some(WaitStatus::Exited(self.pid, 0)),
        }
        let _ = killpg(self.pid, Signal::SIGKILL);
    }

    /// Why there is no result, told from how the process ended.
    pub(super) fn why_it_ended(&self) -> Error {
        let who = format!("process {}", self.pid);
        match self.end {
            Some(WaitStatus::Signaled(_, signal, _)) => self.why_killed(&who, signal),
            Some(WaitStatus::Exited(_, code)) => Error::new(
                ErrorKind::Exited(code),
                format!(
                    "{who} exited with code {code} before it gave its result{}",
                    self.last_words()
                ),
            ),
            _ => Error::new(ErrorKind::Disconnected, format!("{who} gave no result")),
        }
    }

    fn why_killed(&self, who: &str, signal: Signal) -> Error {
        let limits = &self.limits;
        let out_of_memory = limits.memory.is_some()
            && signal == Signal::SIGABRT
            && self
                .wires
                .err
                .last
                .windows(OUT_OF_MEMORY.len())
                .any(|w| w == OUT_OF_MEMORY);
        match (signal, limits.cpu, limits.memory) {
            (Signal::SIGXCPU, Some(cpu), _) => Error::new(
                ErrorKind::TimedOut,
                format!("{who} used more than its {cpu:?} of processor time"),
            ),
            (_, _, Some(memory)) if out_of_memory => Error::new(
                ErrorKind::MemoryLimit,
                format!("{who} wanted more than its {} MiB of memory", memory >> 20),
            ),
            _ => {
                let meaning = match signal {
                    Signal::SIGSEGV | Signal::SIGBUS => {
                        " (it touched memory that is not its own)"
                    }
                    Signal::SIGABRT => " (it gave up: `abort`)",
                    Signal::SIGKILL => {
                        " (somebody ended it, or the system ran out of memory)"
                    }
                    Signal::SIGTERM => " (it was asked to end)",
                    _ => "",
                };
                let words = self.last_words();
                Error::new(
                    ErrorKind::Killed(signal as i32),
                    format!("{who} was killed by {signal}{meaning}{words}"),
                )
            }
        }
    }

    fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.wires.err.last);
        let last = text.trim().lines().last().unwrap_or_default();
        if last.is_empty() { String::new() } else { format!("; it said: {last}") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Wires {
    pub(super) fn new() -> Result<(Self, sys::Ends)> {
        let (out, out_end) = sys::pipe()?;
        let (err, err_end) = sys::pipe()?;
        let out = Stream::new(out, output::print);
        let err = Stream::new(err, output::print_aside);
        Ok((Wires { out, err }, sys::Ends { out: out_end, err: err_end }))
    }

    /// Prints what has arrived, up to the last whole line of each stream.
    pub(super) fn pass_on(&mut self) {
        self.out.pass_on();
        self.err.pass_on();
    }

    fn seen(&self) -> u64 {
        self.out.seen + self.err.seen
    }
}

impl Stream {
    fn new(reader: sys::Reader, print: fn(&[u8])) -> Self {
        Stream {
            reader,
            open: true,
            line: vec![],
            seen: 0,
            last: vec![],
            print,
            muted: false,
        }
    }

    fn pass_on(&mut self) {
        if !self.open {
            return;
        }
        let had = self.line.len();
        let closed = sys::drain(&mut self.reader, &mut self.line);
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
        if !lines.is_empty() {
            if !self.muted {
                let end = self.end_of_interest(&lines);
                (self.print)(&output::harmless(&lines[..end]));
            }
            // A failed allocation may be followed by a long backtrace.
            self.last.extend_from_slice(&lines);
            self.last.drain(..self.last.len().saturating_sub(16 << 10));
        }
    }

    /// A failed allocation ends a process and is told with a backtrace of many lines,
    /// from which nobody learns more than from the first.
    fn end_of_interest(&mut self, lines: &[u8]) -> usize {
        let found = lines.windows(OUT_OF_MEMORY.len()).position(|w| w == OUT_OF_MEMORY);
        let Some(at) = found else { return lines.len() };
        self.muted = true;
        let rest = lines[at..].iter().position(|&byte| byte == b'\n');
        rest.map_or(lines.len(), |length| at + length + 1)
    }
}

/// How the standard library says that memory ran out.
const OUT_OF_MEMORY: &[u8] = b"memory allocation of ";

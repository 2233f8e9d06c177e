//! A small process between the one that runs the cells and evcxr.
//!
//! evcxr swallows the word that a cell panicked, stops reading at bytes that are no UTF-8,
//! and does not say where one cell's output ends. So the process that runs the cells
//! begins by forking, and what it prints from then on comes through here:
//!
//! ```text
//! runtime ── stdout, stderr ── filter ── stdout, stderr ── evcxr
//! ```
//!
//! *What to notice*: it outlives a crash, so what was printed before arrives. It also ends
//! the process that runs the cells when evcxr is no more: an endless loop would not notice.

mod stream;
mod sys;

use crate::inner::{MARK, READY};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use stream::{COMPLETE, Piece, Stream};
use sys::{Event, Runtime};

/// How long text waits for the end of its line.
const UNENDED: Duration = Duration::from_millis(25);

/// How long the last line of standard error waits for what it is: the error that a `?`
/// found is only told from other text by what comes next, on the other output.
const HELD: Duration = Duration::from_millis(100);

/// How long output is collected while more of it comes: evcxr needs longer for a line than
/// a cell for printing it.
const GATHER: Duration = Duration::from_millis(2);

/// What comes in so few pieces goes on at once: most cells print a line and end.
const AT_ONCE: u32 = 4;

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

/// Puts the filter behind this process's outputs, if a relay is there to understand it.
///
/// Forks: to be called while there is one thread.
pub(crate) fn install() -> io::Result<()> {
    let Ok(mark) = std::env::var(MARK) else { return Ok(()) };
    if let Some(pipes) = sys::fork_filter()? {
        let code = i32::from(Filter::new(&mark, pipes).run().is_err());
        sys::exit(code);
    }
    Ok(())
}

struct Filter {
    mark: String,
    /// A file that the relay makes when evcxr is ready. Before, nothing may be printed:
    /// evcxr waits until it has passed it on, and does not pass on anything yet.
    ready: PathBuf,
    is_ready: bool,
    out: Side,
    err: Side,
    /// The last line of standard error, not passed on yet.
    held: String,
    held_since: Instant,
    /// The last text of standard error that was passed on, if this cell has printed any.
    told: String,
    runtime: Runtime,
    buffer: Vec<u8>,
}

/// One of the two outputs.
struct Side {
    from: File,
    to: File,
    stream: Stream,
    open: bool,
}

impl Side {
    fn new(from: File, to: File, mark: &str) -> Self {
        Side { from, to, stream: Stream::new(mark), open: true }
    }

    /// Reads what there is.
    fn read(&mut self, buffer: &mut [u8], pieces: &mut Vec<Piece>) -> io::Result<()> {
        let n = self.from.read(buffer)?;
        self.open = n > 0;
        self.stream.take(&buffer[..n], pieces);
        Ok(())
    }
}

impl Filter {
    fn new(mark: &str, pipes: sys::Pipes) -> Self {
        Filter {
            mark: mark.to_owned(),
            ready: std::env::var_os(READY).unwrap_or_default().into(),
            is_ready: false,
            out: Side::new(pipes.out, pipes.real_out, mark),
            err: Side::new(pipes.err, pipes.real_err, mark),
            held: String::new(),
            held_since: Instant::now(),
            told: String::new(),
            runtime: pipes.runtime,
            buffer: vec![0; BUFFER],
        }
    }

    /// Passes on what comes, until nobody writes or nobody reads.
    fn run(mut self) -> io::Result<()> {
        let (mut last, mut in_a_row) = (Instant::now(), 0);
        loop {
            let events = sys::wait(
                &self.out.from,
                self.out.open,
                &self.err.from,
                self.err.open,
                &self.out.to,
                &self.runtime,
                self.patience(),
            )?;
            if events.contains(&Event::Unread) {
                self.runtime.kill();
                return Ok(());
            }
            let died = events.contains(&Event::Died);
            let done = if events.is_empty() {
                self.unended()
            } else if died || !(self.out.open || self.err.open) {
                return self.last();
            } else {
                self.pass_on()
            };
            if done.is_err() {
                self.runtime.kill();
                return done;
            }
            in_a_row = if last.elapsed() < GATHER { in_a_row + 1 } else { 0 };
            if in_a_row >= AT_ONCE {
                std::thread::sleep(GATHER);
            }
            last = Instant::now();
        }
    }

    /// How long nothing may come before what waits is passed on.
    fn patience(&self) -> Option<Duration> {
        if self.out.stream.waits() || self.err.stream.waits() {
            return Some(UNENDED);
        }
        (!self.held.is_empty()).then_some(HELD)
    }

    /// Passes on what is there now: the errors first, as they tell why a cell ended.
    fn pass_on(&mut self) -> io::Result<()> {
        let (mut out, mut err) = (vec![], vec![]);
        // In this order, so that what was said before the end of a cell is known at it.
        if self.out.open && sys::ready(&self.out.from, Duration::ZERO) {
            self.out.read(&mut self.buffer, &mut out)?;
        }
        self.drain_err(&mut err)?;
        let told = |pieces: &[Piece]| matches!(pieces.last(), Some(Piece::Text(_)));
        if told(&err) && told(&out) && sys::ready(&self.out.from, GATHER) {
            // Which came first is not known; what comes next may tell what it is.
            self.out.read(&mut self.buffer, &mut out)?;
            self.drain_err(&mut err)?;
        }
        let fresh = self.held.is_empty() || self.held_since.elapsed() < HELD;
        self.write(out.is_empty() && fresh, out, err)
    }

    fn drain_err(&mut self, pieces: &mut Vec<Piece>) -> io::Result<()> {
        // Bounded, in case somebody never stops.
        for _ in 0..64 {
            if !(self.err.open && sys::ready(&self.err.from, Duration::ZERO)) {
                break;
            }
            self.err.read(&mut self.buffer, pieces)?;
        }
        Ok(())
    }

    /// Nothing came for a while: text is shown though its line has not ended.
    fn unended(&mut self) -> io::Result<()> {
        let (mut out, mut err) = (vec![], vec![]);
        // An open line waits less long than the last one of standard error.
        let hold = self.out.stream.waits() || self.err.stream.waits();
        self.out.stream.flush(&mut out);
        self.err.stream.flush(&mut err);
        self.write(hold, out, err)
    }

    /// The process that ran the cells is no more.
    fn last(mut self) -> io::Result<()> {
        let (mut out, mut err) = (vec![], vec![]);
        while self.out.open && sys::ready(&self.out.from, Duration::ZERO) {
            self.out.read(&mut self.buffer, &mut out)?;
        }
        self.drain_err(&mut err)?;
        self.out.stream.finish(&mut out);
        self.err.stream.finish(&mut err);
        self.write(false, out, err)?;
        let end = self.marked("end", "");
        self.err.to.write_all(&end)?;
        self.out.to.write_all(&end.repeat(2))
    }

    /// Writes what was read, or holds the last line of standard error back.
    fn write(
        &mut self,
        hold: bool,
        out: Vec<Piece>,
        mut err: Vec<Piece>,
    ) -> io::Result<()> {
        self.is_ready = self.is_ready || self.ready.exists();
        if !err.is_empty() {
            self.held_since = Instant::now();
        }
        put_first(std::mem::take(&mut self.held), &mut err);
        let mut lines = vec![];
        for piece in out {
            match piece {
                Piece::Line(line) => lines.extend(line),
                Piece::Text(text) => lines.extend(self.marked("out", &text)),
                Piece::Panic => {
                    lines.extend(command(&piece));
                    lines.extend(self.marked("panic", ""));
                }
                Piece::Failed => {
                    let error = last_line(&mut err);
                    // If it was not held back long enough, it stands in the text too.
                    let told = || self.told.lines().last();
                    let error = error.as_deref().or_else(told).unwrap_or_default();
                    let error = error.trim_end();
                    lines.extend(command(&piece));
                    lines.extend(self.marked("failed", error));
                }
                Piece::Complete => {
                    self.write_err(std::mem::take(&mut err))?;
                    self.told.clear();
                    let end = self.marked("end", "");
                    self.err.to.write_all(&end)?;
                    // evcxr waits until all lines but the last are on their way: when it
                    // replies, the first of these two has been heard.
                    lines.extend(end.repeat(2));
                    lines.extend_from_slice(COMPLETE.as_bytes());
                    lines.push(b'\n');
                }
            }
        }
        if hold {
            self.held = last_line(&mut err).unwrap_or_default();
        }
        self.write_err(err)?;
        self.out.to.write_all(&lines)
    }

    fn write_err(&mut self, pieces: Vec<Piece>) -> io::Result<()> {
        for piece in pieces {
            let line = match piece {
                Piece::Text(text) => {
                    let line = self.marked("out", &text);
                    self.told = text;
                    line
                }
                Piece::Line(line) => line,
                // On this output they are only text.
                other => {
                    self.marked("out", stream::command(&other).unwrap_or_default())
                }
            };
            self.err.to.write_all(&line)?;
        }
        Ok(())
    }

    fn marked(&self, op: &str, text: &str) -> Vec<u8> {
        if !self.is_ready {
            return vec![];
        }
        stream::marked(&self.mark, op, &text.replace(LINE_BREAK, "\n")).into_bytes()
    }
}

/// What `potok::eprintln!` puts in the place of a line break, so that the lines of an error
/// stay together until here.
const LINE_BREAK: char = '\u{2028}';

fn command(piece: &Piece) -> Vec<u8> {
    format!("{}\n", stream::command(piece).unwrap_or_default()).into_bytes()
}

/// Takes the last line of what was printed, if it has ended. It may be the error that a `?`
/// found, which evcxr prints just before it says so.
fn last_line(err: &mut Vec<Piece>) -> Option<String> {
    let Some(Piece::Text(text)) = err.last_mut() else { return None };
    let before = text.strip_suffix('\n')?;
    let line = text.split_off(before.rfind('\n').map_or(0, |at| at + 1));
    if text.is_empty() {
        err.pop();
    }
    Some(line)
}

/// Puts text before what came after it.
fn put_first(text: String, err: &mut Vec<Piece>) {
    match err.first_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(first)) => first.insert_str(0, &text),
        _ => err.insert(0, Piece::Text(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_failed_question_mark_is_the_last_line() {
        let mut err = vec![Piece::Text("a warning\nno such file\n".into())];
        let line = last_line(&mut err);
        assert_eq!(line.as_deref(), Some("no such file\n"));
        assert_eq!(err, [Piece::Text("a warning\n".into())]);
        put_first(line.unwrap_or_default(), &mut err);
        assert_eq!(err, [Piece::Text("no such file\na warning\n".into())]);
        assert!(last_line(&mut err).is_some() && last_line(&mut err).is_some());
        assert_eq!((last_line(&mut err), err), (None, vec![]));
    }

    #[test]
    fn a_line_that_has_not_ended_is_no_error() {
        let mut err = vec![Piece::Text("50 %".into())];
        assert_eq!(last_line(&mut err), None);
        put_first("a\n".into(), &mut err);
        assert_eq!(err, [Piece::Text("a\n50 %".into())]);
    }
}

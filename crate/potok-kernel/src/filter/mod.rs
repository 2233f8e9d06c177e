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
            runtime: pipes.runtime,
            buffer: vec![0; BUFFER],
        }
    }

    /// Passes on what comes, until nobody writes or nobody reads.
    fn run(mut self) -> io::Result<()> {
        let (mut last, mut in_a_row) = (Instant::now(), 0);
        loop {
            let waits = self.out.stream.waits() || self.err.stream.waits();
            let events = sys::wait(
                &self.out.from,
                self.out.open,
                &self.err.from,
                self.err.open,
                &self.out.to,
                &self.runtime,
                waits.then_some(UNENDED),
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

    /// Passes on what is there now: the errors first, as they tell why a cell ended.
    fn pass_on(&mut self) -> io::Result<()> {
        let (mut out, mut err) = (vec![], vec![]);
        // In this order, so that what was said before the end of a cell is known at it.
        if self.out.open && sys::ready(&self.out.from) {
            self.out.read(&mut self.buffer, &mut out)?;
        }
        self.drain_err(&mut err)?;
        self.write(out, err)
    }

    fn drain_err(&mut self, pieces: &mut Vec<Piece>) -> io::Result<()> {
        // Bounded, in case somebody never stops.
        for _ in 0..64 {
            if !(self.err.open && sys::ready(&self.err.from)) {
                break;
            }
            self.err.read(&mut self.buffer, pieces)?;
        }
        Ok(())
    }

    /// Nothing came for a while: text is shown though its line has not ended.
    fn unended(&mut self) -> io::Result<()> {
        let (mut out, mut err) = (vec![], vec![]);
        self.out.stream.flush(&mut out);
        self.err.stream.flush(&mut err);
        self.write(out, err)
    }

    /// The process that ran the cells is no more.
    fn last(mut self) -> io::Result<()> {
        let (mut out, mut err) = (vec![], vec![]);
        while self.out.open && sys::ready(&self.out.from) {
            self.out.read(&mut self.buffer, &mut out)?;
        }
        self.drain_err(&mut err)?;
        self.out.stream.finish(&mut out);
        self.err.stream.finish(&mut err);
        self.write(out, err)?;
        let end = self.marked("end", "");
        self.err.to.write_all(&end)?;
        self.out.to.write_all(&end.repeat(2))
    }

    fn write(&mut self, out: Vec<Piece>, mut err: Vec<Piece>) -> io::Result<()> {
        self.is_ready = self.is_ready || self.ready.exists();
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
                    lines.extend(command(&piece));
                    lines.extend(self.marked("failed", &error));
                }
                Piece::Complete => {
                    self.write_err(std::mem::take(&mut err))?;
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
        self.write_err(err)?;
        self.out.to.write_all(&lines)
    }

    fn write_err(&mut self, pieces: Vec<Piece>) -> io::Result<()> {
        for piece in pieces {
            let line = match piece {
                Piece::Text(text) => self.marked("out", &text),
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
        stream::marked(&self.mark, op, text).into_bytes()
    }
}

fn command(piece: &Piece) -> Vec<u8> {
    format!("{}\n", stream::command(piece).unwrap_or_default()).into_bytes()
}

/// Takes the last line of what was printed: the error that a `?` found, which evcxr prints
/// just before it says so.
fn last_line(err: &mut Vec<Piece>) -> String {
    let Some(Piece::Text(text)) = err.last_mut() else { return String::new() };
    let at = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
    let line = text.split_off(at);
    if text.is_empty() {
        err.pop();
    }
    line.trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_failed_question_mark_is_the_last_line() {
        let mut err = vec![Piece::Text("a warning\nno such file\n".into())];
        assert_eq!(last_line(&mut err), "no such file");
        assert_eq!(err, [Piece::Text("a warning\n".into())]);
        assert_eq!(last_line(&mut err), "a warning");
        assert!(err.is_empty());
        assert_eq!(last_line(&mut err), "");
    }
}

//! The process that runs Python code: found, started, read from, and always ended.
//!
//! *What to notice*: the process leads a group of its own, so that what it started ends
//! with it, even if the cell is interrupted.

use crate::error::{Error, ErrorKind, Result};
use crate::words;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use potok_base::foreign::{Folder, ProcessGroup};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A process that has ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) took: Duration,
}

/// How many bytes of an output are kept.
const KEPT: usize = 1 << 20;
/// How long pipes are read after the process has ended.
const GRACE: Duration = Duration::from_millis(200);

/// Runs `code` as a program of its own until it ends or its time is up.
pub(super) fn run(code: &str, limit: Duration) -> Result<Ended> {
    let chosen = std::env::var_os("POTOK_PYTHON").filter(|name| !name.is_empty());
    run_by(&chosen.unwrap_or_else(|| "python3".into()), code, limit)
}

/// Like [`run`], by the interpreter `program`.
pub(super) fn run_by(program: &OsStr, code: &str, limit: Duration) -> Result<Ended> {
    let folder = Folder::new("python")?;
    folder.write("cell.py", code)?;

    let start = Instant::now();
    let mut command = Command::new(program);
    command
        .args(["-X", "utf8", "cell.py"])
        .current_dir(&folder.0)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let group = ProcessGroup::start(&mut command, &folder);
    let mut group = group.map_err(|error| not_started(program, &error))?;

    let mut out = Pipe::new(group.leader.stdout.take());
    let mut err = Pipe::new(group.leader.stderr.take());
    let mut status: Option<(ExitStatus, Instant)> = None;
    loop {
        let listening = read_some(&mut [&mut out, &mut err]);
        if status.is_none() {
            let now = group
                .try_wait()
                .map_err(|e| Error::io(words::waiting_for_python(), &e))?;
            status = now.map(|status| (status, Instant::now()));
        }
        match status {
            // A descendant that left the group may hold a pipe open for ever.
            Some((status, since)) if !listening || since.elapsed() > GRACE => {
                let took = start.elapsed();
                let folder = folder.0.to_string_lossy().into_owned();
                // Tracebacks name the file; its directory is of no interest.
                let stderr = err.text().replace(&format!("{folder}/"), "");
                if status.code() == Some(127) && stderr.contains("not found") {
                    return Err(missing(stderr.trim()));
                }
                return Ok(Ended { status, stdout: out.text(), stderr, took });
            }
            None if start.elapsed() >= limit => {
                return Err(Error::timed_out("Python", limit));
            }
            _ => {}
        }
    }
}

fn not_started(program: &OsStr, error: &io::Error) -> Error {
    let program = Path::new(program).display();
    match error.kind() {
        io::ErrorKind::NotFound => missing(&words::there_is_no(program)),
        _ => Error::io(words::starting(program), error),
    }
}

fn missing(why: &str) -> Error {
    Error::new(ErrorKind::NotFound, words::no_python(why))
}

/// One end of a pipe and what was read from it.
struct Pipe {
    source: Option<Box<dyn ReadFd>>,
    bytes: Vec<u8>,
}

trait ReadFd: Read + AsFd {}
impl<T: Read + AsFd> ReadFd for T {}

impl Pipe {
    fn new(source: Option<impl ReadFd + 'static>) -> Self {
        let source = source.map(|source| Box::new(source) as Box<dyn ReadFd>);
        Pipe { source, bytes: vec![] }
    }

    fn read(&mut self) {
        let mut buffer = [0; 1 << 13];
        let Some(source) = &mut self.source else { return };
        match source.read(&mut buffer) {
            Ok(0) => self.source = None,
            Ok(n) => {
                let room = KEPT.saturating_sub(self.bytes.len());
                self.bytes.extend_from_slice(&buffer[..n.min(room)]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.source = None,
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Reads what is there, waiting a few milliseconds for it; `false` once all have ended.
fn read_some(pipes: &mut [&mut Pipe]) -> bool {
    let open: Vec<usize> =
        (0..pipes.len()).filter(|&i| pipes[i].source.is_some()).collect();
    if open.is_empty() {
        sleep(Duration::from_millis(1));
        return false;
    }
    let mut fds: Vec<PollFd<'_>> = pipes
        .iter()
        .filter_map(|pipe| pipe.source.as_ref())
        .map(|source| PollFd::new(source.as_fd(), PollFlags::POLLIN))
        .collect();
    let ready: Vec<bool> = match poll(&mut fds, PollTimeout::from(10_u8)) {
        Ok(_) => fds.iter().map(|fd| fd.any().unwrap_or(false)).collect(),
        Err(Errno::EINTR) => return true,
        Err(_) => return false,
    };
    for (&i, ready) in open.iter().zip(ready) {
        if ready {
            pipes[i].read();
        }
    }
    true
}

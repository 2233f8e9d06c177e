//! The process that runs Python code: found, started, listened to, and always ended.
//!
//! *What to notice*: the process leads a group of its own, so that what it started ends
//! with it; and it ends when this process does, so that an interrupted cell leaves
//! nothing behind.

use crate::error::{Error, ErrorKind, Result};
use crate::sys;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A process that has ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) took: Duration,
}

/// How much of an output is kept.
const KEPT: usize = 1 << 20;
/// How long pipes are read after the process has ended.
const GRACE: Duration = Duration::from_millis(200);

/// Runs `code` as a program of its own until it ends or the deadline comes.
pub(super) fn run(code: &str, deadline: Duration) -> Result<Ended> {
    let chosen = std::env::var_os("POTOK_PYTHON").filter(|name| !name.is_empty());
    run_by(&chosen.unwrap_or_else(|| "python3".into()), code, deadline)
}

/// Like [`run`], by the interpreter `program`.
pub(super) fn run_by(program: &OsStr, code: &str, deadline: Duration) -> Result<Ended> {
    let folder = Folder::new().map_err(|e| Error::io("a place for Python code", &e))?;
    let file = folder.0.join("cell.py");
    fs::write(&file, code).map_err(|e| Error::io("writing Python code", &e))?;

    let start = Instant::now();
    let mut command = Command::new(program);
    command
        .args(["-X", "utf8", "cell.py"])
        .current_dir(&folder.0)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let child = sys::end_with_parent(&mut command).spawn();
    let mut child = Leader(child.map_err(|error| not_started(program, &error))?);

    let mut out = Pipe::new(child.0.stdout.take());
    let mut err = Pipe::new(child.0.stderr.take());
    let mut status: Option<(ExitStatus, Instant)> = None;
    loop {
        let listening = read_some(&mut [&mut out, &mut err]);
        if status.is_none() {
            let now =
                child.0.try_wait().map_err(|e| Error::io("waiting for Python", &e))?;
            status = now.map(|status| (status, Instant::now()));
            if status.is_some() {
                child.end_group();
            }
        }
        match status {
            // A descendant that left the group may hold a pipe open for ever.
            Some((status, since)) if !listening || since.elapsed() > GRACE => {
                let took = start.elapsed();
                let folder = folder.0.to_string_lossy().into_owned();
                // Tracebacks name the file; where it lay is nobody's business.
                let stderr = err.text().replace(&format!("{folder}/"), "");
                if status.code() == Some(127) && stderr.contains("not found") {
                    return Err(missing(stderr.trim()));
                }
                return Ok(Ended { status, stdout: out.text(), stderr, took });
            }
            None if start.elapsed() >= deadline => {
                return Err(Error::timed_out("Python", deadline));
            }
            _ => {}
        }
    }
}

fn not_started(program: &OsStr, error: &io::Error) -> Error {
    let program = Path::new(program).display();
    match error.kind() {
        io::ErrorKind::NotFound => missing(&format!("there is no `{program}`")),
        _ => Error::io(format!("starting `{program}`"), error),
    }
}

fn missing(why: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!(
            "no Python to run ({why}); install Python 3.10 or newer (on Debian: \
             apt install python3), or let POTOK_PYTHON name one"
        ),
    )
}

/// A child that leads a process group; both are gone when this is.
struct Leader(Child);

impl Leader {
    fn end_group(&self) {
        if let Ok(id) = i32::try_from(self.0.id()) {
            // The group may be gone already, which is what is wanted.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.end_group();
            // Reaps it. It was killed, so this does not take long.
            let _ = self.0.wait();
        }
    }
}

/// One end of a pipe and what came out of it.
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

/// Reads what there is, waiting for it a few milliseconds; `false` at the end of all.
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

/// A folder of its own for one run, which only this user can look into.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("potok-python-{}-{n}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Folder(path)),
                // Left by a process that had this id before us.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed is a pity, not an error of the code.
        let _ = fs::remove_dir_all(&self.0);
    }
}

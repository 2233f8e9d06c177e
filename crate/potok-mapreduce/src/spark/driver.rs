//! The process that talks to Spark: Python, because Spark comes as a Python package. It lives
//! as long as the [`Spark`](super::Spark) that started it, and runs one job after the other.

use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::foreign::{Folder, end_group};
use potok_base::language;
use potok_base::sync::unpoisoned;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The variable that names a virtual environment with pyspark, other than this checkout's.
const PLACE: &str = "POTOK_SPARK";
/// Where `make setup-spark` puts it, in a checkout. Which one that is can only be known when
/// a job is run: checkouts of the same sources share what is compiled.
const USUAL: &str = "build/spark";
/// In either.
const PYTHON: &str = "bin/python";
/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(15);

/// The Python that has Spark.
///
/// # Errors
/// Spark is not installed.
pub(super) fn python() -> Result<PathBuf> {
    let chosen = std::env::var_os(PLACE).filter(|place| !place.is_empty());
    let place = match chosen {
        Some(place) => Some(PathBuf::from(place)),
        None => std::env::current_dir().ok().and_then(|here| usual(&here)),
    };
    let python = place.map(|place| place.join(PYTHON)).filter(|python| python.exists());
    python.ok_or_else(|| Error::new(ErrorKind::NotFound, words::no_spark()))
}

/// The place in the checkout that `here` lies in.
fn usual(here: &Path) -> Option<PathBuf> {
    let places = here.ancestors().map(|dir| dir.join(USUAL));
    places.into_iter().find(|place| place.join(PYTHON).exists())
}

/// A Python program of ours that answers line by line. It ends when its standard input does.
///
/// Not a [`ProcessGroup`](potok_base::foreign::ProcessGroup), whose guard kills: Spark's own
/// processes are in other groups, and only the program can end them, if it is given time.
#[derive(Debug)]
pub(super) struct PythonProcess {
    child: Child,
    input: Option<ChildStdin>,
    /// In a lock only so that the struct is `Sync`.
    answers: Mutex<Receiver<String>>,
    /// Its own directory, with its log.
    pub(super) folder: Folder,
}

impl PythonProcess {
    /// Starts `script` with the arguments that `args` makes from its directory.
    pub(super) fn start(
        script: &str,
        args: impl FnOnce(&Path) -> Vec<String>,
    ) -> Result<Self> {
        let python = python()?;
        let folder = Folder::new("job")?;
        folder.write("driver.py", include_str!("driver.py"))?;
        folder.write("cluster.py", include_str!("cluster.py"))?;
        let log = folder.0.join("log");
        let log = fs::File::create(log).map_err(|e| Error::io(words::no_log(), &e))?;
        let mut child = Command::new(python)
            .args(["-X", "utf8"])
            .arg(folder.0.join(script))
            .args(args(&folder.0))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env(language::VARIABLE, language::current().code())
            // It removes the directory, in case this process cannot.
            .env("POTOK_FOLDER", &folder.0)
            .env_remove("PYTHONPATH")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|error| Error::io(words::no_spark_python(), &error))?;
        let (sender, answers) = channel();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let process =
            PythonProcess { child, input, answers: Mutex::new(answers), folder };
        thread::Builder::new()
            .name("answers".to_owned())
            .spawn(move || {
                let lines =
                    output.into_iter().flat_map(|out| BufReader::new(out).lines());
                lines
                    .map_while(std::io::Result::ok)
                    .try_for_each(|line| sender.send(line))
            })
            .map_err(|error| Error::io(words::no_thread(), &error))?;
        Ok(process)
    }

    pub(super) fn send_line(&mut self, line: &str) -> Result<()> {
        let input = self
            .input
            .as_mut()
            .ok_or_else(|| Error::invalid(words::driver_is_gone()))?;
        writeln!(input, "{line}").map_err(|_| self.why_it_ended())
    }

    /// Its next line.
    ///
    /// # Errors
    /// It ended, or wrote no line within `limit`.
    pub(super) fn next_line(&mut self, what: &str, limit: Duration) -> Result<String> {
        let answers = unpoisoned(self.answers.get_mut());
        match answers.recv_timeout(limit) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => {
                self.kill();
                Err(Error::timed_out(what, limit))
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.why_it_ended()),
        }
    }

    fn why_it_ended(&mut self) -> Error {
        self.end(Duration::from_secs(1));
        let log = fs::read(self.folder.0.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let marked = log.split_once("[[potok: ").and_then(|(_, rest)| {
            rest.split_once(" :potok]]").map(|(text, _)| text.to_owned())
        });
        let last = || {
            let lines: Vec<&str> = log.trim_end().lines().collect();
            lines[lines.len().saturating_sub(8)..].join("\n")
        };
        let why = marked.unwrap_or_else(last);
        Error::new(ErrorKind::Disconnected, words::driver_ended(why))
    }

    /// Ends it: by the end of its input, or, if that takes too long, by force.
    pub(super) fn end(&mut self, grace: Duration) {
        // An empty line also means the end: a child forked meanwhile keeps the pipe open.
        if let Some(mut input) = self.input.take() {
            let _ = input.write_all(b"\n");
        }
        let start = Instant::now();
        while start.elapsed() < grace {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.kill();
    }

    /// Ends it and what it started, at once.
    fn kill(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            end_group(&self.child);
            let _ = self.child.wait();
        }
    }
}

impl Drop for PythonProcess {
    fn drop(&mut self) {
        self.end(GRACE);
    }
}

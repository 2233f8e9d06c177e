//! A job in a shell: the commands `job map` and `job reduce`.
//!
//! *What to notice*: only the two functions are left. Reading, sorting and piping is done by
//! programs that are older than map-reduce.

use super::record::Record;
use super::ship::Shipment;
use crate::functions::{Key, Value};
use crate::job::MapReduce;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::foreign::{Folder, ProcessGroup};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, Permissions, set_permissions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The most bytes of a result, which becomes one text.
const MOST: u64 = 64 << 20;
/// How much of the end of standard error is read.
const LAST: u64 = 1 << 16;

impl<T, Q, V, O> MapReduce<T, Q, V, O>
where
    T: Record + ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize,
{
    /// Runs a line of `bash` in which `job` is this job: `job map` and `job reduce` read
    /// lines from standard input and write them to standard output. Returns what the line
    /// writes, 64 MB at most. Text is sorted by its bytes, and a failure anywhere in a pipe
    /// counts. What the line leaves running in the background is ended.
    ///
    /// # Errors
    /// A function that captures; an exit code other than 0, with the last lines of standard
    /// error; more output than that; the job's [`timeout`](MapReduce::timeout).
    ///
    /// # Examples
    /// ```standalone_crate
    /// use potok::prelude::*;
    ///
    /// fn main() -> Result<(), Error> {
    ///     processes::init();                    // first: see `processes::spawn`
    ///     let job = MapReduce::new(
    ///         |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
    ///         |_word, counts| counts.sum::<u64>(),
    ///     );
    ///     let counts = job.shell("echo to be or not to be | job map | sort | job reduce")?;
    ///     assert_eq!(counts, "be\t2\nnot\t1\nor\t1\nto\t2\n");
    ///     Ok(())
    /// }
    /// ```
    pub fn shell(&self, line: &str) -> Result<String> {
        let Shipment { files, args, env } = Shipment::code(self)?;
        let folder = Folder::new("job")?;
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        // The first two would tell a process that it belongs to the notebook's kernel.
        let mut script =
            "#!/bin/sh\nunset EVCXR_IS_RUNTIME EVCXR_RUSTC_WRAPPER\n".to_owned();
        for (name, value) in &env {
            script += &format!("export {name}={}\n", quoted(value));
        }
        let places: Vec<String> = files[1..]
            .iter()
            .filter_map(|object| object.parent())
            .map(|place| place.to_string_lossy().into_owned())
            .collect();
        if !places.is_empty() {
            let places = quoted(&places.join(":"));
            script += &format!("export LD_LIBRARY_PATH={places}:$LD_LIBRARY_PATH\n");
        }
        script += "exec";
        for word in std::iter::once(&*files[0].to_string_lossy())
            .chain(args.iter().map(String::as_str))
        {
            script += &format!(" {}", quoted(word));
        }
        folder.write("job", script + " \"$@\"\n")?;
        let failed = |error| Error::io(words::no_shell_program(), &error);
        set_permissions(folder.0.join("job"), Permissions::from_mode(0o700))
            .map_err(failed)?;
        bash(&folder, line, self.options.timeout)
    }
}

/// Runs a line with the folder's programs.
fn bash(folder: &Folder, line: &str, limit: Duration) -> Result<String> {
    let failed = |error: std::io::Error| Error::io(words::no_bash(), &error);
    let output = |name: &str| File::create(folder.0.join(name)).map_err(failed);
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command
        .args(["-o", "pipefail", "-c", line])
        .env("PATH", format!("{}:{path}", folder.0.display()))
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(output("out")?)
        .stderr(output("err")?);
    let mut shell = ProcessGroup::start(&mut command, folder).map_err(failed)?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = shell.try_wait().map_err(failed)? {
            break status;
        }
        if start.elapsed() > limit {
            return Err(Error::timed_out(words::the_shell(), limit));
        }
        sleep(Duration::from_millis(2));
    };
    if status.success() {
        let written = std::fs::metadata(folder.0.join("out")).map_err(failed)?.len();
        if written > MOST {
            let text = words::shell_wrote(written, MOST);
            return Err(Error::new(ErrorKind::OutputLimit, text));
        }
        return end_of(folder, "out", MOST).map_err(failed);
    }
    let last_words = end_of(folder, "err", LAST).map_err(failed)?;
    let lines: Vec<&str> = last_words.trim_end().lines().collect();
    let last = lines[lines.len().saturating_sub(4)..].join("\n");
    let code = status.code().unwrap_or(-1);
    Err(Error::new(ErrorKind::Exited(code), words::shell_exited(code, last)))
}

/// The last `most` bytes of a file.
fn end_of(folder: &Folder, name: &str, most: u64) -> std::io::Result<String> {
    let mut file = File::open(folder.0.join(name))?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut bytes = vec![];
    file.take(most).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

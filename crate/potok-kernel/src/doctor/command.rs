//! Runs a program that may be missing, broken or stuck, and says which.

use std::fmt;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Why a program gave no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It could not be started.
    Missing,
    /// It ended badly; the line of its complaint that says most.
    Failed(String),
    /// It was ended after this time.
    Stuck(Duration),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Missing => f.write_str("not found"),
            Trouble::Failed(line) if line.is_empty() => f.write_str("fails"),
            Trouble::Failed(line) => f.write_str(line),
            Trouble::Stuck(time) => write!(f, "no answer in {} s", time.as_secs()),
        }
    }
}

/// What the program printed: its output, or its complaints where that is empty.
pub(super) fn answer(
    command: &mut Command,
    deadline: Duration,
) -> Result<String, Trouble> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| Trouble::Missing)?;
    // Read beside the wait, so that a talkative program is not taken for a stuck one.
    let output = reader(child.stdout.take());
    let complaints = reader(child.stderr.take());
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if start.elapsed() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Trouble::Stuck(deadline));
            }
        }
    };
    let output = output.join().unwrap_or_default();
    let complaints = complaints.join().unwrap_or_default();
    match status.success() {
        true if output.trim().is_empty() => Ok(complaints),
        true => Ok(output),
        false => Err(Trouble::Failed(telling(&complaints).to_owned())),
    }
}

fn reader(from: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = vec![];
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// rustc says `error:` first, Python the reason last.
fn telling(complaints: &str) -> &str {
    let lines = || complaints.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines().find_map(|line| line.strip_prefix("error: "));
    first.or_else(|| lines().next_back()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn sh(script: &str, deadline: Duration) -> Result<String, Trouble> {
        answer(Command::new("sh").args(["-c", script]), deadline)
    }

    #[test]
    fn an_answer_is_taken_from_wherever_it_was_printed() {
        assert_eq!(sh("echo one; echo two >&2", SOON).unwrap(), "one\n");
        assert_eq!(sh("echo two >&2", SOON).unwrap(), "two\n");
    }

    #[test]
    fn each_trouble_is_told_apart() {
        let missing = answer(&mut Command::new("no-such-program"), SOON).unwrap_err();
        assert_eq!(missing.to_string(), "not found");
        let rustc =
            sh("echo 'error: no linker'; echo 'error: no linker' >&2; exit 1", SOON);
        assert_eq!(rustc.unwrap_err().to_string(), "no linker");
        let python = sh("echo Traceback >&2; echo No module >&2; exit 1", SOON);
        assert_eq!(python.unwrap_err().to_string(), "No module");
        let stuck = answer(Command::new("sleep").arg("60"), Duration::from_millis(20));
        assert!(matches!(stuck, Err(Trouble::Stuck(_))));
    }
}

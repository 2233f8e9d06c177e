//! A spare inner kernel: prepared in the background, adopted by the next notebook or by
//! Restart, so that nobody waits for evcxr to start.
//!
//! ```text
//! relay ──starts──▶ keeper ──holds──▶ inner kernel      before
//! relay ◀──a connection──▶ keeper ──holds──▶ inner      after another relay adopted it
//! ```
//!
//! The keeper is a process of its own that starts the inner kernel and stays its parent.
//! It listens at a Unix socket in a directory that only its user can enter, and hears nobody
//! else's connection. Whoever adopts it holds one: when that closes, however its owner died,
//! the keeper ends the inner kernel and removes its directory; when the inner kernel ends,
//! the keeper closes it.
//!
//! *What to notice*: a spare is only adopted where it [fits](fit): same directory, same
//! library, same compiler, same environment. There is one for each user, and it ends with
//! the server whose kernel asked for it, or when nobody wanted it for half an hour.

mod fit;
mod keeper;
mod shelf;

pub(crate) use keeper::keep;

use crate::inner::Inner;
use crate::{Result, sys};
use fit::Fit;
use shelf::Note;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The role that keeps a spare.
pub(crate) const KEEP: &str = "keep-spare";

/// The variable that says how many minutes a spare is kept that nobody adopts; 0: none is
/// prepared or adopted.
const SETTING: &str = "POTOK_SPARE";

/// Without the setting.
const KEPT: Duration = Duration::from_secs(30 * 60);

/// How long after a kernel is ready the next spare is prepared: somebody is at work here,
/// and it takes a processor for some seconds.
const PAUSE: Duration = Duration::from_secs(5);

/// A keeper answers at once, but the machine may be busy.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection to a keeper: as long as it is open, the inner kernel lives.
#[derive(Debug)]
pub(crate) struct Lease(UnixStream);

impl Lease {
    /// Something to wait for the inner kernel's end by.
    pub(crate) fn ended(&self) -> Result<LeaseEnded> {
        Ok(LeaseEnded(self.0.try_clone()?))
    }

    /// Ends the inner kernel, and waits until nothing is left of it.
    pub(crate) fn end(&self) {
        let _ = self.0.shutdown(Shutdown::Write);
        let _ = self.0.set_read_timeout(Some(Duration::from_secs(10)));
        let _ = (&self.0).read(&mut [0]);
    }
}

/// The end of an adopted kernel.
#[derive(Debug)]
pub(crate) struct LeaseEnded(UnixStream);

impl LeaseEnded {
    /// Waits for it: the keeper says nothing more, it only closes the connection.
    pub(crate) fn wait(mut self) {
        let _ = self.0.read(&mut [0]);
    }
}

/// What a keeper tells the relay that adopts its inner kernel.
#[derive(Debug)]
pub(crate) struct Adopted {
    pub(crate) lease: Lease,
    pub(crate) session: PathBuf,
    pub(crate) mark: String,
}

/// The spare that fits, if there is one; nobody else will get it.
pub(crate) fn adopt(potok: &Path) -> Option<Adopted> {
    kept()?;
    let fit = Fit::of(potok).ok()?;
    let note = Note::claim(|note| note.fit == fit)?;
    let (stream, answer) = ask(&note, "adopt").ok()?;
    let answer: serde_json::Value = serde_json::from_str(&answer).ok()?;
    Some(Adopted {
        lease: Lease(stream),
        session: answer["session"].as_str()?.into(),
        mark: answer["mark"].as_str()?.to_owned(),
    })
}

/// Prepares a spare for the next kernel as soon as this one, `inner`, has been ready for a
/// while. It will end with this process's parent, the server.
pub(crate) fn prepare_later(inner: &Inner, potok: &str) {
    let (ready, potok) = (inner.ready_file(), potok.to_owned());
    let server = sys::parent();
    if kept().is_none() {
        return;
    }
    thread::spawn(move || {
        let session = ready.parent().unwrap_or(&ready).to_owned();
        while !ready.exists() {
            if !session.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(250));
        }
        thread::sleep(PAUSE);
        if let Ok(mut keeper) = start_keeper(&server.to_string(), &potok) {
            let _ = keeper.wait();
        }
    });
}

/// Prepares a spare now. It will end with the process `server`.
pub(crate) fn prepare(server: &str, potok: &str) -> Result<()> {
    if kept().is_some() {
        start_keeper(server, potok)?;
    }
    Ok(())
}

/// The keeper holds nothing of ours open: who reads this program's output must not have to
/// wait for the spare's end.
fn start_keeper(server: &str, potok: &str) -> Result<Child> {
    let mut keeper = Command::new(std::env::current_exe()?);
    keeper.args([KEEP, server, potok]);
    Ok(keeper
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?)
}

/// How long a spare is kept, or nothing where none is wanted.
fn kept() -> Option<Duration> {
    minutes(std::env::var(SETTING).ok().as_deref())
}

fn minutes(setting: Option<&str>) -> Option<Duration> {
    let minutes = match setting.map(str::trim) {
        None | Some("") => return Some(KEPT),
        Some(text) => text.parse::<f64>().ok()?,
    };
    Duration::try_from_secs_f64(minutes * 60.0).ok().filter(|kept| !kept.is_zero())
}

/// Sends a keeper a word; its answer, and the connection.
fn ask(note: &Note, word: &str) -> Result<(UnixStream, String)> {
    let mut stream = UnixStream::connect(&note.socket)?;
    if sys::peer(&stream)? != sys::user() {
        return Err("another user's process listens there".into());
    }
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    stream.write_all(format!("{} {word}\n", note.secret).as_bytes())?;
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer)?;
    stream.set_read_timeout(None)?;
    if answer.is_empty() { Err("no answer".into()) } else { Ok((stream, answer)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_is_in_minutes_and_nought_means_none() {
        assert_eq!(minutes(None), Some(KEPT));
        assert_eq!(minutes(Some("")), Some(KEPT));
        assert_eq!(minutes(Some("90")), Some(Duration::from_secs(5400)));
        assert_eq!(minutes(Some("0.1")), Some(Duration::from_secs(6)));
        assert_eq!(minutes(Some("0")), None);
        assert_eq!(
            minutes(Some("off")),
            None,
            "what is not understood prepares nothing"
        );
        assert_eq!(minutes(Some("-1")), None);
    }
}

//! The role `spare`: the process that holds an inner kernel until somebody adopts it, and
//! from then on until that somebody is gone.

use super::fit::Fit;
use super::shelf::{self, Note};
use super::{ask, kept};
use crate::inner::Inner;
use crate::private::Private;
use crate::relay::{self, secret};
use crate::{Result, sys};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a spare that is no longer wanted may take to end.
const REPLACED: Duration = Duration::from_secs(15);

/// What the keeper's socket is called in its directory.
const SOCKET: &str = "spare";

/// Who connects has the whole line at hand.
const LINE: Duration = Duration::from_secs(10);

/// What a keeper waits for.
#[derive(Debug)]
enum Event {
    /// Somebody came with the secret and holds this connection.
    Adopted(UnixStream),
    /// The relay that adopted the kernel is gone.
    Left,
    /// The server is gone, or another spare is wanted: matters until it is adopted.
    Unwanted,
    /// A signal, or the kernel has ended by itself.
    End,
}

/// Keeps a spare for the library in `potok`, unless there is one. It ends with the
/// process `server`.
pub(crate) fn keep(server: &str, potok: &str) -> Result<()> {
    let Some(kept) = kept() else { return Ok(()) };
    // Before anything is made: no signal meant for a kernel's group, no terminal.
    sys::new_session();
    let ending = sys::Ending::block()?;
    let server = sys::Process::watch(server.parse()?)?;
    let potok_dir = Path::new(potok).canonicalize()?;
    let fit = Fit::of(&potok_dir)?;
    let Some(lock) = the_only_one(fit)? else { return Ok(()) };

    sys::stand_back(true);
    let inner = Inner::start(potok)?;
    let place = Private::new()?;
    let socket = place.dir().join(SOCKET);
    let listener = UnixListener::bind(&socket)?;
    let note = Note { fit, socket, secret: secret() };
    note.leave()?;

    let (events, happened) = channel();
    when(&events, Event::Unwanted, move || server.wait());
    when(&events, Event::End, move || drop(ending.wait()));
    let ended = inner.ended()?;
    when(&events, Event::End, move || ended.wait());
    let (secret, heard) = (note.secret.clone(), events.clone());
    thread::spawn(move || listen(&listener, &secret, &heard));
    let (connection, ready) = (inner.connection().clone(), inner.ready_file());
    thread::spawn(move || {
        // Adopted before that, it gets ready all the same.
        if relay::warm_up(&connection).is_ok() {
            let _ = std::fs::write(ready, "");
        }
    });

    let adopted = wait(&happened, kept, &note);
    note.withdraw();
    // Nobody else is to come.
    drop(place);
    if let Some(mut relay) = adopted {
        sys::stand_back(false);
        let answer = json!({ "session": inner.dir(), "mark": inner.source().mark });
        relay.write_all(format!("{answer}\n").as_bytes())?;
        // From here on another spare may be prepared.
        drop(lock);
        relay.set_read_timeout(None)?;
        // The relay says nothing more; this returns when it is gone.
        let mut other = relay.try_clone()?;
        when(&events, Event::Left, move || drop(other.read(&mut [0])));
        while !matches!(happened.recv(), Ok(Event::Left | Event::End) | Err(_)) {}
        // Closed last, so that the relay can wait until nothing is left.
        drop(inner);
        drop(relay);
    }
    Ok(())
}

/// The lock of the one spare. A spare that does not fit any more is asked to go.
fn the_only_one(fit: Fit) -> Result<Option<File>> {
    let start = Instant::now();
    let mut replaces = false;
    loop {
        if let Some(lock) = shelf::lock()? {
            return Ok(Some(lock));
        }
        match Note::read() {
            Some(note) if note.fit != fit => {
                replaces = true;
                drop(ask(&note, "end"));
            }
            // It has taken its note away and is about to go.
            None if replaces => {}
            _ if start.elapsed() < Duration::from_millis(500) => {}
            // There is one that fits, or is being prepared, or is just being adopted.
            _ => return Ok(None),
        }
        if start.elapsed() > REPLACED {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Sends an event when `wait` returns, in a thread of its own.
fn when(events: &Sender<Event>, event: Event, wait: impl FnOnce() + Send + 'static) {
    let events = events.clone();
    thread::spawn(move || {
        wait();
        let _ = events.send(event);
    });
}

/// Waits for a relay; nothing if the spare has to go without.
fn wait(happened: &Receiver<Event>, kept: Duration, note: &Note) -> Option<UnixStream> {
    let start = Instant::now();
    let mut taken = false;
    loop {
        match happened.recv_timeout(LINE.min(kept)) {
            Ok(Event::Adopted(relay)) => return Some(relay),
            Ok(_) => return None,
            // Who took the note has not come.
            Err(_) if taken => return None,
            Err(_) => {
                if start.elapsed() >= kept {
                    note.withdraw();
                }
                taken = Note::read().as_ref() != Some(note);
            }
        }
    }
}

/// Hears those of this user, and root, who know the secret. The others are left without an
/// answer.
fn listen(listener: &UnixListener, secret: &str, events: &Sender<Event>) {
    for stream in listener.incoming().flatten() {
        if !sys::peer(&stream).is_ok_and(sys::is_welcome) {
            continue;
        }
        let mut line = String::new();
        let heard = stream
            .set_read_timeout(Some(LINE))
            .and_then(|()| BufReader::new((&stream).take(200)).read_line(&mut line));
        if heard.is_err() {
            continue;
        }
        let Some((given, word)) = line.trim_end().split_once(' ') else { continue };
        if given != secret {
            continue;
        }
        let event = match word {
            "adopt" => Event::Adopted(stream),
            "end" => Event::Unwanted,
            _ => continue,
        };
        // The first word counts; there is nobody to hear a second.
        let _ = events.send(event);
        return;
    }
}

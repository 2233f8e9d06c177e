//! Jupyter's side: five sockets of our own, on which nothing that is said can end the relay,
//! delay another client or reach one.
//!
//! ```text
//! accept ── whose is it? ── handshake ── read ─▶ relay
//!  (one a socket)          (a task a connection)  └─ write ◀─ outbox ◀─ relay
//! ```
//!
//! *What to notice*: each connection has a task, and everything of it ends with that task,
//! a panic included. What is kept for a client is bounded in both directions ([`quota`],
//! [`outbox`]), and who uses it up waits or loses by himself.
//!
//! (The `zeromq` crate, which evcxr answers with, panics at handshakes that are cut short,
//! hands an identity that is in use to whoever asks for it next, and waits for subscribers
//! that do not read. A guard in front of it would have to understand all that is below but
//! the writing.)

mod greet;
mod outbox;
mod peer;
mod quota;
mod reader;
mod socket;
mod stream;
#[cfg(test)]
mod tests;
mod tongue;

#[cfg(test)]
pub(super) use tests::read_all;

use super::connection::{Connection, Port};
use super::message::{Message, Signer};
use super::sockets::Link;
use super::zmtp::{MESSAGE, Malformed, Role};
use crate::Result;
use socket::Socket;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver, Sender};

/// How many connections one socket has at most.
const CONNECTIONS: usize = 128;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// How long each part of a message may take to arrive.
const MESSAGE_TIME: Duration = Duration::from_secs(60);

/// How many bytes may wait at one socket for all clients together, before the one that is
/// furthest behind is disconnected.
const WAITING: usize = MESSAGE;

/// How many messages may wait between two tasks of the relay.
const DEPTH: usize = 256;

/// The five sockets that Jupyter connects to.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) shell: Link,
    pub(crate) control: Link,
    pub(crate) stdin: Link,
    pub(crate) iopub: Sender<Message>,
    /// A word for each client that begins to listen to iopub.
    pub(crate) listeners: Receiver<()>,
}

impl Front {
    /// Opens them.
    pub(crate) async fn bind(connection: &Connection) -> Result<Self> {
        let signer = Signer::jupyter(&connection.key);
        let open = async |port, role, heard| {
            Socket::bind(&connection.address(port), port, role, heard).await
        };
        let router = async |port| -> Result<Link> {
            let (to, from) = mpsc::channel(DEPTH);
            let heard = Heard::Messages(signer.clone(), to);
            let socket = open(port, Role::Router, heard).await?;
            let (to, replies) = mpsc::channel(DEPTH);
            tokio::spawn(send(replies, signer.clone(), socket));
            Ok(Link { from, to })
        };
        open(Port::Heartbeat, Role::Rep, Heard::Beats).await?;
        let (listening, listeners) = mpsc::channel(DEPTH);
        let publisher = open(Port::Iopub, Role::Pub, Heard::Topics(listening)).await?;
        let (iopub, news) = mpsc::channel(DEPTH);
        tokio::spawn(send(news, signer.clone(), publisher));
        Ok(Front {
            shell: router(Port::Shell).await?,
            control: router(Port::Control).await?,
            stdin: router(Port::Stdin).await?,
            iopub,
            listeners,
        })
    }
}

/// Sends what the relay has to say.
async fn send(mut messages: Receiver<Message>, signer: Signer, socket: Arc<Socket>) {
    while let Some(message) = messages.recv().await {
        let bulk = message.is_bulk();
        socket.send(signer.seal(message), bulk);
    }
}

/// What becomes of what clients say.
enum Heard {
    /// Goes to the relay, if it is signed.
    Messages(Signer, Sender<Message>),
    /// Subscriptions; a new one is told.
    Topics(Sender<()>),
    /// Goes back to where it came from.
    Beats,
}

impl fmt::Debug for Heard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the key.
        out.write_str(match self {
            Heard::Messages(..) => "Messages",
            Heard::Topics(_) => "Topics",
            Heard::Beats => "Beats",
        })
    }
}

/// Why a connection ended.
#[derive(Debug)]
enum Ended {
    /// The client has closed it.
    Left,
    Malformed(Malformed),
    /// It began to say something and did not end.
    Slow,
    Identity,
    /// It has subscribed to more topics than anybody needs.
    Topics,
    /// It was furthest behind when too much waited.
    Behind,
    /// The relay itself ends.
    Done,
}

impl Ended {
    /// Whether its user should know.
    fn is_worth_a_word(&self) -> bool {
        !matches!(self, Ended::Left | Ended::Done)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Left | Ended::Done => out.write_str("it has left"),
            Ended::Malformed(malformed) => malformed.fmt(out),
            Ended::Slow => out.write_str("it has not finished what it began to say"),
            Ended::Identity => out.write_str("its identity is another client's"),
            Ended::Topics => out.write_str("it has subscribed to too many topics"),
            Ended::Behind => {
                out.write_str("it does not read, and too much waits for it")
            }
        }
    }
}

impl From<Malformed> for Ended {
    fn from(malformed: Malformed) -> Self {
        Ended::Malformed(malformed)
    }
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Ended::Left
    }
}

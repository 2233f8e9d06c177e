//! The sockets, each with tasks of its own; the rest of the relay sees channels.
//!
//! Jupyter connects to the front; behind, we connect to evcxr. There shell and stdin
//! share one identity: evcxr asks for input by the identity that a request came with.

use super::connection::{Address, Connection, Port};
use super::message::{Message, Signer};
use crate::Result;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::sleep;
use zeromq::util::PeerIdentity;
use zeromq::{
    DealerSocket, RepSocket, RouterSocket, Socket, SocketOptions, SocketRecv,
    SocketSend, SubSocket, XPubSocket, ZmqMessage,
};

/// How many messages may wait between two tasks before the faster one waits too.
const DEPTH: usize = 256;

/// One socket's messages: those that come, and the way for those that go.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: Receiver<Message>,
    pub(crate) to: Sender<Message>,
}

/// Jupyter's side.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) shell: Link,
    pub(crate) control: Link,
    pub(crate) stdin: Link,
    pub(crate) iopub: Sender<Message>,
    /// A word for each client that begins to listen to iopub.
    pub(crate) listeners: Receiver<()>,
}

/// evcxr's side.
#[derive(Debug)]
pub(crate) struct Back {
    pub(crate) shell: Link,
    pub(crate) control: Link,
    pub(crate) stdin: Link,
    pub(crate) iopub: Receiver<Message>,
}

impl Front {
    /// Opens the five sockets that Jupyter will connect to.
    pub(crate) async fn bind(connection: &Connection) -> Result<Self> {
        let signer = Signer::jupyter(&connection.key);
        let router = async |port| -> Result<Link> {
            let socket: RouterSocket = bound(connection, port).await?;
            let (to, from) = socket.split();
            Ok(Link { from: receive(from, &signer), to: send(to, &signer) })
        };
        let heartbeat: RepSocket = bound(connection, Port::Heartbeat).await?;
        tokio::spawn(echo(heartbeat));
        let iopub: XPubSocket = bound(connection, Port::Iopub).await?;
        let (to, published) = mpsc::channel(DEPTH);
        let (listening, listeners) = mpsc::channel(DEPTH);
        tokio::spawn(publish(iopub, signer.clone(), published, listening));
        Ok(Front {
            shell: router(Port::Shell).await?,
            control: router(Port::Control).await?,
            stdin: router(Port::Stdin).await?,
            iopub: to,
            listeners,
        })
    }
}

impl Back {
    /// Connects to an inner kernel, as soon as it listens.
    pub(crate) async fn connect(connection: &Connection) -> Result<Self> {
        let signer = Signer::evcxr(&connection.key);
        let identity = PeerIdentity::new();
        let dealer = async |port| -> Result<Link> {
            let mut options = SocketOptions::default();
            options.peer_identity(identity.clone());
            let mut socket = DealerSocket::with_options(options);
            listens(connection, port).await;
            socket.connect(&connection.address(port).to_string()).await?;
            let (to, from) = socket.split();
            Ok(Link { from: receive(from, &signer), to: send(to, &signer) })
        };
        let mut iopub = SubSocket::new();
        iopub.subscribe("").await?;
        listens(connection, Port::Iopub).await;
        iopub.connect(&connection.address(Port::Iopub).to_string()).await?;
        Ok(Back {
            shell: dealer(Port::Shell).await?,
            control: dealer(Port::Control).await?,
            stdin: dealer(Port::Stdin).await?,
            iopub: receive(iopub, &signer),
        })
    }
}

async fn bound<S: Socket>(connection: &Connection, port: Port) -> Result<S> {
    let (mut socket, endpoint) = (S::new(), connection.address(port).to_string());
    socket.bind(&endpoint).await.map_err(|e| format!("{endpoint}: {e}"))?;
    Ok(socket)
}

/// Waits until somebody listens there. (A refused connection would be tried again only
/// after more than a second.)
async fn listens(connection: &Connection, port: Port) {
    let address = connection.address(port);
    let refused = async || match &address {
        Address::Tcp(address) => TcpStream::connect(address).await.is_err(),
        Address::Ipc(path) => UnixStream::connect(path).await.is_err(),
    };
    while refused().await {
        sleep(Duration::from_millis(10)).await;
    }
}

/// Passes on what comes with a valid signature. The rest is dropped.
fn receive(
    mut socket: impl SocketRecv + Send + 'static,
    signer: &Signer,
) -> Receiver<Message> {
    let (signer, (to, from)) = (signer.clone(), mpsc::channel(DEPTH));
    tokio::spawn(async move {
        loop {
            let Ok(frames) = socket.recv().await else {
                // A peer that broke off. When nobody waits for messages any more, end.
                if to.is_closed() {
                    return;
                }
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            if let Some(message) = signer.open(frames)
                && to.send(message).await.is_err()
            {
                return;
            }
        }
    });
    from
}

fn send(
    mut socket: impl SocketSend + Send + 'static,
    signer: &Signer,
) -> Sender<Message> {
    let (signer, (to, mut from)) = (signer.clone(), mpsc::channel(DEPTH));
    tokio::spawn(async move {
        while let Some(message) = from.recv().await {
            // A client that has gone gets no answer.
            let _ = socket.send(signer.seal(message)).await;
        }
    });
    to
}

/// Publishes, and tells of each new listener.
async fn publish(
    mut socket: XPubSocket,
    signer: Signer,
    mut published: Receiver<Message>,
    listening: Sender<()>,
) {
    const SUBSCRIBE: u8 = 1;
    loop {
        tokio::select! {
            message = published.recv() => {
                let Some(message) = message else { return };
                let _ = socket.send(signer.seal(message)).await;
            }
            frames = socket.recv() => {
                let frames: Option<ZmqMessage> = frames.ok();
                let first = frames.as_ref().and_then(|frames| frames.get(0)?.first());
                if first == Some(&SUBSCRIBE) {
                    let _ = listening.try_send(());
                }
            }
        }
    }
}

/// The heartbeat: what comes is sent back.
async fn echo(mut socket: RepSocket) {
    loop {
        match socket.recv().await {
            Ok(frames) => {
                let _ = socket.send(frames).await;
            }
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

//! The sockets behind, which connect to evcxr's, each with tasks of its own; the rest of the
//! relay sees channels.
//!
//! *What to notice*: shell and stdin share one identity, since evcxr asks for input by the
//! identity that a request came with.

use super::connection::{Address, Connection, Port};
use super::message::{Message, Signer};
use crate::Result;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::sleep;
use zeromq::util::PeerIdentity;
use zeromq::{
    DealerSocket, Socket, SocketOptions, SocketRecv, SocketSend, SubSocket, ZmqMessage,
};

/// How many messages may wait between two tasks before the faster one waits too.
const DEPTH: usize = 256;

/// One socket's messages: those that come, and the way for those that go.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: Receiver<Message>,
    pub(crate) to: Sender<Message>,
}

/// evcxr's side.
#[derive(Debug)]
pub(crate) struct Back {
    pub(crate) shell: Link,
    pub(crate) control: Link,
    pub(crate) stdin: Link,
    pub(crate) iopub: Receiver<Message>,
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
            if let Some(message) = signer.open(frames.into_vec())
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
            // Frames there are: at least the delimiter.
            if let Ok(frames) = ZmqMessage::try_from(signer.seal(message)) {
                // That evcxr has ended is noticed elsewhere.
                let _ = socket.send(frames).await;
            }
        }
    });
    to
}

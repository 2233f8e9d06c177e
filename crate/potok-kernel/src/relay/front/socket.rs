//! One socket: who is connected to it, and a task for each.

use super::greet::greet;
use super::outbox::{Outbox, Parcel, Put, Waiting};
use super::peer::Owner;
use super::quota::{Quota, Shared};
use super::reader::{Incoming, Reader};
use super::stream::{Listener, Stream};
use super::tongue::Tongue;
use super::{CONNECTIONS, Ended, HANDSHAKE, Heard, WAITING};
use crate::Result;
use crate::relay::connection::{Address, Port};
use crate::relay::memory;
use crate::relay::zmtp::{self, Command, Role};
use crate::sync::lock;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// How many topics a client may subscribe to. Jupyter's subscribe to all there are, at once.
const TOPICS: usize = 1024;

/// Frames below this are written together.
const TOGETHER: usize = 64 << 10;

/// One of the five.
#[derive(Debug)]
pub(super) struct Socket {
    name: String,
    role: Role,
    heard: Heard,
    /// Those that are connected, by the identities that they are written to by.
    peers: Mutex<HashMap<Bytes, Arc<Peer>>>,
    /// The number of the last that has no identity of its own.
    last: AtomicU32,
    large: Shared,
    waiting: Waiting,
    tongue: Tongue,
    untold: AtomicBool,
}

#[derive(Debug, Default)]
struct Peer {
    outbox: Outbox,
    topics: Mutex<Vec<Vec<u8>>>,
}

impl Peer {
    fn topics(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        lock(&self.topics)
    }

    fn wants(&self, topic: &[u8]) -> bool {
        self.topics().iter().any(|wanted| topic.starts_with(wanted))
    }
}

impl Socket {
    /// Listens at an address, as long as the runtime lives.
    pub(super) async fn bind(
        address: &Address,
        name: Port,
        role: Role,
        heard: Heard,
    ) -> Result<Arc<Self>> {
        let listener = Listener::bind(address).await?;
        let socket = Arc::new(Socket {
            name: format!("{name:?}").to_lowercase(),
            role,
            heard,
            peers: Mutex::default(),
            last: AtomicU32::new(0),
            large: Shared::new(),
            waiting: Waiting::default(),
            tongue: Tongue::default(),
            untold: AtomicBool::new(false),
        });
        tokio::spawn(Arc::clone(&socket).listen(listener));
        Ok(socket)
    }

    async fn listen(self: Arc<Self>, listener: Listener) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok((stream, owner)) = listener.accept().await else {
                // It has left already, or this process has no descriptor to spare.
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            if !self.admits(owner) {
                continue;
            }
            let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
                self.say(&format!("refuses a client: it has {CONNECTIONS} already"));
                continue;
            };
            let socket = Arc::clone(&self);
            // A panic ends this task and what it holds, and is told by std.
            tokio::spawn(async move {
                let _place = place;
                let ended = socket.serve(&stream).await;
                memory::used();
                if let Err(ended) = ended
                    && ended.is_worth_a_word()
                {
                    socket.say(&format!("drops a client: {ended}"));
                }
            });
        }
    }

    fn admits(&self, owner: Owner) -> bool {
        if owner == Owner::Untold && !self.untold.swap(true, Ordering::Relaxed) {
            self.say(
                "cannot know whose clients connect to it: this system does not tell. On a \
                 machine with other users, use KernelManager.transport=ipc",
            );
        }
        if let Owner::User(user) = owner
            && !owner.is_welcome()
        {
            self.say(&format!("refuses a client: it is user {user}'s"));
        }
        owner.is_welcome()
    }

    /// One connection, from its handshake to its end.
    async fn serve(&self, stream: &Stream) -> Result<(), Ended> {
        let mut reader = Reader::new(stream, Quota::new(self.large.clone()));
        let greeted = timeout(HANDSHAKE, greet(stream, &mut reader, self.role)).await;
        let identity = greeted.map_err(|_| Ended::Slow)??;
        let seat = self.seat(identity)?;
        tokio::select! {
            ended = self.read(&mut reader, &seat) => ended,
            ended = self.write(stream, &seat.peer.outbox) => ended,
        }
    }

    /// Gives a client its place, which nobody else has.
    fn seat(&self, identity: Vec<u8>) -> Result<Seat<'_>, Ended> {
        let identity = if identity.is_empty() || self.role != Role::Router {
            let number = self.last.fetch_add(1, Ordering::Relaxed);
            [&[0], &number.to_be_bytes()[..]].concat()
        } else {
            identity
        };
        let (identity, peer) = (Bytes::from(identity), Arc::new(Peer::default()));
        let mut peers = self.peers();
        if peers.contains_key(&identity) {
            return Err(Ended::Identity);
        }
        peers.insert(identity.clone(), Arc::clone(&peer));
        Ok(Seat { socket: self, identity, peer })
    }

    async fn read(
        &self,
        reader: &mut Reader<'_>,
        seat: &Seat<'_>,
    ) -> Result<(), Ended> {
        loop {
            match reader.next().await? {
                Incoming::Command(body) => {
                    self.command(Command::read(&body)?, &seat.peer)?;
                }
                Incoming::Message(parts) => self.message(parts, seat).await?,
            }
        }
    }

    fn command(&self, command: Command<'_>, peer: &Peer) -> Result<(), Ended> {
        match command {
            Command::Ping(context) => {
                let pong = Bytes::from(zmtp::pong(context));
                peer.outbox.put(&Parcel::command(pong, &self.waiting));
            }
            Command::Subscribe(topic) => {
                let mut topics = peer.topics();
                if !topics.iter().any(|known| known == topic) {
                    if topics.len() >= TOPICS {
                        return Err(Ended::Topics);
                    }
                    topics.push(topic.to_vec());
                }
                if let Heard::Topics(listening) = &self.heard {
                    let _ = listening.try_send(());
                }
            }
            Command::Cancel(topic) => peer.topics().retain(|known| known != topic),
            Command::Error => return Err(Ended::Left),
            Command::Ready(_) | Command::Other => {}
        }
        Ok(())
    }

    async fn message(&self, parts: Vec<Bytes>, seat: &Seat<'_>) -> Result<(), Ended> {
        match &self.heard {
            Heard::Messages(signer, to) => {
                let mut frames = vec![seat.identity.clone()];
                frames.extend(parts);
                match signer.open(frames) {
                    Some(message) => to.send(message).await.map_err(|_| Ended::Done)?,
                    None => self.say("drops a message: it is not signed with the key"),
                }
            }
            Heard::Topics(_) => {
                if let [subscription] = &parts[..] {
                    self.command(Command::of_message(subscription), &seat.peer)?;
                }
            }
            Heard::Beats => {
                seat.peer.outbox.put(&Parcel::new(parts, true, &self.waiting));
            }
        }
        Ok(())
    }

    async fn write(&self, stream: &Stream, outbox: &Outbox) -> Result<(), Ended> {
        let mut bytes = vec![];
        while let Some((parcel, lost)) = outbox.next().await {
            if lost > 0 {
                self.say(&format!(
                    "a client reads again; it has missed {lost} messages"
                ));
            }
            for (flags, frame) in parcel.frames() {
                if let Some(flags) = flags {
                    zmtp::put_head(&mut bytes, flags, frame.len());
                }
                if bytes.len() + frame.len() > TOGETHER {
                    stream.write_all(&bytes).await?;
                    bytes.clear();
                    stream.write_all(frame).await?;
                } else {
                    bytes.extend(&frame[..]);
                }
            }
            if outbox.is_empty() {
                stream.write_all(&bytes).await?;
                bytes.clear();
            }
        }
        Err(Ended::Behind)
    }

    /// Sends a message to whom it is for: the first frame says so. Never waits.
    pub(super) fn send(&self, mut frames: Vec<Bytes>, bulk: bool) {
        let peers = self.peers();
        if self.role == Role::Pub {
            let parcel = Parcel::new(frames, bulk, &self.waiting);
            for peer in peers.values() {
                if parcel.frames.first().is_some_and(|topic| peer.wants(topic)) {
                    self.put(&parcel, peer);
                }
            }
        } else if let Some(peer) = frames.first().and_then(|to| peers.get(to)) {
            frames.remove(0);
            self.put(&Parcel::new(frames, bulk, &self.waiting), peer);
        }
        // A client that has gone gets no answer.
        if self.waiting.bytes() > WAITING
            && let Some(behind) = peers.values().max_by_key(|peer| peer.outbox.size())
            && !behind.outbox.is_empty()
        {
            behind.outbox.close();
        }
    }

    fn put(&self, parcel: &Arc<Parcel>, peer: &Peer) {
        if peer.outbox.put(parcel) == Put::Full {
            self.say("a client does not read: it loses what is too much");
        }
    }

    /// How many clients have shaken hands.
    #[cfg(test)]
    pub(super) fn clients(&self) -> usize {
        self.peers().len()
    }

    fn say(&self, text: &str) {
        self.tongue.say(&format!("{}: {text}", self.name));
    }

    fn peers(&self) -> MutexGuard<'_, HashMap<Bytes, Arc<Peer>>> {
        lock(&self.peers)
    }
}

/// A client's place, free again when dropped.
struct Seat<'a> {
    socket: &'a Socket,
    identity: Bytes,
    peer: Arc<Peer>,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.socket.peers().remove(&self.identity);
    }
}

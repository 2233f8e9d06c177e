//! The sockets as a client meets them, with bytes of the tests' own.

use super::*;
use crate::relay::connection::Connection;
use bytes::Bytes;
use serde_json::json;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// Every wait in these tests ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads these bytes as a connection of a socket does: how many messages they were, or
/// nothing, where they broke the rules.
pub(crate) async fn read_all(role: Role, bytes: &[u8]) -> Option<usize> {
    let (mut client, server) = UnixStream::pair().unwrap();
    client.set_write_timeout(Some(PATIENCE)).unwrap();
    server.set_nonblocking(true).unwrap();
    let stream =
        stream::Stream::Unix(tokio::net::UnixStream::from_std(server).unwrap());
    let bytes = bytes.to_vec();
    let said = std::thread::spawn(move || {
        // It may be refused before it has said all.
        let _ = client.write_all(&bytes);
        let _ = client.shutdown(std::net::Shutdown::Write);
        client
    });
    let listen = async {
        let mut reader =
            reader::Reader::new(&stream, quota::Quota::new(quota::Shared::new()));
        greet::greet(&stream, &mut reader, role).await.ok()?;
        let mut messages = 0;
        loop {
            match reader.next().await {
                Ok(reader::Incoming::Message(_)) => messages += 1,
                Ok(reader::Incoming::Command(body)) => {
                    super::super::zmtp::Command::read(&body).ok()?;
                }
                Err(Ended::Left) => return Some(messages),
                Err(_) => return None,
            }
        }
    };
    let messages = tokio::time::timeout(PATIENCE, listen).await;
    drop(stream);
    drop(said.join().unwrap());
    messages.expect("it does not come to an end")
}

struct Scene {
    front: Front,
    connection: Connection,
    _dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let connection = Connection::private(dir.path()).unwrap();
        let front = Front::bind(&connection).await.unwrap();
        Scene { front, connection, _dir: dir }
    }

    fn connect(&self, port: Port) -> UnixStream {
        let address = self.connection.address(port).to_string();
        let stream =
            UnixStream::connect(address.strip_prefix("ipc://").unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn client(&self, port: Port, kind: &str, identity: &str) -> Client {
        let mut stream = self.connect(port);
        stream.write_all(&hello(kind, identity)).unwrap();
        let mut greeting = [0; 64];
        stream.read_exact(&mut greeting).unwrap();
        assert_eq!((greeting[0], greeting[10]), (0xff, 3));
        assert_eq!(&greeting[12..16], b"NULL");
        let mut client = Client(stream);
        let (flags, body) = client.frame().unwrap();
        assert_eq!((flags, &body[..6]), (4, &b"\x05READY"[..]));
        client
    }

    fn signed(&self, text: &str) -> Vec<Bytes> {
        let content = json!({ "text": text });
        let message = Message::new("execute_request", &"{}".into(), &content);
        Signer::jupyter(&self.connection.key).seal(message)
    }
}

/// A greeting and READY.
fn hello(kind: &str, identity: &str) -> Vec<u8> {
    let mut bytes = super::super::zmtp::signature().to_vec();
    bytes.extend([1]);
    bytes.extend(b"NULL");
    bytes.resize(64, 0);
    let mut body = b"\x05READY\x0bSocket-Type".to_vec();
    body.extend((kind.len() as u32).to_be_bytes());
    body.extend(kind.as_bytes());
    body.extend(b"\x08Identity");
    body.extend((identity.len() as u32).to_be_bytes());
    body.extend(identity.as_bytes());
    bytes.extend([4, body.len() as u8]);
    bytes.extend(body);
    bytes
}

struct Client(UnixStream);

impl Client {
    fn send(&mut self, frames: &[Bytes]) {
        let mut bytes = vec![];
        for (at, frame) in frames.iter().enumerate() {
            let more = u8::from(at + 1 < frames.len());
            bytes.push(2 | more);
            bytes.extend((frame.len() as u64).to_be_bytes());
            bytes.extend(&frame[..]);
        }
        self.0.write_all(&bytes).unwrap();
    }

    /// A frame's flags and body; nothing at the end of the connection.
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut flags = [0];
        match self.0.read(&mut flags) {
            Ok(0) => return None,
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => return None,
            read => assert_eq!(read.unwrap(), 1),
        }
        let mut length = [0; 8];
        let at = if flags[0] & 2 == 0 { 7 } else { 0 };
        self.0.read_exact(&mut length[at..]).unwrap();
        let mut body = vec![0; u64::from_be_bytes(length) as usize];
        self.0.read_exact(&mut body).unwrap();
        Some((flags[0] & !2, body))
    }

    fn message(&mut self) -> Vec<Bytes> {
        let mut parts = vec![];
        loop {
            let (flags, body) = self.frame().expect("the connection ended");
            assert_ne!(flags, 4, "a command");
            parts.push(body.into());
            if flags == 0 {
                return parts;
            }
        }
    }

    fn is_closed(&mut self) -> bool {
        self.frame().is_none()
    }
}

async fn heard(link: &mut Link) -> Message {
    tokio::time::timeout(PATIENCE, link.from.recv()).await.unwrap().unwrap()
}

fn reply(request: &Message, text: &str) -> Message {
    let content = json!({ "text": text });
    Message::new("execute_reply", &request.parts[0], &content).to(&request.route)
}

/// The text in a message as a client gets it.
fn text(frames: &[Bytes]) -> String {
    let content: serde_json::Value =
        serde_json::from_slice(frames.last().unwrap()).unwrap();
    content["text"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_client_gets_its_own_answers() {
    let mut scene = Scene::new().await;
    let mut clients = ["ann", "bob", ""].map(|name| {
        let kind = if name.is_empty() { "REQ" } else { "DEALER" };
        scene.client(Port::Shell, kind, name)
    });
    for (n, client) in clients.iter_mut().enumerate() {
        client.send(&scene.signed(&n.to_string()));
    }
    for _ in 0..3 {
        let request = heard(&mut scene.front.shell).await;
        let asked = request.content()["text"].as_str().unwrap().to_owned();
        scene.front.shell.to.send(reply(&request, &asked)).await.unwrap();
    }
    for (n, client) in clients.iter_mut().enumerate() {
        assert_eq!(text(&client.message()), n.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_in_use_is_nobody_elses_until_its_owner_has_left() {
    let mut scene = Scene::new().await;
    let mut ann = scene.client(Port::Shell, "DEALER", "ann");
    ann.send(&scene.signed("first"));
    let request = heard(&mut scene.front.shell).await;
    let mut thief = scene.client(Port::Shell, "DEALER", "ann");
    assert!(thief.is_closed());
    // Nor is one that the relay gives, which begins with 0.
    let mut thief = scene.client(Port::Shell, "DEALER", "\0\0\0\0\0");
    assert!(thief.is_closed());
    scene.front.shell.to.send(reply(&request, "hers")).await.unwrap();
    assert_eq!(text(&ann.message()), "hers");
    drop(ann);
    let start = Instant::now();
    loop {
        let mut again = scene.client(Port::Shell, "DEALER", "ann");
        again.send(&scene.signed("again"));
        let next = scene.front.shell.from.recv();
        if tokio::time::timeout(Duration::from_millis(100), next).await.is_ok() {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "she cannot come back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_malformed_costs_its_own_connection_alone() {
    let mut scene = Scene::new().await;
    let mut honest = scene.client(Port::Shell, "DEALER", "honest");
    let good = hello("DEALER", "x");
    let mut bad: Vec<Vec<u8>> = vec![
        vec![0],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        hello("PULL", "x"),
        hello("DEALER", "\0x"),
        // A command where the name is longer than the command; the length lies.
        [&good[..64], &[4, 1, 255]].concat(),
        [&good[..64], &[4, 0]].concat(),
        [&good[..64], &[6, 255, 255, 255, 255, 255, 255, 255, 255]].concat(),
        // A message before READY; flags that do not exist; lengths that lie.
        [&good[..64], &[0, 1, 1]].concat(),
        [&good[..], &[0x80, 0]].concat(),
        [&good[..], &[5, 0]].concat(),
        [&good[..], &[2, 0x7f, 255, 255, 255, 255, 255, 255, 255]].concat(),
        // More parts than a message has; a ping that is cut short.
        [&good[..], &[1, 0].repeat(super::super::zmtp::PARTS + 1)].concat(),
        [&good[..], b"\x04\x05\x04PING"].concat(),
    ];
    // Plain security is not offered.
    let mut plain = good.clone();
    plain[12..17].copy_from_slice(b"PLAIN");
    bad.push(plain);
    for bytes in &bad {
        let mut stream = scene.connect(Port::Shell);
        let _ = stream.write_all(bytes);
        let mut rest = vec![];
        let end = stream.read_to_end(&mut rest);
        let reset = |e: &io::Error| e.kind() == io::ErrorKind::ConnectionReset;
        assert!(end.is_ok() || end.as_ref().is_err_and(reset), "{bytes:?}: {end:?}");
    }
    // One that just stops, at each byte of a handshake.
    for cut in 0..good.len() {
        let mut stream = scene.connect(Port::Shell);
        stream.write_all(&good[..cut]).unwrap();
    }
    // Not signed, or not with this key.
    let wrong = Signer::jupyter("other");
    let unsigned = Message::new("execute_request", &"{}".into(), &json!({}));
    honest.send(&wrong.seal(unsigned));
    honest.send(&[Bytes::from("<IDS|MSG>")]);
    honest.send(&scene.signed("on"));
    let request = heard(&mut scene.front.shell).await;
    assert_eq!(request.content()["text"], "on");
    scene.front.shell.to.send(reply(&request, "still here")).await.unwrap();
    assert_eq!(text(&honest.message()), "still here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_get_what_they_asked_for_in_both_spellings() {
    let mut scene = Scene::new().await;
    let subscribers =
        [&b"\x04\x0a\x09SUBSCRIBE"[..], b"\x00\x01\x01", b"\x00\x05\x01none"];
    let mut clients = subscribers.map(|subscription| {
        let mut client = scene.client(Port::Iopub, "SUB", "");
        client.0.write_all(subscription).unwrap();
        client
    });
    for _ in &clients {
        let listens = scene.front.listeners.recv();
        tokio::time::timeout(PATIENCE, listens).await.unwrap().unwrap();
    }
    let message = Message::new("status", &"{}".into(), &json!({ "text": "all" }));
    scene.front.iopub.send(message.clone()).await.unwrap();
    for client in &mut clients[..2] {
        assert_eq!(text(&client.message()), "all");
    }
    // A topic is the beginning of the first frame.
    let topical = message.to(&["none at all".into()]);
    scene.front.iopub.send(topical).await.unwrap();
    assert_eq!(clients[2].message()[0], "none at all");
    clients[2].0.write_all(b"\x04\x0b\x06CANCELnone\x04\x09\x04PING\0\x0aab").unwrap();
    assert_eq!(clients[2].frame(), Some((4, b"\x04PONGab".to_vec())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_loses_his_own_messages_and_delays_nobody() {
    let mut scene = Scene::new().await;
    let mut reader = scene.client(Port::Iopub, "SUB", "");
    let mut idler = scene.client(Port::Iopub, "SUB", "");
    for client in [&mut reader, &mut idler] {
        client.0.write_all(b"\x00\x01\x01").unwrap();
        scene.front.listeners.recv().await.unwrap();
    }
    // More than waits for one client, in text; then how it ended.
    let count = 100;
    for n in 0..=count {
        let (kind, said) = match n {
            _ if n == count => ("status", "end".to_owned()),
            _ => ("stream", format!("{n} {}", "x".repeat(1 << 20))),
        };
        let message = Message::new(kind, &"{}".into(), &json!({ "text": said }));
        let start = Instant::now();
        scene.front.iopub.send(message).await.unwrap();
        assert_eq!(text(&reader.message()), said);
        assert!(start.elapsed() < Duration::from_secs(5), "message {n}");
    }
    // He reads at last: the beginning, and the end that mattered.
    let late = tokio::task::spawn_blocking(move || {
        for n in 0.. {
            let text = text(&idler.message());
            if text == "end" {
                return n;
            }
            assert!(text.starts_with(&format!("{n} ")), "in order");
        }
        0
    });
    let kept = tokio::time::timeout(PATIENCE, late).await.unwrap().unwrap();
    assert!((50..count).contains(&kept), "{kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_heartbeats_that_nobody_reads_stops_only_its_sender() {
    let scene = Scene::new().await;
    let mut flooder = scene.client(Port::Heartbeat, "REQ", "");
    flooder.0.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let flood = [0, 100].iter().chain(&[7; 100]).copied().collect::<Vec<u8>>();
    let mut sent = 0;
    // Until the relay reads no more of it.
    while flooder.0.write_all(&flood.repeat(100)).is_ok() {
        sent += 100;
        assert!(sent < 10_000_000, "it is read for ever");
    }
    let mut honest = scene.client(Port::Heartbeat, "REQ", "");
    for n in 0..100_u8 {
        let start = Instant::now();
        honest.send(&["".into(), vec![n].into()]);
        assert_eq!(honest.message(), [vec![], vec![n]]);
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_only_so_many_connections_and_one_that_goes_makes_room() {
    let mut scene = Scene::new().await;
    let mut clients: Vec<Client> =
        (0..CONNECTIONS).map(|_| scene.client(Port::Shell, "DEALER", "")).collect();
    let mut stream = scene.connect(Port::Shell);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "one too many");
    clients[0].send(&scene.signed("in time"));
    assert_eq!(heard(&mut scene.front.shell).await.content()["text"], "in time");
    clients.pop();
    let start = Instant::now();
    while scene.connect(Port::Shell).read(&mut [0]).unwrap_or(0) == 0 {
        assert!(start.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_version_2_is_served() {
    let mut scene = Scene::new().await;
    let mut stream = scene.connect(Port::Shell);
    let mut hello = super::super::zmtp::signature().to_vec();
    hello[10] = 1;
    // A DEALER called `old`.
    hello.extend(b"\x05\x00\x03old");
    stream.write_all(&hello).unwrap();
    let mut greeting = [0; 14];
    stream.read_exact(&mut greeting).unwrap();
    assert_eq!(greeting[11..], [6, 0, 0], "a ROUTER without an identity");
    let mut client = Client(stream);
    client.send(&scene.signed("old"));
    let request = heard(&mut scene.front.shell).await;
    assert_eq!(request.route, ["old"]);
    scene.front.shell.to.send(reply(&request, "answer")).await.unwrap();
    assert_eq!(text(&client.message()), "answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_100_megabytes_goes_through_and_leaves_nothing() {
    let mut scene = Scene::new().await;
    let mut client = scene.client(Port::Shell, "DEALER", "big");
    let frames = scene.signed(&"x".repeat(100 << 20));
    let sent = tokio::task::spawn_blocking(move || {
        client.send(&frames);
        client
    });
    let request = heard(&mut scene.front.shell).await;
    assert_eq!(request.parts[3].len(), r#"{"text":""}"#.len() + (100 << 20));
    let mut client = sent.await.unwrap();
    scene.front.shell.to.send(request.clone()).await.unwrap();
    let back = tokio::task::spawn_blocking(move || client.message());
    assert_eq!(back.await.unwrap()[5], request.parts[3]);
}

/// How a client of each kind looks that comes and goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_of_a_client_that_has_left() {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::private(dir.path()).unwrap();
    let (address, port) = (connection.address(Port::Heartbeat), Port::Heartbeat);
    let socket = Socket::bind(&address, port, Role::Rep, Heard::Beats).await.unwrap();
    let path = address.to_string();
    let path = path.strip_prefix("ipc://").unwrap();
    let start = Instant::now();
    let mut streams = vec![];
    for _ in 0..50 {
        let mut stream = UnixStream::connect(path).unwrap();
        stream.write_all(&hello("REQ", "")).unwrap();
        streams.push(stream);
    }
    for expected in [50, 0] {
        while socket.clients() != expected {
            assert!(start.elapsed() < PATIENCE, "{} clients", socket.clients());
            tokio::task::yield_now().await;
        }
        streams.clear();
    }
}

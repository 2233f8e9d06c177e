//! What holds for the codec whatever bytes come.

use super::*;
use crate::relay::message::{Message, Signer};
use proptest::collection::vec;
use proptest::prelude::*;

/// What a client said in a real session, frame by frame.
fn said() -> Vec<Vec<u8>> {
    let ready = b"\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0";
    let ping = b"\x04\x09\x04PING\0\x0aab";
    let subscribe = b"\x04\x0c\x09SUBSCRIBEab";
    let mut long = vec![];
    put_head(&mut long, Flags::More, 300);
    long.extend([7; 300]);
    vec![
        ready.to_vec(),
        ping.to_vec(),
        subscribe.to_vec(),
        long,
        b"\x00\x02ab".to_vec(),
    ]
}

/// Bytes that are nearly right: such as were said, with some of them changed.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let changes = vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::sample::select(said()), changes, any::<prop::sample::Index>(), any::<bool>())
        .prop_map(|(mut bytes, changes, end, cut)| {
            for (at, to) in changes {
                let at = at.index(bytes.len());
                bytes[at] = to;
            }
            if cut {
                bytes.truncate(end.index(bytes.len() + 1));
            }
            bytes
        })
}

proptest! {
    /// Reads as the relay does; that it comes to an end is the claim.
    #[test]
    fn whatever_bytes_come_a_head_is_within_the_bounds_or_refused(
        bytes in prop_oneof![vec(any::<u8>(), 0..40), nearly()],
    ) {
        match head(&bytes) {
            Ok(Some(found)) => {
                prop_assert!(found.len == 2 || found.len == 9);
                prop_assert!(found.len <= bytes.len());
                let most =
                    if found.flags == Flags::Command { COMMAND } else { MESSAGE };
                prop_assert!(found.body <= most);
                let body = bytes[found.len..].get(..found.body);
                if let Some(body) = body {
                    let _ = Command::read(body);
                    let _ = Command::of_message(body);
                }
            }
            Ok(None) => prop_assert!(bytes.len() < 9),
            Err(_) => prop_assert!(!bytes.is_empty()),
        }
    }

    #[test]
    fn whatever_a_command_says_it_is_read_or_refused(
        body in prop_oneof![
            vec(any::<u8>(), 0..80),
            nearly().prop_map(|bytes| bytes.get(2..).unwrap_or_default().to_vec()),
        ],
    ) {
        if let Ok(Command::Ready(ready)) = Command::read(&body) {
            prop_assert!(ready.identity.len() <= 255 && ready.identity.first() != Some(&0));
        }
        if let Ok(Command::Ping(context)) = Command::read(&body) {
            prop_assert!(context.len() <= 16);
        }
    }

    #[test]
    fn whatever_greeting_comes_it_is_understood_or_refused(
        signed in any::<[u8; SIGNED]>(),
        rest in vec(any::<u8>(), 0..60),
        head_is_right in any::<bool>(),
    ) {
        let mut signed = signed;
        if head_is_right {
            signed[..10].copy_from_slice(&signature()[..10]);
        }
        if let Ok(version) = version(&signed) {
            prop_assert!(signed[0] == 0xff && signed[10] > 0);
            for role in [Role::Router, Role::Pub, Role::Rep] {
                let identity = version.check(&rest, role).unwrap_or_default();
                prop_assert!(identity <= 255);
            }
        }
    }

    /// What we write is what we would read.
    #[test]
    fn a_head_is_read_as_it_was_written(body in 0..MESSAGE, kind in 0..3) {
        let flags = [Flags::Last, Flags::More, Flags::Command][kind as usize];
        let body = if flags == Flags::Command { body % COMMAND } else { body };
        let mut bytes = vec![];
        put_head(&mut bytes, flags, body);
        let found = head(&bytes).unwrap().unwrap();
        prop_assert_eq!((found.flags, found.body, found.len), (flags, body, bytes.len()));
        for cut in 0..bytes.len() {
            prop_assert_eq!(head(&bytes[..cut]), Ok(None));
        }
    }
}

#[test]
fn what_a_client_really_says_is_understood() {
    let bodies = said().into_iter().map(|bytes| {
        let head = head(&bytes).unwrap().unwrap();
        assert_eq!(bytes.len(), head.len + head.body);
        bytes[head.len..].to_vec()
    });
    let bodies: Vec<Vec<u8>> = bodies.collect();
    let ready = command::Ready { role: b"DEALER", identity: b"" };
    assert_eq!(Command::read(&bodies[0]), Ok(Command::Ready(ready)));
    assert_eq!(Command::read(&bodies[1]), Ok(Command::Ping(b"ab")));
    assert_eq!(Command::read(&bodies[2]), Ok(Command::Subscribe(b"ab")));
    assert_eq!(Command::of_message(b"\x01ab"), Command::Subscribe(b"ab"));
    assert_eq!(Command::of_message(b"\x00"), Command::Cancel(b""));
}

#[test]
fn lengths_and_flags_that_lie_are_refused() {
    let long = |flags: u8, length: u64| {
        head(&[&[flags], &length.to_be_bytes()[..]].concat()).unwrap_err()
    };
    assert_eq!(long(2, u64::MAX), Malformed::Length);
    assert_eq!(long(2, MESSAGE as u64 + 1), Malformed::Length);
    assert_eq!(long(6, COMMAND as u64 + 1), Malformed::Length);
    for flags in [5, 7, 8, 0x80, 0xff] {
        assert_eq!(head(&[flags, 0]), Err(Malformed::Flags), "{flags}");
    }
    // What ended a kernel: a command whose name is longer than the command.
    assert_eq!(Command::read(b"\xff"), Err(Malformed::Command));
    assert_eq!(Command::read(b""), Err(Malformed::Command));
    assert_eq!(
        Command::read(b"\x05READY\x01a\xff\xff\xff\xff"),
        Err(Malformed::Command)
    );
    assert_eq!(
        Command::read(b"\x05READY\x08identity\0\0\0\x01\0"),
        Err(Malformed::Identity)
    );
}

/// The frames of a real message, some of them changed, left out or doubled.
fn nearly_signed() -> impl Strategy<Value = Vec<bytes::Bytes>> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8);
    vec(change, 1..4).prop_map(|changes| {
        let content = serde_json::json!({"code": "1 + 1", "silent": false});
        let request = Message::new("execute_request", &"{}".into(), &content);
        let mut frames = Signer::jupyter("key").seal(request);
        for (frame, byte, how) in changes {
            if frames.is_empty() {
                break;
            }
            let at = frame.index(frames.len());
            match how {
                0 => drop(frames.remove(at)),
                1 => frames.insert(at, frames[at].clone()),
                _ if frames[at].is_empty() => {}
                _ => {
                    let mut changed = frames[at].to_vec();
                    let byte = byte.index(changed.len());
                    changed[byte] ^= 1 << how;
                    frames[at] = changed.into();
                }
            }
        }
        frames
    })
}

proptest! {
    /// What opens has the four parts that were signed, whatever was done to the frames.
    #[test]
    fn a_message_that_was_changed_opens_only_if_its_parts_are_as_they_were(
        frames in nearly_signed(),
    ) {
        let delimiter = frames.iter().position(|frame| frame == "<IDS|MSG>");
        if let Some(message) = Signer::jupyter("key").open(frames.clone()) {
            prop_assert_eq!(message.kind(), "execute_request");
            let content = message.content();
            prop_assert_eq!(content["code"].as_str(), Some("1 + 1"));
            prop_assert_eq!(Some(message.route.len()), delimiter);
        }
        // Without a key nothing is signed; what is in it is read or not, without a panic.
        if let Some(message) = Signer::jupyter("").open(frames) {
            let _ = (message.kind(), message.id(), message.parent_id(), message.content());
            let _ = (message.is_about_the_relays_own(), message.is_bulk());
        }
    }
}

//! Sessions as they were recorded, and mutants of them: whatever comes, the relay reads on
//! or ends the connection, and answers or passes on what was asked.
//!
//! The files hold what `jupyter_client` said at each socket of a kernel, from the handshake
//! on: cells, completion, inspection, history, an answer to a question, an interrupt, a
//! shutdown. They were recorded between the two and are as they came.

use super::front::read_all;
use super::history::History;
use super::hub::answers;
use super::message::{Message, Signer};
use super::zmtp::{Role, head};
use super::{assist, current::Current};
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

const SOCKETS: [(Role, &[u8]); 5] = [
    (Role::Router, include_bytes!("shell")),
    (Role::Pub, include_bytes!("iopub")),
    (Role::Router, include_bytes!("stdin")),
    (Role::Router, include_bytes!("control")),
    (Role::Rep, include_bytes!("hb")),
];

/// How long a greeting is, before the first frame.
const GREETING: usize = 64;

/// One change to a recording.
#[derive(Clone, Debug)]
enum Change {
    Byte(Index, u8),
    Bit(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
    Remove(Index, Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let change = prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, to)| Change::Byte(at, to)),
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Change::Bit(at, bit)),
        1 => at().prop_map(Change::Cut),
        2 => (at(), vec(any::<u8>(), 1..20)).prop_map(|(at, new)| Change::Insert(at, new)),
        1 => (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Change::Remove(from, to)),
    ];
    vec(change, 0..6)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(length), to.index(length));
            from.min(to)..from.max(to)
        };
        match change {
            Change::Byte(at, to) => bytes[at.index(length)] = *to,
            Change::Bit(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Change::Cut(at) => bytes.truncate(at.index(length)),
            Change::Insert(at, new) => {
                let at = at.index(length);
                bytes.splice(at..at, new.iter().copied());
            }
            Change::Repeat(from, to) => {
                let again = bytes[range(from, to)].to_vec();
                bytes.extend(again);
            }
            Change::Remove(from, to) => drop(bytes.drain(range(from, to))),
        }
    }
    bytes
}

/// The messages of a recording, with their signatures.
fn messages(recorded: &[u8]) -> Vec<Vec<Bytes>> {
    let (mut messages, mut parts) = (vec![], vec![]);
    let mut rest = &recorded[GREETING..];
    while let Some(head) = head(rest).unwrap() {
        let (frame, after) = rest.split_at(head.len + head.body);
        let body = Bytes::copy_from_slice(&frame[head.len..]);
        rest = after;
        match frame[0] & 5 {
            0 => {
                parts.push(body);
                messages.push(std::mem::take(&mut parts));
            }
            1 => parts.push(body),
            // A command.
            _ => {}
        }
    }
    messages
}

/// The requests of all recordings, their signatures left out of account.
fn requests() -> Vec<Message> {
    let all = SOCKETS.iter().flat_map(|(_, recorded)| messages(recorded));
    all.filter_map(|frames| Signer::jupyter("").open(frames)).collect()
}

/// What the relay does with a request before evcxr gets it.
fn handle(request: &Message) {
    let _ = (request.is_bulk(), request.is_about_the_relays_own(), request.metadata());
    let mut history = History::default();
    history.note(1, "let cups = vec![1, 2, 3];");
    if let Some((kind, content)) = answers::own(request, &json!({}), &history) {
        assert!(kind.ends_with("_reply"), "{kind}");
        assert!(content.is_object());
    }
    let _ = assist::own_answer(request, &history, true);
    let passed_on = assist::to_evcxr(request.clone());
    assert_eq!(passed_on.parts[..3], request.parts[..3]);
    let current = Current::new(request.clone(), false, 0);
    assert_eq!(current.number().is_some(), request.kind() == "execute_request");
    Signer::evcxr("key").seal(passed_on);
}

#[test]
fn what_was_recorded_is_understood() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap();
    for (role, recorded) in SOCKETS {
        let read = runtime.block_on(read_all(role, recorded));
        assert_eq!(read.unwrap(), messages(recorded).len(), "{role:?}");
    }
    let kinds: Vec<String> = requests().iter().map(Message::kind).collect();
    for kind in [
        "execute_request",
        "complete_request",
        "inspect_request",
        "is_complete_request",
        "history_request",
        "comm_info_request",
        "kernel_info_request",
        "input_reply",
        "interrupt_request",
        "shutdown_request",
    ] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} is not recorded");
    }
    requests().iter().for_each(handle);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// That it comes to an end, without a panic, is the claim; and that nobody is heard more
    /// often than he spoke.
    #[test]
    fn a_mutant_of_a_session_is_read_to_its_end_or_refused(
        socket in 0..SOCKETS.len(),
        changes in changes(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let (role, recorded) = SOCKETS[socket];
        let bytes = changed(recorded.to_vec(), &changes);
        if let Some(said) = runtime.unwrap().block_on(read_all(role, &bytes)) {
            prop_assert!(said <= bytes.len() / 2);
        }
    }

    #[test]
    fn a_mutant_of_a_request_is_answered_or_passed_on(
        which in any::<Index>(),
        part in 0..4_usize,
        changes in changes(),
    ) {
        let mut request = which.get(&requests()).clone();
        let bytes = changed(request.parts[part].to_vec(), &changes);
        request.parts[part] = bytes.into();
        handle(&request);
    }
}

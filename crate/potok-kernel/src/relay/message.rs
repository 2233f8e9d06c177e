//! A message on the wire: whom it goes to, a signature, and JSON parts.
//!
//! *What to notice*: the parts are passed on as the bytes that came. Only the signature is
//! made anew, with the other side's key.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

const DELIMITER: &[u8] = b"<IDS|MSG>";

/// How many parts every message has: header, parent's header, metadata, content. What
/// follows are raw buffers, which the protocol does not sign.
const JSON_PARTS: usize = 4;

/// A message whose signature was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The identities that sockets route by.
    pub(crate) route: Vec<Bytes>,
    pub(crate) parts: Vec<Bytes>,
}

impl Message {
    /// A message of the kernel's own, an answer to a request with this header.
    pub(crate) fn new(kind: &str, parent: &Bytes, content: &Value) -> Self {
        let session = serde_json::from_slice::<Value>(parent)
            .map_or(Value::Null, |header| header["session"].clone());
        let header = json!({
            "msg_id": Uuid::new_v4().to_string(),
            "msg_type": kind,
            "session": session.as_str().unwrap_or_default(),
            "username": "kernel",
            "date": date(),
            "version": "5.3",
        });
        Message {
            route: vec![],
            parts: vec![
                header.to_string().into(),
                parent.clone(),
                "{}".into(),
                content.to_string().into(),
            ],
        }
    }

    /// The header; of a header that is no JSON, nothing.
    pub(crate) fn header(&self) -> Value {
        serde_json::from_slice(&self.parts[0]).unwrap_or_default()
    }

    /// What kind of message it is, such as `execute_request`.
    pub(crate) fn kind(&self) -> String {
        self.header()["msg_type"].as_str().unwrap_or_default().to_owned()
    }

    /// Its id.
    pub(crate) fn id(&self) -> String {
        self.header()["msg_id"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it answers a request that the relay made itself: those have no session.
    pub(crate) fn is_about_the_relays_own(&self) -> bool {
        let parent: Value = serde_json::from_slice(&self.parts[1]).unwrap_or_default();
        parent["msg_id"].is_string() && parent["session"] == ""
    }

    /// The id of the request that it belongs to.
    pub(crate) fn parent_id(&self) -> String {
        let parent: Value = serde_json::from_slice(&self.parts[1]).unwrap_or_default();
        parent["msg_id"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is text or a picture: what a client that is far behind can do without.
    pub(crate) fn is_bulk(&self) -> bool {
        matches!(&*self.kind(), "stream" | "display_data" | "update_display_data")
    }

    /// What a client says beside the content.
    pub(crate) fn metadata(&self) -> Value {
        serde_json::from_slice(&self.parts[2]).unwrap_or_default()
    }

    pub(crate) fn content(&self) -> Value {
        serde_json::from_slice(&self.parts[3]).unwrap_or_default()
    }

    /// The same message with another content.
    #[must_use]
    pub(crate) fn with_content(mut self, content: &Value) -> Self {
        self.parts[3] = content.to_string().into();
        self
    }

    /// The same message as one of another kind.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: &str) -> Self {
        let mut header = self.header();
        header["msg_type"] = kind.into();
        self.parts[0] = header.to_string().into();
        self
    }

    /// The same message to somebody else.
    #[must_use]
    pub(crate) fn to(self, route: &[Bytes]) -> Self {
        Message { route: route.to_vec(), ..self }
    }
}

/// Signs and checks with one key; without a key there are no signatures.
#[derive(Clone)]
pub(crate) struct Signer {
    hmac: Option<Hmac<Sha256>>,
    /// evcxr signs raw buffers too.
    buffers: bool,
}

impl Signer {
    /// For Jupyter's side.
    pub(crate) fn jupyter(key: &str) -> Self {
        Signer::new(key, false)
    }

    /// For evcxr's side.
    pub(crate) fn evcxr(key: &str) -> Self {
        Signer::new(key, true)
    }

    fn new(key: &str, buffers: bool) -> Self {
        let hmac = Hmac::new_from_slice(key.as_bytes()).ok();
        Signer { hmac: hmac.filter(|_| !key.is_empty()), buffers }
    }

    /// Takes a message apart; one without a valid signature is nothing.
    pub(crate) fn open(&self, mut route: Vec<Bytes>) -> Option<Message> {
        let at = route.iter().position(|frame| frame == DELIMITER)?;
        let mut rest = route.split_off(at);
        if rest.len() < 2 + JSON_PARTS {
            return None;
        }
        let parts = rest.split_off(2);
        if let Some(hmac) = &self.hmac {
            let given = from_hex(&rest[1])?;
            self.digest(hmac, &parts).verify_slice(&given).ok()?;
        }
        Some(Message { route, parts })
    }

    /// Puts a message together.
    pub(crate) fn seal(&self, message: Message) -> Vec<Bytes> {
        let signature = self.hmac.as_ref().map(|hmac| {
            hex(&self.digest(hmac, &message.parts).finalize().into_bytes())
        });
        let mut frames = message.route;
        frames.push(Bytes::from_static(DELIMITER));
        frames.push(signature.unwrap_or_default().into());
        frames.extend(message.parts);
        frames
    }

    fn digest(&self, hmac: &Hmac<Sha256>, parts: &[Bytes]) -> Hmac<Sha256> {
        let mut hmac = hmac.clone();
        let signed = if self.buffers { parts.len() } else { JSON_PARTS };
        for part in &parts[..signed] {
            hmac.update(part);
        }
        hmac
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok())
        .collect()
}

/// Now, as ISO 8601.
fn date() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (now.as_secs() / 86_400, now.as_secs() % 86_400);
    // Years begin in March here, so that a leap day is the last. (Algorithm: Howard
    // Hinnant, "chrono-Compatible Low-Level Date Algorithms", for dates after 1970.)
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
        second / 3600,
        second / 60 % 60,
        second % 60,
        now.subsec_micros()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Message {
        let mut message =
            Message::new("execute_request", &"{}".into(), &json!({"code": "ёж 1 + 1"}));
        message.route = vec!["client".into()];
        message
    }

    #[test]
    fn what_goes_through_has_the_same_bytes() {
        let (front, back) = (Signer::jupyter("one"), Signer::evcxr("two"));
        let message = request();
        let at_the_relay = front.open(front.seal(message.clone())).unwrap();
        let behind = back.open(back.seal(at_the_relay)).unwrap();
        assert_eq!(behind, message);
    }

    #[test]
    fn raw_buffers_are_signed_as_each_side_expects() {
        let mut message = request();
        message.parts.push(Bytes::from_static(&[0, 255]));
        let sealed = Signer::jupyter("k").seal(message.clone());
        assert_eq!(Signer::jupyter("k").open(sealed.clone()), Some(message));
        assert_eq!(Signer::evcxr("k").open(sealed), None);
    }

    #[test]
    fn a_wrong_signature_opens_nothing() {
        let signer = Signer::jupyter("key");
        assert!(signer.open(Signer::jupyter("other").seal(request())).is_none());
        assert!(signer.open(Signer::jupyter("").seal(request())).is_none());
        let mut frames = signer.seal(request());
        frames[6] = r#"{"code": "changed"}"#.into();
        assert!(signer.open(frames).is_none());
        assert!(signer.open(vec!["noise".into()]).is_none());
    }

    #[test]
    fn a_known_signature_is_made() {
        // RFC 4231, test case 2.
        let signer = Signer::jupyter("Jefe");
        let parts = ["what do ya ", "want ", "for ", "nothing?"].map(Bytes::from);
        let sealed = signer.seal(Message { route: vec![], parts: parts.to_vec() });
        let expected =
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sealed[1], expected.as_bytes());
    }

    #[test]
    fn a_date_is_one_that_the_system_agrees_with() {
        let date = date();
        let before = std::process::Command::new("date").args(["-u", "+%F"]).output();
        let before = String::from_utf8(before.unwrap().stdout).unwrap();
        // At midnight they may differ by a day; the year is what could go wrong.
        assert_eq!(date[..4], before[..4]);
        assert_eq!(date.len(), "2026-01-01T00:00:00.000000Z".len());
    }
}

//! Commands: the words between two sockets that are not messages.

use super::frame::{Flags, put_head};
use super::{Malformed, Role, greeting};

/// What a command says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Ready(Ready<'a>),
    /// To be answered with this context.
    Ping(&'a [u8]),
    Subscribe(&'a [u8]),
    Cancel(&'a [u8]),
    /// The other gives up.
    Error,
    /// Nothing that we have to do anything about.
    Other,
}

/// What the other says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready<'a> {
    pub(crate) role: &'a [u8],
    pub(crate) identity: &'a [u8],
}

impl<'a> Command<'a> {
    /// Reads a command's body.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let (name, rest) = short(body)?;
        Ok(match name {
            b"READY" => Command::Ready(properties(rest)?),
            b"PING" => {
                // How long the other will wait, and something to be sent back.
                let context = rest.get(2..).ok_or(Malformed::Command)?;
                if context.len() > 16 {
                    return Err(Malformed::Command);
                }
                Command::Ping(context)
            }
            b"SUBSCRIBE" => Command::Subscribe(rest),
            b"CANCEL" => Command::Cancel(rest),
            b"ERROR" => Command::Error,
            _ => Command::Other,
        })
    }

    /// A subscription that older clients send as a message of one part.
    pub(crate) fn of_message(body: &'a [u8]) -> Self {
        match body.split_first() {
            Some((1, topic)) => Command::Subscribe(topic),
            Some((0, topic)) => Command::Cancel(topic),
            _ => Command::Other,
        }
    }
}

fn properties(mut rest: &[u8]) -> Result<Ready<'_>, Malformed> {
    let mut ready = Ready::default();
    while !rest.is_empty() {
        let (name, after) = short(rest)?;
        let (length, after) = after.split_first_chunk().ok_or(Malformed::Command)?;
        let length = usize::try_from(u32::from_be_bytes(*length));
        let length = length.map_err(|_| Malformed::Command)?;
        let (value, after) =
            after.split_at_checked(length).ok_or(Malformed::Command)?;
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            ready.role = value;
        } else if name.eq_ignore_ascii_case(b"Identity") {
            ready.identity = greeting::identity(value)?;
        }
        rest = after;
    }
    Ok(ready)
}

/// What follows a byte with its length, and the rest.
fn short(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (length, rest) = bytes.split_first().ok_or(Malformed::Command)?;
    rest.split_at_checked((*length).into()).ok_or(Malformed::Command)
}

/// What we say of ourselves, as a frame.
pub(crate) fn ready(role: Role) -> Vec<u8> {
    let mut body = named("READY");
    body.extend(named("Socket-Type"));
    body.extend((role.name().len() as u32).to_be_bytes());
    body.extend(role.name().as_bytes());
    framed(&body)
}

/// The answer to a ping, as a frame.
pub(crate) fn pong(context: &[u8]) -> Vec<u8> {
    let mut body = named("PONG");
    body.extend(context);
    framed(&body)
}

fn named(name: &'static str) -> Vec<u8> {
    // Our own names are short.
    let mut bytes = vec![name.len() as u8];
    bytes.extend(name.as_bytes());
    bytes
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![];
    put_head(&mut frame, Flags::Command, body.len());
    frame.extend(body);
    frame
}

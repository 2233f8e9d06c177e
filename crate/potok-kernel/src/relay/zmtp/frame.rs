//! Frames: a byte of flags, a length, a body.

use super::{COMMAND, MESSAGE, Malformed};

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMANDS: u8 = 4;

/// The longest body whose length takes one byte.
pub(super) const SHORT: usize = 255;

/// How long the part before a body can be.
pub(crate) const LONGEST_HEAD: usize = 9;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flags {
    /// A message's last part.
    Last,
    /// A part that others follow.
    More,
    /// A word between the sockets.
    Command,
}

/// The part of a frame before its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) flags: Flags,
    /// Its own length.
    pub(crate) len: usize,
    /// The body's.
    pub(crate) body: usize,
}

/// The head that `bytes` begin with, if all of it is there.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
    let Some(&flags) = bytes.first() else { return Ok(None) };
    let kind = match flags & !LONG {
        0 => Flags::Last,
        MORE => Flags::More,
        COMMANDS => Flags::Command,
        _ => return Err(Malformed::Flags),
    };
    let (len, body) = if flags & LONG == 0 {
        let Some(&body) = bytes.get(1) else { return Ok(None) };
        (2, u64::from(body))
    } else {
        let Some(body) = bytes.get(1..).and_then(<[u8]>::first_chunk) else {
            return Ok(None);
        };
        (LONGEST_HEAD, u64::from_be_bytes(*body))
    };
    let most = if kind == Flags::Command { COMMAND } else { MESSAGE };
    match usize::try_from(body) {
        Ok(body) if body <= most => Ok(Some(Head { flags: kind, len, body })),
        _ => Err(Malformed::Length),
    }
}

/// Writes the head of a frame.
pub(crate) fn put_head(out: &mut Vec<u8>, flags: Flags, body: usize) {
    let flags = match flags {
        Flags::Last => 0,
        Flags::More => MORE,
        Flags::Command => COMMANDS,
    };
    match u8::try_from(body) {
        Ok(body) => out.extend([flags, body]),
        Err(_) => {
            out.push(flags | LONG);
            out.extend((body as u64).to_be_bytes());
        }
    }
}

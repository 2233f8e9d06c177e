//! ZMTP 3.1, a server's side of it without security: what bytes on a connection mean.
//!
//! *What to notice*: nothing here reads or waits. Each function is given the bytes that are
//! there and says what they are, that there are too few, or why they are none of the
//! protocol; none of them can panic or ask for memory that the bytes have not earned.
//! (Source: ZeroMQ's RFC 23 and 37; for clients before libzmq 4, RFC 15.)

mod command;
mod frame;
mod greeting;
#[cfg(test)]
mod laws;

pub(super) use command::{Command, pong, ready};
pub(super) use frame::{Flags, head, put_head};
pub(super) use greeting::{Role, SIGNED, Version, identity, rest, signature, version};

use std::fmt;

/// The most bytes that one message may have, all its parts together: a cell of 100 MB, with
/// each tenth character escaped, and its pictures.
pub(super) const MESSAGE: usize = 256 << 20;

/// The most parts of one message. Jupyter's have seven, and one for each raw buffer.
pub(super) const PARTS: usize = 1024;

/// The most bytes of a command.
pub(super) const COMMAND: usize = 1 << 10;

/// Why bytes are none of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    Signature,
    Version,
    Mechanism,
    Role,
    Flags,
    Length,
    Command,
    Identity,
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Malformed::Signature => "it does not begin as ZeroMQ does",
            Malformed::Version => "it speaks a version of ZMTP before 2.0",
            Malformed::Mechanism => "it wants another mechanism than NULL",
            Malformed::Role => "a socket of its kind has no business here",
            Malformed::Flags => "a frame has flags that do not exist",
            Malformed::Length => "a message is longer than the relay takes",
            Malformed::Command => "a command is cut short or out of place",
            Malformed::Identity => {
                "its identity is longer than 255 bytes or begins with 0"
            }
        })
    }
}

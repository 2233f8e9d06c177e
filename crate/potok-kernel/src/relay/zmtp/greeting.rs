//! What both sides say first: that this is ZeroMQ, which version, which mechanism.

use super::{Malformed, frame};

/// How many bytes say which version follows.
pub(crate) const SIGNED: usize = 11;

/// What version 3 says after them.
const REST: usize = 53;

/// What version 2 says after them: the kind of socket, and an identity's length.
pub(crate) const OLD_REST: usize = 3;

/// How the two sides go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Of libzmq 3: the kind of socket and an identity follow.
    Two,
    /// A mechanism follows, and commands.
    Three,
}

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Router,
    Pub,
    Rep,
}

impl Role {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Router => "ROUTER",
            Role::Pub => "PUB",
            Role::Rep => "REP",
        }
    }

    /// Whether a socket of that name can talk to it.
    pub(crate) fn suits(self, other: &[u8]) -> bool {
        match self {
            Role::Router => [&b"DEALER"[..], b"REQ", b"ROUTER"].contains(&other),
            Role::Pub => [&b"SUB"[..], b"XSUB"].contains(&other),
            Role::Rep => [&b"REQ"[..], b"DEALER"].contains(&other),
        }
    }

    /// The numbers that version 2 has for the names.
    fn number(self) -> u8 {
        match self {
            Role::Pub => 1,
            Role::Rep => 4,
            Role::Router => 6,
        }
    }

    fn suits_number(self, other: u8) -> bool {
        let names = ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER"];
        let names = names.into_iter().chain(["PULL", "PUSH", "XPUB", "XSUB"]);
        let name = names.into_iter().nth(other.into());
        name.is_some_and(|name| self.suits(name.as_bytes()))
    }
}

/// What we say before we know the other's version.
pub(crate) fn signature() -> [u8; SIGNED] {
    let mut bytes = [0; SIGNED];
    (bytes[0], bytes[8], bytes[9], bytes[10]) = (0xff, 1, 0x7f, 3);
    bytes
}

/// The other's version.
pub(crate) fn version(bytes: &[u8; SIGNED]) -> Result<Version, Malformed> {
    // A client of version 1 begins with the length of its identity instead.
    if bytes[0] != 0xff || bytes[9] & 1 == 0 {
        return Err(Malformed::Signature);
    }
    match bytes[10] {
        0 => Err(Malformed::Version),
        1 | 2 => Ok(Version::Two),
        _ => Ok(Version::Three),
    }
}

/// What we say next.
pub(crate) fn rest(version: Version, role: Role) -> Vec<u8> {
    match version {
        Version::Two => {
            // No identity: an empty frame.
            vec![role.number(), 0, 0]
        }
        Version::Three => {
            let mut bytes = vec![0; REST];
            bytes[0] = 1;
            bytes[1..5].copy_from_slice(b"NULL");
            bytes
        }
    }
}

impl Version {
    /// How many bytes the other says next, before anything of variable length.
    pub(crate) fn rest(self) -> usize {
        match self {
            Version::Two => OLD_REST,
            Version::Three => REST,
        }
    }

    /// Checks what the other said next; how long the identity is that follows, in version 2.
    pub(crate) fn check(self, rest: &[u8], role: Role) -> Result<usize, Malformed> {
        match (self, rest) {
            (Version::Two, [kind, flags, length]) => {
                if !role.suits_number(*kind) {
                    return Err(Malformed::Role);
                }
                // One frame with a short length.
                if *flags != 0 {
                    return Err(Malformed::Identity);
                }
                Ok(usize::from(*length))
            }
            (Version::Three, [_minor, mechanism @ ..]) if mechanism.len() >= 20 => {
                let (name, padding) = mechanism[..20].split_at(4);
                if name != b"NULL" || padding.iter().any(|byte| *byte != 0) {
                    return Err(Malformed::Mechanism);
                }
                Ok(0)
            }
            _ => Err(Malformed::Signature),
        }
    }
}

/// The identity that a client has given itself, checked.
pub(crate) fn identity(bytes: &[u8]) -> Result<&[u8], Malformed> {
    // Those that begin with 0 are the ones that we give.
    if bytes.len() > frame::SHORT || bytes.first() == Some(&0) {
        return Err(Malformed::Identity);
    }
    Ok(bytes)
}

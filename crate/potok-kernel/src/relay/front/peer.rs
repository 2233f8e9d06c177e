//! Who is at the other end of a connection, before a byte of it is believed.
//!
//! *What to notice*: the system tells who made a Unix socket. Of a TCP connection on this
//! machine Linux lists both ends, each with its user; a socket that its process has closed
//! is listed as root's, so only one that is still open counts.

use std::net::{IpAddr, SocketAddr};

/// Whose socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    User(u32),
    /// It is closed already, or not on this machine.
    Nobody,
    /// The system does not say.
    Untold,
}

impl Owner {
    /// Whether it may talk to this kernel.
    pub(super) fn is_welcome(self) -> bool {
        match self {
            Owner::User(user) => crate::sys::is_welcome(user),
            Owner::Nobody => false,
            Owner::Untold => true,
        }
    }
}

/// Where Linux lists connections.
const LISTS: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

/// How often to look: a list that changes while it is read may leave out an entry.
const LOOKS: usize = 3;

/// The owner of the socket at `from` that is connected to `here`.
pub(super) fn of_tcp(from: SocketAddr, here: SocketAddr) -> Owner {
    for _ in 0..LOOKS {
        let mut told = false;
        for list in LISTS {
            let Ok(list) = std::fs::read_to_string(list) else { continue };
            told = true;
            if let Some(owner) = list.lines().find_map(|line| owner(line, from, here)) {
                return owner;
            }
        }
        if !told {
            return Owner::Untold;
        }
    }
    Owner::Nobody
}

/// The owner that a line tells of, if it is about this connection.
fn owner(line: &str, from: SocketAddr, here: SocketAddr) -> Option<Owner> {
    const ESTABLISHED: &str = "01";
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
    let mut fields = fields.skip(3);
    let (user, _, inode) = (fields.next()?, fields.next()?, fields.next()?);
    if address(local)? != plain(from) || address(remote)? != plain(here) {
        return None;
    }
    let is_open = state == ESTABLISHED && inode != "0";
    Some(match user.parse() {
        Ok(user) if is_open => Owner::User(user),
        _ => Owner::Nobody,
    })
}

/// An address as the list spells it: `0100007F:C350`.
fn address(text: &str) -> Option<(IpAddr, u16)> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Each word of four bytes is printed as a number.
    let mut bytes = vec![];
    for at in (0..ip.len()).step_by(8) {
        let word = u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip: IpAddr = match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok()?.into(),
        16 => <[u8; 16]>::try_from(bytes).ok()?.into(),
        _ => return None,
    };
    Some((ip.to_canonical(), port))
}

fn plain(address: SocketAddr) -> (IpAddr, u16) {
    (address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_line_of_the_list_is_read() {
        let line = "  1: 0100007F:C350 0100007F:9C40 01 00000000:00000000 00:00000000 \
                    00000000  1000        0 4711 1 0000000000000000 20 4 30 10 -1";
        let (from, here) =
            ("127.0.0.1:50000".parse().unwrap(), "127.0.0.1:40000".parse().unwrap());
        if cfg!(target_endian = "little") {
            assert_eq!(owner(line, from, here), Some(Owner::User(1000)));
            assert_eq!(owner(line, here, from), None, "the other end's line");
            let orphan = line.replace("1000 ", "0 ").replace("4711", "0");
            assert_eq!(owner(&orphan, from, here), Some(Owner::Nobody));
            let mapped = "[::ffff:127.0.0.1]:50000".parse().unwrap();
            assert_eq!(owner(line, mapped, here), Some(Owner::User(1000)));
        }
        assert_eq!(owner("  sl  local_address rem_address   st", from, here), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_owner_of_an_open_socket_is_known_and_a_closed_one_has_none() {
        for ip in ["127.0.0.1", "::1"] {
            let Ok(listener) = TcpListener::bind((ip, 0)) else { continue };
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, from) = listener.accept().unwrap();
            let here = server.local_addr().unwrap();
            assert_eq!(of_tcp(from, here), Owner::User(crate::sys::user()));
            // Half closed: Linux lists it as root's, whoever had it.
            drop(client);
            assert_eq!(of_tcp(from, here), Owner::Nobody);
        }
    }
}

//! Sockets that pass bytes and descriptors between processes.
//!
//! *Claimed*: each descriptor that comes with a message was just made for this process.
//!
//! *Checked*: the tests `processes_between` of `potok`, by AddressSanitizer, and by the standard
//! library, which in debug builds aborts at the second close of a descriptor.

use super::set_nonblocking;
use crate::words;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
    recvmsg, sendmsg, setsockopt, socketpair, sockopt,
};
use potok_base::error::{Error, Result};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// Two connected sockets; ours does not block.
pub(crate) fn socket_pair() -> Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC)
            .map_err(|error| Error::io(words::no_sockets(), &error))?;
    set_nonblocking(&ours)?;
    // A large message should go in one piece; the system allows what it allows.
    let _ = setsockopt(&ours, sockopt::SndBuf, &(2 << 20));
    Ok((ours, theirs))
}

/// Sends once, as much as fits, with descriptors at the head.
pub(crate) fn send(
    socket: &impl AsFd,
    parts: &[IoSlice<'_>],
    fds: &[OwnedFd],
) -> nix::Result<usize> {
    let fds: Vec<i32> = fds.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&fds)];
    let control: &[_] = if fds.is_empty() { &[] } else { &rights };
    let socket = socket.as_fd().as_raw_fd();
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg::<()>(socket, parts, control, flags, None)
}

/// The most descriptors that one message may carry; the system's own limit.
pub(crate) const MOST_FDS: usize = 253;

/// Receives once, as much as there is, with the descriptors that came along.
pub(crate) fn receive(
    socket: &impl AsFd,
    into: &mut [u8],
    fds: &mut Vec<OwnedFd>,
) -> nix::Result<usize> {
    let mut control = nix::cmsg_space!([i32; MOST_FDS]);
    let mut into = [IoSliceMut::new(into)];
    let socket = socket.as_fd().as_raw_fd();
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(socket, &mut into, Some(&mut control), flags)?;
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(received) = part {
            // SAFETY: the system just made these descriptors for us.
            fds.extend(received.iter().map(|&fd| unsafe { OwnedFd::from_raw_fd(fd) }));
        }
    }
    Ok(message.bytes)
}

/// Tells the other side that nothing more will come.
pub(crate) fn send_no_more(socket: &impl AsFd) {
    let socket = socket.as_fd().as_raw_fd();
    let _ = nix::sys::socket::shutdown(socket, nix::sys::socket::Shutdown::Write);
}

/// Two connected sockets that keep messages apart; neither blocks.
pub(crate) fn packet_pair() -> Result<(OwnedFd, OwnedFd)> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let (input, output) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags)
            .map_err(|error| Error::io(words::no_sockets(), &error))?;
    // As much as an ordinary user gets; it is enough for the most that a queue holds.
    let _ = setsockopt(&input, sockopt::SndBuf, &(1 << 20));
    Ok((input, output))
}

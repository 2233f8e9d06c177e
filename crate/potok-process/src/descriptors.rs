//! Descriptors that travel with values: pipe ends, queues and shared memory may be
//! arguments of a function that runs in another process.
//!
//! While a task is turned into bytes, such a value puts its descriptors aside and writes
//! down their places; the message takes them along. On the other side the value takes
//! them out again.

use super::frame;
use crate::words;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::cell::RefCell;
use std::os::fd::OwnedFd;

thread_local! {
    static LEAVING: RefCell<Option<Vec<OwnedFd>>> = const { RefCell::new(None) };
    static ARRIVED: RefCell<Vec<Option<OwnedFd>>> = const { RefCell::new(vec![]) };
}

/// Runs `write`; the descriptors of the values that it writes.
pub(super) fn collect<R>(write: impl FnOnce() -> R) -> (R, Vec<OwnedFd>) {
    let outer = LEAVING.replace(Some(vec![]));
    let result = write();
    (result, LEAVING.replace(outer).unwrap_or_default())
}

/// How many descriptors the values written so far have put aside.
pub(super) fn waiting() -> usize {
    LEAVING.with_borrow(|leaving| leaving.as_ref().map_or(0, Vec::len))
}

/// The descriptors that came with the message whose values are read next.
pub(super) fn arrived(fds: Vec<OwnedFd>) {
    ARRIVED.set(fds.into_iter().map(Some).collect());
}

/// The bytes of a function's arguments, and the descriptors that go with them. The arguments
/// are dropped: our copy of a pipe's end would keep the pipe open.
pub(super) fn pack<A: Serialize>(
    args: A,
) -> potok_base::Result<(Vec<u8>, Vec<OwnedFd>)> {
    let mut bytes = vec![];
    let (written, fds) = collect(|| frame::append_value(&mut bytes, &args));
    written.map(|()| (bytes, fds))
}

/// A descriptor on its way out: put aside, and its place written down.
#[derive(Debug)]
pub(super) struct Leaving<'a>(pub(super) &'a OwnedFd);

/// A descriptor that came along.
#[derive(Debug)]
pub(super) struct Arrived(pub(super) OwnedFd);

impl Serialize for Leaving<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let place = LEAVING.with_borrow_mut(|leaving| {
            let leaving = leaving.as_mut().ok_or(words::only_to_worker())?;
            let copy = self.0.try_clone().map_err(|_| words::no_descriptor())?;
            leaving.push(copy);
            Ok::<u32, &str>(leaving.len() as u32 - 1)
        });
        place.map_err(ser::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Arrived {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let place = u32::deserialize(from)? as usize;
        let fd =
            ARRIVED.with_borrow_mut(|fds| fds.get_mut(place).and_then(Option::take));
        fd.map(Arrived).ok_or_else(|| de::Error::custom(words::no_descriptor_came()))
    }
}

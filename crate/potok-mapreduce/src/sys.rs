//! A key that is a `str` seen as one: generic code has no other way to find out. And a
//! worker that is forked while other threads run.
//!
//! *Claimed*: a reference is copied as another type only where the two are one type; a worker
//! uses nothing that other threads have but what is `Sync`.
//!
//! *Checked*: the unit tests below by Miri and by AddressSanitizer; the fork by the tests
//! `map_reduce_processes` of `potok`, under no tool.
#![allow(unsafe_code, reason = "a type is compared and then taken at its word")]

use potok_base::Result;
use potok_process::{Child, Limits};
use std::any::TypeId;

/// The key as text, if keys of this type are `str`.
#[inline]
pub(super) fn as_str<Q: ?Sized + 'static>(key: &Q) -> Option<&str> {
    if TypeId::of::<Q>() != TypeId::of::<str>() {
        return None;
    }
    // SAFETY: `Q` is `str`, so this copies a reference to the very type that it has, with
    // the lifetime that the signature ties to `key`.
    Some(unsafe { std::mem::transmute_copy::<&Q, &str>(&key) })
}

/// The text as a key, if keys of this type are `str`.
#[inline]
pub(super) fn as_key<Q: ?Sized + 'static>(text: &str) -> Option<&Q> {
    if TypeId::of::<Q>() != TypeId::of::<str>() {
        return None;
    }
    // SAFETY: `Q` is `str`; as above, the other way round.
    Some(unsafe { std::mem::transmute_copy::<&str, &Q>(&text) })
}

/// Runs `serve` in a forked child, also while other threads run.
pub(super) fn fork_worker(limits: Limits, serve: impl FnOnce()) -> Result<Child<()>> {
    // SAFETY: a worker reads its input anew, and calls functions of the job. Those are
    // `Sync`: what they share with other threads is behind a lock or an atomic. A lock that
    // is held stays locked, and the worker ends by the job's deadline. No foreign code is
    // called but the C library's allocator and files, which a child may use.
    unsafe { limits.fork_among_threads(serve) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_text() {
        assert_eq!(as_str("поток"), Some("поток"));
        assert_eq!(as_key::<str>("поток"), Some("поток"));
        assert_eq!(as_str(&5_u64), None);
        assert_eq!(as_str(&String::from("a")), None);
        assert_eq!(as_key::<[u8]>("a"), None);
        assert_eq!(as_key::<&'static str>("a"), None);
    }
}

//! A key that is a `str` seen as one: generic code has no other way to find out. And
//! functions that are nothing but their type.
#![allow(unsafe_code, reason = "a type is compared and then taken at its word")]

use std::any::TypeId;
use std::mem::needs_drop;
use std::ptr::NonNull;

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

/// Whether a function captures nothing.
pub(super) fn is_nothing<F>() -> bool {
    size_of::<F>() == 0 && !needs_drop::<F>()
}

/// The value of a function that captures nothing.
pub(super) fn conjure<F: Send + Sync + 'static>() -> F {
    assert!(is_nothing::<F>(), "only a function that captures nothing");
    // SAFETY: a type without size has one value, and reading it reads no memory. Nothing is
    // done when it is dropped, and the author of the job has handed in a value of it to be
    // shared by any number of threads: one more that behaves like it adds nothing.
    unsafe { NonNull::<F>::dangling().read() }
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

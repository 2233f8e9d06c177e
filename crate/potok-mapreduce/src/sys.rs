//! A key that is a `str` seen as one: generic code has no other way to find out.
#![allow(unsafe_code, reason = "a type is compared and then taken at its word")]

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

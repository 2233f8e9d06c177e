//! What a child sends home: its result or its error, as bytes.
//!
//! A report is the length of its head, the head (the error, if there is one), and the
//! bytes of the result. The result comes last and as it is, so that a large one is never
//! copied into another encoding.

use crate::error::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

/// All of a report but the result.
#[derive(Serialize, Deserialize)]
struct Head {
    error: Option<Error>,
}

thread_local! {
    /// Where and with which words this thread panicked last.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From here on a panic says nothing: its words travel home in the report.
pub(super) fn keep_panics_silent() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let words = crate::error::panic_message(info.payload());
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PANIC.set(Some(format!("at {place}: {words}")));
    }));
}

/// Runs `f`; a panic becomes an error with its words and its place.
pub(super) fn catch<T>(f: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        let what = format!("process {}", std::process::id());
        match PANIC.take() {
            Some(text) => {
                Error::new(ErrorKind::Panicked, format!("{what} panicked {text}"))
            }
            None => Error::panicked(what, &*payload),
        }
    })
}

/// The report of a child whose work ended with `answer`.
pub(super) fn encode<T: Serialize>(answer: Result<T>) -> Vec<u8> {
    let result = answer.and_then(|value| to_bytes(&value));
    let (error, result) = match result {
        Ok(bytes) => (None, bytes),
        Err(error) => (Some(error), vec![]),
    };
    let head = to_bytes(&Head { error }).unwrap_or_default();
    [&(head.len() as u64).to_le_bytes()[..], &head, &result].concat()
}

/// Reads a report that arrived; `None` if it is not whole.
pub(super) fn decode<T: DeserializeOwned>(report: &[u8]) -> Option<Result<T>> {
    let (length, rest) = report.split_first_chunk()?;
    let (head, result) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
    let head: Head = postcard::from_bytes(head).ok()?;
    Some(match head.error {
        Some(error) => Err(error),
        None => from_bytes(result),
    })
}

/// A value as postcard bytes.
pub(super) fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|error| {
        let name = std::any::type_name::<T>();
        let text = format!("a `{name}` cannot be turned into bytes: {error}");
        Error::new(ErrorKind::Undecodable, text)
    })
}

/// The value that these bytes stand for, all of them.
pub(super) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let name = std::any::type_name::<T>();
    let undecodable = |why: &dyn std::fmt::Display| {
        let text = format!(
            "{} bytes that arrived are not a `{name}` ({why}); \
             check that its `Deserialize` reads what its `Serialize` writes",
            bytes.len()
        );
        Error::new(ErrorKind::Undecodable, text)
    };
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(undecodable(&format!("{} too many", rest.len()))),
        Err(error) => Err(undecodable(&error)),
    }
}

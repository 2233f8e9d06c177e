//! One error for all of potok: what went wrong, by kind, and what to do next.
//!
//! ```
//! use potok::prelude::*;
//!
//! let error = Speedup::measure("no workers", [], |_| ()).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::InvalidInput);
//! assert!(error.to_string().contains("worker"));
//! ```
//!
//! *What to notice*: the text is in lower case, names the thing and says what to try. A
//! panic, a crash and a time-out of other code are values of this type too, so that a
//! notebook can show them and continue.

use crate::units::duration;
use crate::words;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Shorthand for a result whose error is potok's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of any part of potok. Print it: the text is written for a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// The kind of an error, for code that has to tell errors apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument without a meaning: zero workers, an empty list, a NaN.
    InvalidInput,
    /// A closure given to potok panicked.
    Panicked,
    /// Something did not finish before its deadline.
    TimedOut,
    /// A process exited with this code before it returned its result.
    Exited(i32),
    /// A process was killed by this signal.
    Killed(i32),
    /// A process needed more memory than its limit.
    MemoryLimit,
    /// A process printed or returned more bytes than its limit.
    OutputLimit,
    /// The bytes received are not a value of the expected type.
    Undecodable,
    /// The other end of a channel, pipe or queue is gone.
    Disconnected,
    /// This system or container does not allow what was asked.
    Unsupported,
    /// A program that potok needs is missing.
    NotFound,
    /// The system refused a read, a write or a connection.
    Io,
}

impl Error {
    /// An error of this kind with a message written for a person.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        // Where an error is shown with `{:?}`, as a text within a value, a space that keeps
        // a number and its unit together would be an escape.
        let message = message.into().replace(['\u{a0}', '\u{202f}'], " ");
        Error { kind, message }
    }

    /// The error of a bad argument.
    pub fn invalid(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidInput, message)
    }

    /// The error of something that this system cannot or may not do.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Unsupported, message)
    }

    /// The error of `what` not being finished after `limit`.
    pub fn timed_out(what: impl fmt::Display, limit: Duration) -> Self {
        let text = words::timed_out(what, duration(limit));
        Error::new(ErrorKind::TimedOut, text)
    }

    /// The error of a caught panic, with its message.
    pub fn panicked(what: impl fmt::Display, payload: &(dyn Any + Send)) -> Self {
        Error::new(ErrorKind::Panicked, words::panicked(what, panic_message(payload)))
    }

    /// The error of a system call or a file: what was being done, and the system's message.
    pub fn io(what: impl fmt::Display, error: &dyn fmt::Display) -> Self {
        Error::new(ErrorKind::Io, format!("{what}: {error}"))
    }

    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Puts `what` before the message: the item, worker or file concerned.
    #[must_use]
    pub fn context(self, what: impl fmt::Display) -> Self {
        Error::new(self.kind, format!("{what}: {}", self.message))
    }
}

/// What a panic said: its text (it nearly always is one), or what `panic_any` was given and
/// of what type that is, as far as the type is a common one.
pub fn panic_message(payload: &(dyn Any + Send)) -> Cow<'_, str> {
    if let Some(text) = payload.downcast_ref::<&str>() {
        return Cow::Borrowed(text);
    }
    if let Some(text) = payload.downcast_ref::<String>() {
        return Cow::Borrowed(text);
    }
    panic_value(payload).map_or(Cow::Borrowed(words::no_text()), Cow::Owned)
}

/// A panic's value with its type. A payload does not tell its type, it can only be asked for
/// one after the other.
fn panic_value(payload: &(dyn Any + Send)) -> Option<String> {
    macro_rules! of {
        ($($shown:literal: $($type:ty),*;)*) => {
            $($(if let Some(value) = payload.downcast_ref::<$type>() {
                return Some(format!(concat!($shown, " (`{}`)"), value, stringify!($type)));
            })*)*
        };
    }
    of! {
        "{}": i32, u64, usize, i64, u32, u8, i8, i16, u16, i128, u128, isize, f64, f32, bool;
        "{}": Box<str>, Cow<'static, str>, Error, std::io::Error;
        "{}": Box<dyn std::error::Error + Send + Sync>, Box<dyn std::error::Error + Send>;
        "{:?}": (), char, Duration, (i32, i32), Vec<i32>, Vec<String>;
    }
    None
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// A cell shows the error of a failed `?` with `{:?}`: keep it as readable as `{}`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_message() {
        let payload =
            std::panic::catch_unwind(|| panic!("out of {}", "coffee")).unwrap_err();
        let error = Error::panicked("worker 2", &*payload);
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(error.to_string(), "worker 2 panicked: out of coffee");
    }

    #[test]
    fn a_panic_without_a_text_says_its_value_and_the_type() {
        let said = |payload: Box<dyn Any + Send>| panic_message(&*payload).into_owned();
        assert_eq!(said(Box::new(42)), "42 (`i32`)");
        assert_eq!(said(Box::new('x')), "'x' (`char`)");
        assert_eq!(said(Box::new(())), "() (`()`)");
        assert_eq!(said(Box::new(Error::invalid("empty"))), "empty (`Error`)");
        let boxed: Box<dyn std::error::Error + Send + Sync> = "no milk".into();
        assert!(said(Box::new(boxed)).starts_with("no milk (`Box<dyn"));
        struct Own;
        assert!(said(Box::new(Own)).contains("not known here"));
        let panic = std::panic::catch_unwind(|| std::panic::panic_any(7_u64));
        let error = Error::panicked("item 3", &*panic.unwrap_err());
        assert_eq!(error.to_string(), "item 3 panicked: 7 (`u64`)");
    }

    #[test]
    fn context_names_the_thing_first() {
        let error = Error::invalid("it is empty").context("item 7");
        assert_eq!(error.to_string(), "item 7: it is empty");
        assert_eq!(format!("{error:?}"), "InvalidInput: item 7: it is empty");
    }
}

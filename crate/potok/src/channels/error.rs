//! Why a value could not be put into a queue, or taken out.

use crate::words;
use std::fmt;

/// A value that was not put in. The error contains it, so nothing is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PutError<T> {
    /// The queue was full until the end of the time limit.
    Full(T),
    /// The queue is closed.
    Closed(T),
}

/// No value to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetError {
    /// The queue was empty until the end of the time limit.
    Empty,
    /// The queue is closed, and everything in it has been taken.
    Closed,
}

impl<T> PutError<T> {
    /// The value that was to be put in.
    pub fn into_inner(self) -> T {
        match self {
            PutError::Full(value) | PutError::Closed(value) => value,
        }
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::Full(_) => words::queue_full(),
            PutError::Closed(_) => words::put_closed(),
        })
    }
}

// The value need not be printable.
impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::Full(_) => "Full",
            PutError::Closed(_) => "Closed",
        })
    }
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GetError::Empty => words::queue_empty(),
            GetError::Closed => words::get_closed(),
        })
    }
}

impl<T> std::error::Error for PutError<T> {}
impl std::error::Error for GetError {}

//! Words in Jupyter's log about clients: not one for each of ten thousand.

use crate::say;
use crate::sync::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a socket says nothing more after it has said something.
const PAUSE: Duration = Duration::from_secs(10);

/// One socket's.
#[derive(Debug, Default)]
pub(super) struct Tongue {
    /// When it last said something, and what it has kept to itself since then.
    last: Mutex<(Option<Instant>, u64)>,
}

impl Tongue {
    /// Says it, unless it has just said something else.
    pub(super) fn say(&self, text: &str) {
        let mut last = lock(&self.last);
        if last.0.is_some_and(|last| last.elapsed() < PAUSE) {
            last.1 += 1;
            return;
        }
        let (_, kept) = std::mem::replace(&mut *last, (Some(Instant::now()), 0));
        match kept {
            0 => say(text),
            _ => say(&format!("{text} ({kept} more like it before)")),
        }
    }
}

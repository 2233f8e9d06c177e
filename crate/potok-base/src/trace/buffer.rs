//! What one lane has recorded so far.

use super::{Lane, Mark, Span};
use crate::sys::ThreadClock;
use std::borrow::Cow;
use std::sync::Mutex;
use std::time::Duration;

/// What one lane recorded.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) lane: Lane,
    pub(super) recorded: Mutex<Recorded>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    pub(super) open: Vec<Open>,
    pub(super) closed: Vec<Span>,
    pub(super) marks: Vec<Mark>,
    pub(super) messages: Vec<Received>,
    pub(super) next_span: u64,
}

/// A span that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) id: u64,
    pub(super) span: Span,
    /// What its thread had used when it began.
    pub(super) cpu: Duration,
    /// Where others read what it has used since.
    pub(super) clock: Option<ThreadClock>,
}

impl Open {
    /// The span as it is now.
    pub(super) fn so_far(&self) -> Span {
        let used = self.clock.and_then(ThreadClock::read);
        let cpu_time = used.map(|now| now.saturating_sub(self.cpu));
        Span { cpu_time, ..self.span.clone() }
    }
}

impl Recorded {
    /// What is complete; spans that are still open stay.
    pub(super) fn take(&mut self) -> Recorded {
        let open = std::mem::take(&mut self.open);
        let next_span = self.next_span;
        std::mem::replace(self, Recorded { open, next_span, ..Recorded::default() })
    }
}

/// A message that arrived on a lane; its sender may be known in another process only.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) from: Lane,
    pub(super) label: Cow<'static, str>,
    pub(super) sent: Duration,
    pub(super) received: Duration,
}

//! What ran where and when, as plain data.
//!
//! ```
//! use potok::prelude::*;
//! use std::thread;
//!
//! let trace = record(|rec| {
//!     thread::scope(|s| {
//!         for name in ["ann", "bob"] {
//!             s.spawn(move || rec.span(name, || busy(ms(2))));
//!         }
//!     });
//! });
//! assert_eq!(trace.spans.len(), 2);
//! assert_eq!(trace.lanes.len(), 2);
//! ```
//!
//! *What to notice*: a [`Recorder`] only collects. A [`Trace`] is what it collected: it can be
//! looped over, summed up, sent between processes and saved. `chart::timeline` draws it.
//!
//! * `recorder`: how spans are collected from any thread.
//! * `lane`: recording on a lane that is not a thread.
//! * `buffer`: what one lane has recorded so far.
//! * `family`: how spans recorded in other processes reach this one.
//! * `stats`: makespan, busy time, overlap.
//! * `on_core`: which part of a span its thread was really on a core.
//! * `stopped`: the trace of a deadlock, in which no wait ends.
//! * `queue_length`: how many waited, over time.
//! * `chrome`: export for Perfetto and `chrome://tracing`.

mod buffer;
mod chrome;
mod family;
mod lane;
mod on_core;
mod order;
mod queue_length;
mod recorder;
mod stats;
mod stopped;

#[cfg(target_os = "linux")]
pub use family::{be_worker, deliver_from_child, hold_for_fork, take_for_parent};
pub use lane::LaneRecorder;
pub use queue_length::QueueLength;
pub use recorder::{Recorder, SpanGuard, record};
pub use stats::Segment;
pub use stopped::Blocked;

use crate::units::duration;
use crate::words;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A recording: lanes, the spans and marks on them, and how long it lasted.
///
/// All times count from the start of the recording.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// One lane for each thread, in the order in which they first recorded something.
    pub lanes: Vec<Lane>,
    /// Stretches of time, in the order in which they began.
    pub spans: Vec<Span>,
    /// Points in time, in their order.
    pub marks: Vec<Mark>,
    /// Values that went from one lane to another, in the order in which they were sent.
    pub messages: Vec<Message>,
    /// How long was recorded, from the start to the moment this trace was taken.
    pub recorded: Duration,
    /// What it is the trace of; may be empty. See [`Trace::titled`].
    pub title: String,
}

/// One row of a timeline: a thread, or something shown like one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// The thread's name, or `thread 7` where it has none.
    pub name: String,
    /// The process it belongs to.
    pub pid: u32,
    /// The system's id of the thread; 0 for a lane that is not a thread.
    pub tid: u64,
}

/// One stretch of time on a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Index into [`Trace::lanes`].
    pub lane: usize,
    /// What it was called.
    pub label: Cow<'static, str>,
    /// Whether the lane ran or waited.
    pub activity: Activity,
    /// When it began.
    pub start: Duration,
    /// When it ended; `None` if it had not when the trace was taken.
    pub end: Option<Duration>,
    /// The processor on which it began, where the system tells.
    pub cpu_start: Option<u32>,
    /// The processor on which it ended.
    pub cpu_end: Option<u32>,
    /// The number of spans of the same lane that enclose it: 0 for an outermost one.
    pub depth: u16,
    /// The processor time that its thread used meanwhile, up to now if it has not ended;
    /// `None` where nobody counted it.
    pub cpu_time: Option<Duration>,
}

/// What a lane does during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// It computes, or is ready to.
    Running,
    /// It waits: for a lock, a message, a disk, its turn.
    Waiting,
}

/// One point in time on a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Index into [`Trace::lanes`].
    pub lane: usize,
    /// What happened.
    pub label: Cow<'static, str>,
    /// When.
    pub at: Duration,
}

/// A value on its way from one lane to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The sender's lane: index into [`Trace::lanes`].
    pub from: usize,
    /// The receiver's lane: index into [`Trace::lanes`].
    pub to: usize,
    /// What was sent.
    pub label: Cow<'static, str>,
    /// When it was sent.
    pub sent: Duration,
    /// When it was received.
    pub received: Duration,
}

impl Trace {
    /// The same trace under a title, which stands above its picture.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let trace = record(|rec| rec.span("sum", || busy(ms(1)))).titled("One sum");
    /// assert_eq!(trace.picture()?.title, "One sum");
    /// # Ok::<(), potok::Error>(())
    /// ```
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds the lanes of `other`, for instance of a child process, below its own. A thread
    /// with a lane in both has one afterwards.
    ///
    /// Times are not shifted: record both against the same start.
    pub fn join(&mut self, other: Trace) {
        let lanes: Vec<usize> =
            other.lanes.iter().map(|lane| self.lane_of(lane)).collect();
        let moved = |lane: usize| lanes.get(lane).copied().unwrap_or(lane);
        let spans = other.spans.into_iter();
        self.spans.extend(spans.map(|s| Span { lane: moved(s.lane), ..s }));
        let marks = other.marks.into_iter();
        self.marks.extend(marks.map(|m| Mark { lane: moved(m.lane), ..m }));
        let messages = other.messages.into_iter();
        self.messages.extend(messages.map(|m| Message {
            from: moved(m.from),
            to: moved(m.to),
            ..m
        }));
        self.spans.sort_by_key(|span| span.start);
        self.marks.sort_by_key(|mark| mark.at);
        self.messages.sort_by_key(|message| message.sent);
        self.recorded = self.recorded.max(other.recorded);
    }

    /// The lane of this thread; a new one if it has none yet, or is not a thread.
    fn lane_of(&mut self, lane: &Lane) -> usize {
        let same =
            |mine: &Lane| mine.tid != 0 && (mine.pid, mine.tid) == (lane.pid, lane.tid);
        let Some(at) = self.lanes.iter().position(same) else {
            self.lanes.push(lane.clone());
            return self.lanes.len() - 1;
        };
        // A process that only received from a thread does not know its name.
        if self.lanes[at] == Lane::of_process(lane.pid, lane.tid) {
            self.lanes[at] = lane.clone();
        }
        at
    }

    /// The spans of one lane, in the order in which they began.
    pub fn spans_of(&self, lane: usize) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(move |span| span.lane == lane)
    }
}

/// A cell whose last expression holds a `?` gets the text of its value in the picture's
/// place, from evcxr: let it say what to do, not dump a thousand spans.
impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lasted = duration(self.makespan());
        f.write_str(&words::trace(self.spans.len(), self.lanes.len(), &lasted))
    }
}

impl Lane {
    /// The lane of a thread of which only this is known.
    fn of_process(pid: u32, tid: u64) -> Self {
        Lane { name: words::process(pid), pid, tid }
    }

    /// Whether its name already says which process it belongs to.
    pub fn is_named_after_process(&self) -> bool {
        *self == Lane::of_process(self.pid, self.tid)
    }
}

impl Span {
    /// How long it lasted; `None` if it had not ended.
    pub fn duration(&self) -> Option<Duration> {
        Some(self.end?.saturating_sub(self.start))
    }
}

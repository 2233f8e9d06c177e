//! Collecting spans from any thread, cheaply enough not to change what is recorded.
//!
//! Each thread writes to a buffer of its own, behind a lock that no other thread wants while
//! the recording runs. So a span costs two readings of each clock and two uncontended locks.
//! The list of buffers (in `family`) is locked only when a thread records for the first time and when
//! a trace is taken.

use super::buffer::{Buffer, Open, Received};
use super::family;
use super::{Activity, Lane, LaneRecorder, Mark, Span, Trace};
use crate::sync::lock;
use crate::sys::{self, ThreadClock};
use crate::words;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Collects spans and marks. Cheap to clone; all clones write to one recording.
///
/// One span costs less than a microsecond on an idle machine: two readings of the clock and
/// two of the thread's processor time, which are system calls (`make bench WHAT=trace`).
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    id: u64,
    /// The start of the recording on the clock that all processes share.
    epoch_ns: u64,
    /// Whether the recording ends with it; not for a copy received from another process.
    owner: bool,
}

thread_local! {
    /// The buffers of this thread: recorder, generation, buffer.
    static MINE: RefCell<Vec<(u64, u64, Arc<Buffer>)>> = const { RefCell::new(vec![]) };
}

/// Runs `program` with a fresh recorder and returns what it recorded.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let trace = record(|rec| rec.span("one", || rec.span("two", || busy(ms(1)))));
/// assert_eq!(trace.spans[0].label, "one");
/// assert_eq!(trace.spans[1].depth, 1);
/// ```
pub fn record<R>(program: impl FnOnce(&Recorder) -> R) -> Trace {
    let recorder = Recorder::new();
    program(&recorder);
    recorder.trace()
}

impl Recorder {
    /// A recorder whose time starts now.
    pub fn new() -> Self {
        let (id, epoch_ns) = (family::new_id(), sys::monotonic_ns());
        family::begin(id, epoch_ns);
        Recorder::with_id(id, epoch_ns, true)
    }

    fn with_id(id: u64, epoch_ns: u64, owner: bool) -> Self {
        Recorder { shared: Arc::new(Shared { id, epoch_ns, owner }) }
    }

    /// Runs `f` and records it as a span on the calling thread's lane.
    ///
    /// A panic in `f` ends the span and continues to unwind.
    pub fn span<R>(
        &self,
        label: impl Into<Cow<'static, str>>,
        f: impl FnOnce() -> R,
    ) -> R {
        let _guard = self.enter(label);
        f()
    }

    /// Like [`span`](Recorder::span), for time in which the thread waits.
    pub fn wait<R>(
        &self,
        label: impl Into<Cow<'static, str>>,
        f: impl FnOnce() -> R,
    ) -> R {
        let _guard = self.guard(self.my_buffer(), label.into(), Activity::Waiting);
        f()
    }

    /// Begins a span that ends when the returned guard is dropped.
    pub fn enter(&self, label: impl Into<Cow<'static, str>>) -> SpanGuard {
        self.guard(self.my_buffer(), label.into(), Activity::Running)
    }

    /// Records a point in time on the calling thread's lane.
    pub fn mark(&self, label: impl Into<Cow<'static, str>>) {
        self.mark_on(&self.my_buffer(), label.into());
    }

    /// A lane that is not a thread: a coffee machine, a queue, a customer.
    ///
    /// Any thread may record on it. What a span says of the processor is of that thread: a
    /// customer who sleeps was on no core.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let trace = record(|rec| {
    ///     let machine = rec.lane("machine");
    ///     machine.span("espresso", || busy(ms(1)));
    /// });
    /// assert_eq!(trace.lanes[0].name, "machine");
    /// ```
    pub fn lane(&self, name: impl Into<String>) -> LaneRecorder {
        let lane = Lane { name: name.into(), pid: std::process::id(), tid: 0 };
        LaneRecorder { recorder: self.clone(), buffer: self.register(lane) }
    }

    /// Time since the recording began.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(sys::monotonic_ns().saturating_sub(self.shared.epoch_ns))
    }

    /// Adds a trace that a child process recorded against this recorder.
    pub fn join(&self, trace: Trace) {
        family::add_trace(self.shared.id, self.shared.epoch_ns, trace);
    }

    /// What has been recorded up to now. Recording goes on.
    pub fn trace(&self) -> Trace {
        family::trace_of(self.shared.id, self.shared.epoch_ns)
    }

    /// Records that the calling thread received what thread `tid` of process `pid` sent
    /// at `sent_ns` on the system's monotonic clock.
    pub fn received(
        &self,
        (pid, tid): (u32, u64),
        sent_ns: u64,
        label: impl Into<Cow<'static, str>>,
    ) {
        let sent = sent_ns.saturating_sub(self.shared.epoch_ns);
        let message = Received {
            from: Lane::of_process(pid, tid),
            label: label.into(),
            sent: Duration::from_nanos(sent),
            received: self.elapsed(),
        };
        lock(&self.my_buffer().recorded).messages.push(message);
    }

    pub(super) fn guard(
        &self,
        buffer: Arc<Buffer>,
        label: Cow<'static, str>,
        activity: Activity,
    ) -> SpanGuard {
        // On a lane that is no thread too: the span is of the thread that records it.
        let (cpu, clock) = (sys::thread_cpu_time(), ThreadClock::mine());
        let mut recorded = lock(&buffer.recorded);
        let id = recorded.next_span;
        recorded.next_span += 1;
        let span = Span {
            lane: 0,
            label,
            activity,
            start: self.elapsed(),
            end: None,
            cpu_start: sys::current_cpu(),
            cpu_end: None,
            depth: u16::try_from(recorded.open.len()).unwrap_or(u16::MAX),
            cpu_time: None,
        };
        recorded.open.push(Open { id, span, cpu, clock });
        drop(recorded);
        let epoch_ns = self.shared.epoch_ns;
        SpanGuard { id, epoch_ns, buffer, not_send: PhantomData }
    }

    pub(super) fn mark_on(&self, buffer: &Buffer, label: Cow<'static, str>) {
        let mark = Mark { lane: 0, label, at: self.elapsed() };
        lock(&buffer.recorded).marks.push(mark);
    }

    fn my_buffer(&self) -> Arc<Buffer> {
        let generation = family::generation();
        MINE.with_borrow_mut(|mine| {
            let found = mine
                .iter()
                .rev()
                .find(|(id, g, _)| *id == self.shared.id && *g == generation);
            if let Some((_, _, buffer)) = found {
                return Arc::clone(buffer);
            }
            // Buffers that only this thread still refers to belong to dropped recorders.
            mine.retain(|(_, g, buffer)| {
                *g == generation && Arc::strong_count(buffer) > 1
            });
            let tid = sys::thread_id();
            let thread = std::thread::current();
            let pid = std::process::id();
            let name = match thread.name() {
                // A child's first thread has the name of the thread that forked.
                _ if tid == u64::from(pid) && !family::is_home(self.shared.id) => {
                    family::lane_of_child(pid, tid).name
                }
                Some(name) => name.to_owned(),
                // A notebook's cells run on the first thread, which Rust did not start.
                None if tid == u64::from(pid) => words::main_thread().to_owned(),
                None => words::thread_number(tid),
            };
            let buffer = self.register(Lane { name, pid, tid });
            mine.push((self.shared.id, generation, Arc::clone(&buffer)));
            buffer
        })
    }

    fn register(&self, lane: Lane) -> Arc<Buffer> {
        let buffer = Arc::new(Buffer { lane, recorded: Mutex::default() });
        family::add_buffer(self.shared.id, self.shared.epoch_ns, &buffer);
        buffer
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder::new()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.owner {
            family::forget(self.id);
        }
    }
}

/// An open span: it ends when this is dropped. Made by [`Recorder::enter`].
#[derive(Debug)]
#[must_use = "the span ends when this is dropped; bind it to a name"]
pub struct SpanGuard {
    id: u64,
    epoch_ns: u64,
    buffer: Arc<Buffer>,
    // A span belongs to the thread that began it.
    not_send: PhantomData<*const ()>,
}

impl Drop for SpanGuard {
    fn drop(&mut self) {
        let end =
            Duration::from_nanos(sys::monotonic_ns().saturating_sub(self.epoch_ns));
        let used = sys::thread_cpu_time();
        let mut recorded = lock(&self.buffer.recorded);
        let at = recorded.open.iter().rposition(|open| open.id == self.id);
        let Some(open) = at.map(|at| recorded.open.remove(at)) else { return };
        recorded.closed.push(Span {
            end: Some(end),
            cpu_end: sys::current_cpu(),
            cpu_time: Some(used.saturating_sub(open.cpu)),
            ..open.span
        });
    }
}

/// A recorder is sent as its id and its start: what it records in another process returns
/// with that process's result.
impl Serialize for Recorder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.shared.id, self.shared.epoch_ns).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Recorder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (id, epoch_ns) = Deserialize::deserialize(deserializer)?;
        Ok(Recorder::with_id(id, epoch_ns, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{busy, ms};
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn lanes_are_named_after_threads() {
        let trace = record(|rec| {
            thread::scope(|s| {
                let rec = &rec;
                thread::Builder::new()
                    .name("ann".into())
                    .spawn_scoped(s, move || rec.span("x", || ()))
                    .unwrap();
            });
        });
        assert_eq!(trace.lanes[0].name, "ann");
        assert_eq!(trace.lanes[0].pid, std::process::id());
    }

    #[test]
    fn spans_of_two_threads_at_a_barrier_overlap() {
        let barrier = Barrier::new(2);
        let trace = record(|rec| {
            thread::scope(|s| {
                for _ in 0..2 {
                    s.spawn(|| {
                        rec.span("both", || {
                            barrier.wait();
                            busy(ms(1));
                            barrier.wait();
                        });
                    });
                }
            });
        });
        assert!(trace.overlap() >= ms(1));
        assert_eq!(trace.lanes.len(), 2);
    }

    #[test]
    fn an_open_span_is_in_the_trace_without_an_end() {
        let rec = Recorder::new();
        let guard = rec.enter("open");
        let trace = rec.trace();
        assert_eq!(trace.spans[0].end, None);
        drop(guard);
        assert!(rec.trace().spans[0].end.is_some());
    }

    #[test]
    fn a_panic_ends_its_span() {
        let rec = Recorder::new();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            rec.span("bad", || panic!("expected by the test"))
        }));
        assert!(result.is_err());
        assert!(rec.trace().spans[0].end.is_some());
    }

    #[test]
    fn marks_and_nesting_keep_their_order() {
        let trace = record(|rec| {
            rec.mark("first");
            rec.span("outer", || rec.wait("inner", || rec.mark("second")));
        });
        let labels: Vec<_> = trace.marks.iter().map(|m| &*m.label).collect();
        assert_eq!(labels, ["first", "second"]);
        let depths: Vec<_> =
            trace.spans.iter().map(|s| (s.depth, s.activity)).collect();
        assert_eq!(depths, [(0, Activity::Running), (1, Activity::Waiting)]);
    }

    #[test]
    fn a_dropped_recorder_leaves_nothing_behind() {
        let rec = Recorder::new();
        let id = rec.shared.id;
        rec.span("x", || ());
        drop(rec);
        assert!(!family::is_known(id));
    }
}

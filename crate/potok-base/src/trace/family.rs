//! All recordings of this process, and their exchange with other processes.
//!
//! A recorder that is sent to another process keeps its id and its start of time. What is
//! recorded there returns with the next report and joins the recording of that id.

use super::buffer::{Buffer, Open, Recorded};
use super::{Lane, Mark, Message, Span, Trace};
use crate::sync::lock;
use crate::sys;
use crate::words;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What the threads of this process recorded for one recorder.
#[derive(Debug)]
pub(super) struct Recording {
    id: u64,
    epoch_ns: u64,
    buffers: Vec<Arc<Buffer>>,
    /// Traces received from child processes.
    joined: Vec<Trace>,
}

/// One lock for all of them, so that a fork can hold it and the child never finds it
/// locked by a thread that does not exist there.
static RECORDINGS: Mutex<Vec<Recording>> = Mutex::new(vec![]);
/// Incremented in a forked child, so that buffers copied from the parent are not used there.
static GENERATION: AtomicU64 = AtomicU64::new(0);
static NEXT_ID: AtomicU32 = AtomicU32::new(0);
/// Which worker of its pool this process is; 0 if it is none.
static WORKER: AtomicU32 = AtomicU32::new(0);

/// An id that no other recorder has, in this process or any other: its upper half is
/// the process.
pub(super) fn new_id() -> u64 {
    let number = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    u64::from(std::process::id()) << 32 | u64::from(number)
}

/// From now on the lane of this process is `worker 1`, for instance.
pub fn be_worker(number: u32) {
    WORKER.store(number, Ordering::Relaxed);
}

/// The name of the lane of this process's first thread, for the recorders of others.
pub(super) fn lane_of_child(pid: u32, tid: u64) -> Lane {
    match WORKER.load(Ordering::Relaxed) {
        0 => Lane::of_process(pid, tid),
        number => Lane { name: words::worker(number), pid, tid },
    }
}

/// Whether the recorder of this id was made in this process.
pub(super) fn is_home(id: u64) -> bool {
    id >> 32 == u64::from(std::process::id())
}

pub(super) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Registers a recording for what other processes record, even if this one records nothing.
pub(super) fn begin(id: u64, epoch_ns: u64) {
    with(id, epoch_ns, |_| ());
}

pub(super) fn add_buffer(id: u64, epoch_ns: u64, buffer: &Arc<Buffer>) {
    with(id, epoch_ns, |recording| recording.buffers.push(Arc::clone(buffer)));
}

pub(super) fn add_trace(id: u64, epoch_ns: u64, trace: Trace) {
    with(id, epoch_ns, |recording| recording.joined.push(trace));
}

pub(super) fn trace_of(id: u64, epoch_ns: u64) -> Trace {
    with(id, epoch_ns, |recording| recording.trace(false))
}

/// Removes a recording whose recorder is gone. A child keeps it until it is sent back.
pub(super) fn forget(id: u64) {
    if is_home(id) {
        lock(&RECORDINGS).retain(|recording| recording.id != id);
    }
}

#[cfg(test)]
pub(super) fn is_known(id: u64) -> bool {
    lock(&RECORDINGS).iter().any(|recording| recording.id == id)
}

fn with<R>(id: u64, epoch_ns: u64, f: impl FnOnce(&mut Recording) -> R) -> R {
    let mut all = lock(&RECORDINGS);
    let at = all.iter().position(|recording| recording.id == id).unwrap_or_else(|| {
        all.push(Recording { id, epoch_ns, buffers: vec![], joined: vec![] });
        all.len() - 1
    });
    f(&mut all[at])
}

/// What this process recorded for recorders of other processes, for its parent.
pub fn take_for_parent() -> Vec<(u64, Trace)> {
    let mut all = lock(&RECORDINGS);
    let mut traces = vec![];
    for recording in all.iter_mut().filter(|recording| !is_home(recording.id)) {
        let trace = recording.trace(true);
        recording.joined.clear();
        if !(trace.spans.is_empty()
            && trace.marks.is_empty()
            && trace.messages.is_empty())
        {
            traces.push((recording.id, trace));
        }
    }
    traces
}

/// Joins what a child sent. Data for a recorder that is gone is dropped.
pub fn deliver_from_child(traces: Vec<(u64, Trace)>) {
    let mut all = lock(&RECORDINGS);
    for (id, trace) in traces {
        if let Some(recording) = all.iter_mut().find(|recording| recording.id == id) {
            recording.joined.push(trace);
        }
    }
}

impl Recording {
    /// Everything so far. With `take`, it will not be in the next trace.
    fn trace(&self, take: bool) -> Trace {
        let mut trace = Trace::default();
        let mut received = vec![];
        for (lane, buffer) in self.buffers.iter().enumerate() {
            let mut recorded = lock(&buffer.recorded);
            let Recorded { closed, marks, messages, .. } =
                if take { recorded.take() } else { recorded.clone() };
            let open = recorded.open.iter().map(Open::so_far);
            let spans = closed.into_iter().chain(open);
            trace.spans.extend(spans.map(|span| Span { lane, ..span }));
            trace.marks.extend(marks.into_iter().map(|mark| Mark { lane, ..mark }));
            received.extend(messages.into_iter().map(|message| (lane, message)));
            trace.lanes.push(buffer.lane.clone());
        }
        trace.spans.sort_by_key(|span| (span.start, span.depth));
        trace.marks.sort_by_key(|mark| mark.at);
        let now = sys::monotonic_ns().saturating_sub(self.epoch_ns);
        trace.recorded = Duration::from_nanos(now);
        for child in &self.joined {
            trace.join(child.clone());
        }
        // Last, when all lanes are known that a message can come from.
        for (to, message) in received {
            let from = trace.lane_of(&message.from);
            let (label, sent, at) = (message.label, message.sent, message.received);
            trace.messages.push(Message { from, to, label, sent, received: at });
        }
        trace.messages.sort_by_key(|message| message.sent);
        trace.order_workers();
        trace
    }
}

/// Keeps the list of recordings locked while the process forks.
#[derive(Debug)]
pub struct ForkGuard(MutexGuard<'static, Vec<Recording>>);

/// Call before a fork and keep the guard until after it, in the parent and in the child.
pub fn hold_for_fork() -> ForkGuard {
    ForkGuard(lock(&RECORDINGS))
}

impl ForkGuard {
    /// Call in the child: recorders start empty there, with the parent's start of time.
    pub fn start_child(mut self) {
        GENERATION.fetch_add(1, Ordering::Relaxed);
        be_worker(0);
        for recording in self.0.iter_mut() {
            recording.buffers.clear();
            recording.joined.clear();
        }
    }
}

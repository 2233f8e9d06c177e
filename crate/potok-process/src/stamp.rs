//! Who sent a message and when: it goes before each message of a pipe or a queue, for the arrows
//! of a recorded run.

use potok_base::sys::{monotonic_ns, thread_id};
use potok_base::trace::Recorder;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// The sender of a message, and the time.
#[derive(Serialize, Deserialize)]
pub(super) struct Stamp {
    pid: u32,
    tid: u64,
    sent_ns: u64,
}

impl Stamp {
    pub(super) fn now() -> Self {
        Stamp { pid: std::process::id(), tid: thread_id(), sent_ns: monotonic_ns() }
    }
}

/// Records received messages, each as an arrow from its sender's lane.
#[derive(Debug)]
pub(super) struct Arrows<T> {
    recorder: Recorder,
    label: fn(&T) -> String,
}

impl<T> Arrows<T> {
    pub(super) fn to(recorder: &Recorder) -> Self
    where
        T: Debug,
    {
        Arrows { recorder: recorder.clone(), label: |message| format!("{message:?}") }
    }

    pub(super) fn add(&self, stamp: &Stamp, message: &T) {
        let Stamp { pid, tid, sent_ns } = *stamp;
        self.recorder.received((pid, tid), sent_ns, (self.label)(message));
    }
}

//! Recording on a lane that is not a thread.

use super::buffer::Buffer;
use super::{Activity, Recorder, SpanGuard};
use std::borrow::Cow;
use std::sync::Arc;

/// Records on a lane that is not a thread; see [`Recorder::lane`].
#[derive(Clone, Debug)]
pub struct LaneRecorder {
    pub(super) recorder: Recorder,
    pub(super) buffer: Arc<Buffer>,
}

impl LaneRecorder {
    /// Runs `f` and records it as a span on this lane.
    pub fn span<R>(
        &self,
        label: impl Into<Cow<'static, str>>,
        f: impl FnOnce() -> R,
    ) -> R {
        let _guard = self.enter(label);
        f()
    }

    /// Like [`span`](LaneRecorder::span), for time in which the lane waits.
    pub fn wait<R>(
        &self,
        label: impl Into<Cow<'static, str>>,
        f: impl FnOnce() -> R,
    ) -> R {
        let buffer = Arc::clone(&self.buffer);
        let _guard = self.recorder.guard(buffer, label.into(), Activity::Waiting);
        f()
    }

    /// Begins a span that ends when the returned guard is dropped.
    pub fn enter(&self, label: impl Into<Cow<'static, str>>) -> SpanGuard {
        self.recorder.guard(Arc::clone(&self.buffer), label.into(), Activity::Running)
    }

    /// Records a point in time on this lane.
    pub fn mark(&self, label: impl Into<Cow<'static, str>>) {
        self.recorder.mark_on(&self.buffer, label.into());
    }
}

//! A barrier; see [`std::sync::Barrier`]. Arriving is a step.

use crate::context::context;
use crate::object::{Identity, Kind};
use crate::operation::Operation;
use std::fmt;
use std::sync as real;

/// Holds threads back until a number of them have arrived.
pub struct Barrier {
    inner: real::Barrier,
    size: usize,
    identity: Identity,
}

/// What [`Barrier::wait`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this thread arrived last.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier that opens when `size` threads wait at it; with 0 or 1 no thread ever waits.
    pub fn new(size: usize) -> Self {
        let identity = Identity::default();
        let barrier = Barrier { inner: real::Barrier::new(size), size, identity };
        barrier.object();
        barrier
    }

    /// Gives it a name for pictures.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.identity.set_name(name);
        self
    }

    /// Waits for the other threads.
    pub fn wait(&self) -> BarrierWaitResult {
        let (Some(context), Some(barrier)) = (context(), self.object()) else {
            return BarrierWaitResult(self.inner.wait().is_leader());
        };
        let touch = Operation::Touch { object: barrier, verb: "wait" };
        let (leader, generation) = context.step(touch, |state| {
            state.tell(barrier, || "wait".to_owned());
            let Kind::Barrier { size, arrived, opened } =
                &mut state.objects[barrier].kind
            else {
                return (true, 0);
            };
            arrived.push(context.me);
            let generation = *opened;
            if arrived.len() < *size {
                return (false, generation);
            }
            arrived.clear();
            *opened += 1;
            (true, generation)
        });
        if !leader {
            context.pause(Operation::AtBarrier { barrier, generation });
        }
        BarrierWaitResult(leader)
    }

    fn object(&self) -> Option<usize> {
        let kind = || Kind::Barrier { size: self.size, arrived: vec![], opened: 0 };
        Some(self.identity.index(&context()?, kind, String::new))
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").field("size", &self.size).finish_non_exhaustive()
    }
}

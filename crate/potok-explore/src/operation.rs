//! What a thread can announce, and when the announced step is possible.

use super::execution::{At, State};
use super::object::Kind;
use crate::words;

/// Threads are numbered in the order in which they are spawned; `main` is 0.
pub(super) type ThreadId = usize;

/// What a thread wants to do next.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// A step that is always possible: an atomic, an unlock, a notification.
    Touch { object: usize, verb: &'static str },
    /// Lock a mutex, or a read-write lock for writing.
    Lock { object: usize, verb: &'static str },
    /// Lock a read-write lock for reading.
    Read { object: usize },
    /// Let others go first.
    Yield,
    /// Asleep on a condition variable. A notification turns this into a `Lock`.
    Asleep { condvar: usize, mutex: usize, limit: Limit },
    /// At a barrier that has not opened since.
    AtBarrier { barrier: usize, generation: usize },
    /// Wait for threads to finish.
    Join(Vec<ThreadId>),
}

/// Whether a sleep ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// It has a time limit, which may be reached at any moment.
    Timed,
    /// Only a notification ends it.
    Never,
}

impl Operation {
    /// Whether this is a step of the schedule. Continuing after a join, or after a barrier
    /// has opened, is not: it changes nothing that other threads see, so its place among
    /// their steps makes no difference, and it happens at once.
    pub(super) fn is_step(&self) -> bool {
        !matches!(self, Operation::Join(_) | Operation::AtBarrier { .. })
    }
}

impl State {
    /// Whether an operation is possible now.
    pub(super) fn can(&self, operation: &Operation) -> bool {
        match operation {
            Operation::Touch { .. } | Operation::Yield => true,
            Operation::Asleep { limit, .. } => *limit == Limit::Timed,
            Operation::Lock { object, .. } => match &self.objects[*object].kind {
                Kind::Lock { writer, readers } => {
                    writer.is_none() && readers.is_empty()
                }
                _ => true,
            },
            Operation::Read { object } => match &self.objects[*object].kind {
                Kind::Lock { writer, .. } => writer.is_none(),
                _ => true,
            },
            Operation::AtBarrier { barrier, generation } => {
                match &self.objects[*barrier].kind {
                    Kind::Barrier { opened, .. } => opened != generation,
                    _ => true,
                }
            }
            Operation::Join(threads) => {
                threads.iter().all(|&t| matches!(self.threads[t].at, At::Finished))
            }
        }
    }

    /// An operation as the program writes it: `counter.load`.
    pub(super) fn words(&self, operation: &Operation) -> String {
        let name = |object: &usize| &self.objects[*object].name;
        match operation {
            Operation::Touch { object, verb } | Operation::Lock { object, verb } => {
                format!("{}.{verb}", name(object))
            }
            Operation::Read { object } => format!("{}.read", name(object)),
            Operation::Yield => "yield_now".to_owned(),
            Operation::Asleep { condvar, limit, .. } => match limit {
                Limit::Never => words::asleep_on(name(condvar)),
                Limit::Timed => words::time_out_of(name(condvar)),
            },
            Operation::AtBarrier { barrier, .. } => words::held_by(name(barrier)),
            Operation::Join(threads) => {
                let left = threads
                    .iter()
                    .filter(|&&t| !matches!(self.threads[t].at, At::Finished));
                let names: Vec<&str> =
                    left.map(|&t| self.threads[t].name.as_str()).collect();
                format!("join {}", names.join(", "))
            }
        }
    }
}

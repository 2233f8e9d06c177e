//! The shared objects of a run, as the scheduler sees them.

use super::context::{Context, context};
use super::execution::State;
use super::operation::ThreadId;
use crate::words;
use potok_base::sync::lock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A shared object: who holds it, and its value as text.
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Kept up to date only while a schedule is recorded.
    pub(super) value: String,
}

/// What the scheduler has to know about an object.
pub(super) enum Kind {
    Atomic,
    /// A mutex, or a read-write lock: a mutex has no readers.
    Lock {
        writer: Option<ThreadId>,
        readers: Vec<ThreadId>,
    },
    /// The threads asleep on it, the longest-sleeping first.
    Condvar {
        asleep: Vec<ThreadId>,
    },
    /// `opened` counts how often it has opened.
    Barrier {
        size: usize,
        arrived: Vec<ThreadId>,
        opened: usize,
    },
}

impl Kind {
    pub(super) fn lock() -> Self {
        Kind::Lock { writer: None, readers: vec![] }
    }

    /// What an object without a name is called.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Kind::Atomic => words::atomic(),
            Kind::Lock { .. } => words::lock(),
            Kind::Condvar { .. } => words::condvar(),
            Kind::Barrier { .. } => words::barrier(),
        }
    }
}

impl State {
    /// The object in a few words: its value, who holds it, who waits. Threads are given by
    /// number, as in the string of a schedule.
    pub(super) fn value(object: &Object) -> String {
        let numbers = |threads: &[ThreadId]| {
            let numbers: Vec<String> =
                threads.iter().map(ToString::to_string).collect();
            numbers.join(", ")
        };
        let value = &object.value;
        match &object.kind {
            Kind::Atomic => value.clone(),
            Kind::Lock { writer, readers } => {
                let holders =
                    writer.map_or_else(|| numbers(readers), |t| numbers(&[t]));
                match (value.as_str(), holders.as_str()) {
                    ("()" | "", "") => words::free().to_owned(),
                    ("()" | "", holders) => words::held_by(holders),
                    (value, "") => value.to_owned(),
                    (value, holders) => words::and_held_by(value, holders),
                }
            }
            Kind::Condvar { asleep } if asleep.is_empty() => words::nobody().to_owned(),
            Kind::Condvar { asleep } => words::asleep(numbers(asleep)),
            Kind::Barrier { size, arrived, .. } => words::of(arrived.len(), size),
        }
    }

    pub(super) fn take_lock(&mut self, object: usize, me: ThreadId) {
        if let Kind::Lock { writer, .. } = &mut self.objects[object].kind {
            *writer = Some(me);
        }
    }

    pub(super) fn take_lock_to_read(&mut self, object: usize, me: ThreadId) {
        if let Kind::Lock { readers, .. } = &mut self.objects[object].kind {
            readers.push(me);
        }
    }

    pub(super) fn free_lock(&mut self, object: usize, me: ThreadId) {
        if let Kind::Lock { writer, readers } = &mut self.objects[object].kind {
            if *writer == Some(me) {
                *writer = None;
            } else if let Some(at) = readers.iter().position(|&reader| reader == me) {
                readers.remove(at);
            }
        }
    }

    /// Keeps the value of an object for the picture, if one is recorded.
    pub(super) fn set_value(&mut self, object: usize, value: impl FnOnce() -> String) {
        if self.recording.is_some() {
            self.objects[object].value = value();
        }
    }
}

/// Holds an object's name and finds its index in the run that uses it.
///
/// An object made outside a run is registered with each run at its first use there.
#[derive(Default)]
pub(super) struct Identity {
    serial: AtomicU64,
    index: AtomicUsize,
    name: Mutex<Option<String>>,
}

impl Identity {
    /// Names the object, also in the run that it is registered with.
    pub(super) fn set_name(&self, name: &str) {
        *lock(&self.name) = Some(name.to_owned());
        if let Some(context) = context()
            && self.serial.load(Ordering::Relaxed) == context.execution.serial
        {
            let index = self.index.load(Ordering::Relaxed);
            context.execution.lock().objects[index].name = name.to_owned();
        }
    }

    /// The object's index in the run.
    pub(super) fn index(
        &self,
        context: &Context,
        kind: impl FnOnce() -> Kind,
        value: impl FnOnce() -> String,
    ) -> usize {
        let serial = context.execution.serial;
        if self.serial.load(Ordering::Relaxed) == serial {
            return self.index.load(Ordering::Relaxed);
        }
        let name = lock(&self.name).clone();
        let index = context.add_object(kind(), name);
        // Only the holder of the baton gets here; its lock orders these stores.
        self.index.store(index, Ordering::Relaxed);
        self.serial.store(serial, Ordering::Relaxed);
        context.execution.lock().set_value(index, value);
        index
    }
}

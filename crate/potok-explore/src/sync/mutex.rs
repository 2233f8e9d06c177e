//! A mutex; see [`std::sync::Mutex`]. Locking is a step, and so is unlocking.

use crate::context::context;
use crate::object::{Identity, Kind};
use crate::operation::Operation;
use std::fmt::{self, Debug};
use std::ops::{Deref, DerefMut};
use std::sync::{self as real, LockResult, PoisonError, TryLockError, TryLockResult};

/// One thread at a time may use the value inside; see [`std::sync::Mutex`].
///
/// The value is shown in pictures, so it must be `Debug`.
#[derive(Default)]
pub struct Mutex<T: Debug> {
    pub(super) inner: real::Mutex<T>,
    identity: Identity,
}

/// Access to the value, until it is dropped; see [`std::sync::MutexGuard`].
pub struct MutexGuard<'a, T: Debug> {
    pub(super) mutex: &'a Mutex<T>,
    /// `None` only while the mutex is being unlocked.
    inner: Option<real::MutexGuard<'a, T>>,
}

impl<T: Debug> Mutex<T> {
    /// A mutex around this value.
    pub fn new(value: T) -> Self {
        let mutex =
            Mutex { inner: real::Mutex::new(value), identity: Identity::default() };
        mutex.object();
        mutex
    }

    /// Gives it a name for pictures.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.identity.set_name(name);
        self
    }

    /// Waits until the mutex is free and locks it.
    ///
    /// # Errors
    /// A thread panicked while it held it; the guard is inside the error.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        if let (Some(context), Some(object)) = (context(), self.object()) {
            context.step(Operation::Lock { object, verb: "lock" }, |state| {
                state.take_lock(object, context.me);
                state.tell(object, || "lock".to_owned());
            });
        }
        self.guard()
    }

    /// Locks the mutex if it is free. In an exploration that depends on the schedule.
    ///
    /// # Errors
    /// It is held, or a thread panicked while it held it.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let (Some(context), Some(object)) = (context(), self.object()) else {
            return match self.inner.try_lock() {
                Ok(inner) => Ok(MutexGuard { mutex: self, inner: Some(inner) }),
                Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
                Err(TryLockError::Poisoned(poisoned)) => {
                    let inner = Some(poisoned.into_inner());
                    let guard = MutexGuard { mutex: self, inner };
                    Err(TryLockError::Poisoned(PoisonError::new(guard)))
                }
            };
        };
        let wanted = Operation::Lock { object, verb: "lock" };
        let free =
            context.step(Operation::Touch { object, verb: "try_lock" }, |state| {
                let free = state.can(&wanted);
                if free {
                    state.take_lock(object, context.me);
                }
                state.tell(object, || format!("try_lock → {free}"));
                free
            });
        if free { Ok(self.guard()?) } else { Err(TryLockError::WouldBlock) }
    }

    /// Takes the value out.
    ///
    /// # Errors
    /// A thread panicked while it held the mutex; the value is inside the error.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }

    /// The value; `&mut self` means that no other thread can use it now.
    ///
    /// # Errors
    /// A thread panicked while it held the mutex.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    /// The index in the run of the calling thread, if it belongs to one.
    pub(super) fn object(&self) -> Option<usize> {
        let shown =
            || self.inner.try_lock().map_or_else(|_| String::new(), |v| shown(&*v));
        Some(self.identity.index(&context()?, Kind::lock, shown))
    }

    /// Takes the real lock, which is free according to the schedule.
    pub(super) fn guard(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.inner.lock() {
            Ok(inner) => Ok(MutexGuard { mutex: self, inner: Some(inner) }),
            Err(poisoned) => {
                let inner = Some(poisoned.into_inner());
                Err(PoisonError::new(MutexGuard { mutex: self, inner }))
            }
        }
    }
}

impl<'a, T: Debug> MutexGuard<'a, T> {
    pub(super) fn from_parts(
        mutex: &'a Mutex<T>,
        inner: real::MutexGuard<'a, T>,
    ) -> Self {
        MutexGuard { mutex, inner: Some(inner) }
    }

    /// Takes the guard apart without unlocking.
    pub(super) fn into_parts(
        mut self,
    ) -> (&'a Mutex<T>, Option<real::MutexGuard<'a, T>>) {
        (self.mutex, self.inner.take())
    }

    /// Unlocks the real lock and returns the value as text.
    pub(super) fn release(&mut self) -> String {
        self.inner.take().map_or_else(String::new, |inner| shown(&*inner))
    }
}

impl<T: Debug> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.inner.is_none() {
            return;
        }
        let (Some(context), Some(object)) = (context(), self.mutex.object()) else {
            return;
        };
        context.step(Operation::Touch { object, verb: "unlock" }, |state| {
            let value = self.release();
            state.set_value(object, || value);
            state.free_lock(object, context.me);
            state.tell(object, || "unlock".to_owned());
            if state.ended.is_some() {
                // A run that ended is no panic: a mutex from outside is used again.
                self.mutex.inner.clear_poison();
            }
        });
    }
}

impl<T: Debug> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds its lock until it is dropped"),
        }
    }
}

impl<T: Debug> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds its lock until it is dropped"),
        }
    }
}

impl<T: Debug> Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: Debug> Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A value as text, shortened.
pub(super) fn shown(value: &impl Debug) -> String {
    const MOST: usize = 60;
    let text = format!("{value:?}");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

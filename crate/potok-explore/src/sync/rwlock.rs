//! A read-write lock; see [`std::sync::RwLock`].

use super::mutex::shown;
use crate::context::context;
use crate::object::{Identity, Kind};
use crate::operation::Operation;
use std::fmt::{self, Debug};
use std::ops::{Deref, DerefMut};
use std::sync::{self as real, LockResult, PoisonError};

/// Many threads may read at once, or one may write. The value must be `Debug` for pictures.
#[derive(Default)]
pub struct RwLock<T: Debug> {
    inner: real::RwLock<T>,
    identity: Identity,
}

/// Read access, until it is dropped.
pub struct RwLockReadGuard<'a, T: Debug> {
    lock: &'a RwLock<T>,
    /// `None` only while the lock is being released.
    inner: Option<real::RwLockReadGuard<'a, T>>,
}

/// Write access, until it is dropped.
pub struct RwLockWriteGuard<'a, T: Debug> {
    lock: &'a RwLock<T>,
    /// `None` only while the lock is being released.
    inner: Option<real::RwLockWriteGuard<'a, T>>,
}

impl<T: Debug> RwLock<T> {
    /// A lock around this value.
    pub fn new(value: T) -> Self {
        let lock =
            RwLock { inner: real::RwLock::new(value), identity: Identity::default() };
        lock.object();
        lock
    }

    /// Gives it a name for pictures.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.identity.set_name(name);
        self
    }

    /// Waits until no thread writes.
    ///
    /// # Errors
    /// A thread panicked while it wrote; the guard is inside the error.
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        if let (Some(context), Some(object)) = (context(), self.object()) {
            context.step(Operation::Read { object }, |state| {
                state.take_lock_to_read(object, context.me);
                state.tell(object, || "read".to_owned());
            });
        }
        let guard = |inner| RwLockReadGuard { lock: self, inner: Some(inner) };
        match self.inner.read() {
            Ok(inner) => Ok(guard(inner)),
            Err(poisoned) => Err(PoisonError::new(guard(poisoned.into_inner()))),
        }
    }

    /// Waits until no thread reads or writes.
    ///
    /// # Errors
    /// A thread panicked while it wrote; the guard is inside the error.
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        if let (Some(context), Some(object)) = (context(), self.object()) {
            context.step(Operation::Lock { object, verb: "write" }, |state| {
                state.take_lock(object, context.me);
                state.tell(object, || "write".to_owned());
            });
        }
        let guard = |inner| RwLockWriteGuard { lock: self, inner: Some(inner) };
        match self.inner.write() {
            Ok(inner) => Ok(guard(inner)),
            Err(poisoned) => Err(PoisonError::new(guard(poisoned.into_inner()))),
        }
    }

    /// Takes the value out.
    ///
    /// # Errors
    /// A thread panicked while it wrote; the value is inside the error.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }

    fn object(&self) -> Option<usize> {
        let value =
            || self.inner.try_read().map_or_else(|_| String::new(), |v| shown(&*v));
        Some(self.identity.index(&context()?, Kind::lock, value))
    }

    /// One step that unlocks and keeps the value for the picture.
    fn release(&self, give_back: impl FnOnce() -> Option<String>) {
        let (Some(context), Some(object)) = (context(), self.object()) else { return };
        context.step(Operation::Touch { object, verb: "unlock" }, |state| {
            if let Some(value) = give_back() {
                state.set_value(object, || value);
            }
            state.free_lock(object, context.me);
            state.tell(object, || "unlock".to_owned());
            if state.ended.is_some() {
                // A run that ended is no panic: a lock from outside is used again.
                self.inner.clear_poison();
            }
        });
    }
}

macro_rules! guard {
    ($guard:ident) => {
        impl<T: Debug> Drop for $guard<'_, T> {
            fn drop(&mut self) {
                let inner = &mut self.inner;
                self.lock.release(|| inner.take().map(|value| shown(&*value)));
            }
        }

        impl<T: Debug> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                match &self.inner {
                    Some(inner) => inner,
                    None => unreachable!("a guard holds its lock until it is dropped"),
                }
            }
        }

        impl<T: Debug> Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
}

guard!(RwLockReadGuard);
guard!(RwLockWriteGuard);

impl<T: Debug> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds its lock until it is dropped"),
        }
    }
}

impl<T: Debug> Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

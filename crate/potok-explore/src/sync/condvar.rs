//! A condition variable; see [`std::sync::Condvar`].
//!
//! `wait` is two steps: falling asleep, which unlocks the mutex, and locking it again after
//! a notification. In between others may do what they like.

use super::mutex::MutexGuard;
use crate::context::context;
use crate::execution::{At, State};
use crate::object::{Identity, Kind};
use crate::operation::{Operation, ThreadId};
use std::fmt::{self, Debug};
use std::sync::{self as real, LockResult, PoisonError};

/// Where threads sleep until somebody says that something changed.
///
/// Which of several sleepers [`notify_one`](Self::notify_one) wakes is not promised by
/// `std` either: all are explored. Nobody wakes here without being notified. There is no
/// wait with a time-out.
#[derive(Default)]
pub struct Condvar {
    inner: real::Condvar,
    identity: Identity,
}

impl Condvar {
    /// A condition variable on which nobody sleeps.
    pub fn new() -> Self {
        let condvar = Condvar::default();
        condvar.object();
        condvar
    }

    /// Gives it a name for pictures.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.identity.set_name(name);
        self
    }

    /// Unlocks, sleeps until notified, and locks again.
    ///
    /// # Errors
    /// A thread panicked while it held the mutex; the guard is inside the error.
    pub fn wait<'a, T: Debug>(
        &self,
        mut guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        let mutex = guard.mutex;
        let (Some(context), Some(condvar), Some(lock)) =
            (context(), self.object(), mutex.object())
        else {
            return self.really_wait(guard);
        };
        let me = context.me;
        context.step(Operation::Touch { object: condvar, verb: "wait" }, |state| {
            let value = guard.release();
            state.set_value(lock, || value);
            state.free_lock(lock, me);
            state.asleep(condvar).push(me);
            state.tell(condvar, || "wait".to_owned());
        });
        drop(guard);
        context.step(Operation::Asleep { condvar, mutex: lock }, |state| {
            state.take_lock(lock, me);
            state.tell(lock, || "lock (awake)".to_owned());
        });
        mutex.guard()
    }

    /// Waits as long as `condition` holds.
    ///
    /// # Errors
    /// Those of [`wait`](Self::wait).
    pub fn wait_while<'a, T: Debug>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Wakes one of those asleep, whichever.
    pub fn notify_one(&self) {
        self.notify(
            "notify_one",
            || self.inner.notify_one(),
            |state, asleep| {
                if asleep.is_empty() {
                    vec![]
                } else {
                    vec![state.choose_woken(asleep)]
                }
            },
        );
    }

    /// Wakes all that are asleep.
    pub fn notify_all(&self) {
        let all = |_: &mut State, asleep: &[ThreadId]| asleep.to_vec();
        self.notify("notify_all", || self.inner.notify_all(), all);
    }

    fn notify(
        &self,
        verb: &'static str,
        really: impl FnOnce(),
        whom: impl FnOnce(&mut State, &[ThreadId]) -> Vec<ThreadId>,
    ) {
        let (Some(context), Some(condvar)) = (context(), self.object()) else {
            return really();
        };
        context.step(Operation::Touch { object: condvar, verb }, |state| {
            let asleep = state.asleep(condvar).clone();
            let woken = whom(state, &asleep);
            state.asleep(condvar).retain(|t| !woken.contains(t));
            for &thread in &woken {
                state.wake(thread);
            }
            let woken: Vec<String> = woken.iter().map(ToString::to_string).collect();
            state.tell(condvar, || match woken.join(", ").as_str() {
                "" => format!("{verb} → nobody"),
                numbers => format!("{verb} → {numbers}"),
            });
        });
    }

    fn really_wait<'a, T: Debug>(
        &self,
        guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        let (mutex, inner) = guard.into_parts();
        let Some(inner) = inner else { return mutex.guard() };
        match self.inner.wait(inner) {
            Ok(inner) => Ok(MutexGuard::from_parts(mutex, inner)),
            Err(poisoned) => {
                let guard = MutexGuard::from_parts(mutex, poisoned.into_inner());
                Err(PoisonError::new(guard))
            }
        }
    }

    fn object(&self) -> Option<usize> {
        let kind = || Kind::Condvar { asleep: vec![] };
        Some(self.identity.index(&context()?, kind, String::new))
    }
}

impl State {
    fn asleep(&mut self, condvar: usize) -> &mut Vec<ThreadId> {
        match &mut self.objects[condvar].kind {
            Kind::Condvar { asleep } => asleep,
            _ => unreachable!("an index belongs to one object"),
        }
    }

    /// Who was asleep now wants its mutex back.
    fn wake(&mut self, thread: ThreadId) {
        let at = &mut self.threads[thread].at;
        if let At::Announced(Operation::Asleep { mutex, .. }) = *at {
            *at =
                At::Announced(Operation::Lock { object: mutex, verb: "lock (awake)" });
        }
    }
}

impl Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

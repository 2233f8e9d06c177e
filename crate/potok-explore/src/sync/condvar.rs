//! A condition variable; see [`std::sync::Condvar`].
//!
//! `wait` is two steps: falling asleep, which unlocks the mutex, and locking it again after
//! a notification. Other threads may take steps in between. A wait with a time limit has a
//! third possible step, the time-out, which may come at any moment of the sleep.

use super::mutex::MutexGuard;
use crate::context::context;
use crate::execution::{At, State};
use crate::object::{Identity, Kind};
use crate::operation::{Limit, Operation, ThreadId};
use crate::words;
use std::fmt::{self, Debug};
use std::sync::{self as real, LockResult, PoisonError};
use std::time::{Duration, Instant};

/// Where threads sleep until another thread says that something has changed.
///
/// `std` does not promise which of several sleepers [`notify_one`](Self::notify_one)
/// wakes, so all choices are explored. Spurious wake-ups are not.
#[derive(Default)]
pub struct Condvar {
    inner: real::Condvar,
    identity: Identity,
}

impl Condvar {
    /// A condition variable on which no thread sleeps.
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
        match self.sleep(&mut guard, Limit::Never) {
            Some(_) => mutex.guard(),
            None => really_wait(guard, |inner| self.inner.wait(inner)),
        }
    }

    /// Unlocks, sleeps until notified or until `limit` has passed, and locks again.
    ///
    /// In an exploration both are tried, at every moment and whatever the limit is. Check
    /// the condition afterwards, and not only [`WaitTimeoutResult`]: a notification may
    /// come between the time-out and the lock.
    ///
    /// # Errors
    /// A thread panicked while it held the mutex; the guard is inside the error.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::{explore, sync::{Condvar, Mutex}, thread};
    /// use std::time::Duration;
    /// let report = explore(|| {
    ///     let (ready, changed) = (Mutex::new(false), Condvar::new());
    ///     thread::scope(|s| {
    ///         s.spawn(|| {
    ///             *ready.lock().unwrap() = true;
    ///             changed.notify_one();
    ///         });
    ///         let guard = ready.lock().unwrap();
    ///         if *guard {
    ///             return (true, false);
    ///         }
    ///         let limit = Duration::from_millis(1);
    ///         let (guard, result) = changed.wait_timeout(guard, limit).unwrap();
    ///         (*guard, result.timed_out())
    ///     })
    /// });
    /// let mut seen: Vec<_> = report.outcomes.iter().map(|o| o.ending.detail()).collect();
    /// seen.sort();
    /// // Timed out, and yet ready: the last line of the list is easily forgotten.
    /// assert_eq!(seen, ["(false, true)", "(true, false)", "(true, true)"]);
    /// ```
    pub fn wait_timeout<'a, T: Debug>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let mutex = guard.mutex;
        let mut timed_out = false;
        let guard = match self.sleep(&mut guard, Limit::Timed) {
            Some(woken) => {
                timed_out = woken == Woken::TimedOut;
                mutex.guard()
            }
            None => really_wait(guard, |inner| {
                let (inner, poisoned) = match self.inner.wait_timeout(inner, limit) {
                    Ok(woken) => (woken, false),
                    Err(error) => (error.into_inner(), true),
                };
                timed_out = inner.1.timed_out();
                if poisoned { Err(PoisonError::new(inner.0)) } else { Ok(inner.0) }
            }),
        };
        let result = WaitTimeoutResult(timed_out);
        match guard {
            Ok(guard) => Ok((guard, result)),
            Err(error) => Err(PoisonError::new((error.into_inner(), result))),
        }
    }

    /// Waits as long as `condition` holds, but not longer than `limit`.
    ///
    /// # Errors
    /// Those of [`wait_timeout`](Self::wait_timeout).
    pub fn wait_timeout_while<'a, T: Debug>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let start = Instant::now();
        let mut result = WaitTimeoutResult(false);
        while condition(&mut guard) {
            if result.timed_out() {
                return Ok((guard, result));
            }
            let left = limit.saturating_sub(start.elapsed());
            (guard, result) = self.wait_timeout(guard, left)?;
        }
        Ok((guard, WaitTimeoutResult(false)))
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

    /// Wakes one of the sleeping threads, any of them.
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

    /// Wakes all sleeping threads.
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
                "" => words::to_nobody(verb),
                numbers => format!("{verb} → {numbers}"),
            });
        });
    }

    /// Sleeps in a run, with the lock taken again in the schedule; `None` outside of runs.
    fn sleep<T: Debug>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        limit: Limit,
    ) -> Option<Woken> {
        let (context, condvar) = (context()?, self.object()?);
        let mutex = guard.mutex.object()?;
        let me = context.me;
        let verb = if limit == Limit::Timed { "wait_timeout" } else { "wait" };
        context.step(Operation::Touch { object: condvar, verb }, |state| {
            let value = guard.release();
            state.set_value(mutex, || value);
            state.free_lock(mutex, me);
            state.asleep(condvar).push(me);
            // Others go first, and that does not count as a preemption.
            state.threads[me].gave_way = limit == Limit::Timed;
            state.tell(condvar, || verb.to_owned());
        });
        let woken =
            context.step(Operation::Asleep { condvar, mutex, limit }, |state| {
                if state.asleep(condvar).contains(&me) && state.ended.is_none() {
                    state.asleep(condvar).retain(|&thread| thread != me);
                    let thread = &mut state.threads[me];
                    (thread.yielded, thread.ever_yielded) = (true, true);
                    state.tell(condvar, || words::time_out().to_owned());
                    Woken::TimedOut
                } else {
                    state.take_lock(mutex, me);
                    state.tell(mutex, || words::awake().to_owned());
                    Woken::Notified
                }
            });
        if woken == Woken::TimedOut {
            context.step(
                Operation::Lock { object: mutex, verb: words::awake() },
                |state| {
                    state.take_lock(mutex, me);
                    state.tell(mutex, || words::awake().to_owned());
                },
            );
        }
        Some(woken)
    }

    fn object(&self) -> Option<usize> {
        let kind = || Kind::Condvar { asleep: vec![] };
        Some(self.identity.index(&context()?, kind, String::new))
    }
}

/// Why a thread woke up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Woken {
    Notified,
    TimedOut,
}

/// Whether a wait ended by its time limit; see [`std::sync::WaitTimeoutResult`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time limit was reached before a notification came.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

/// Waits as `std` does, outside of runs.
fn really_wait<'a, T: Debug>(
    guard: MutexGuard<'a, T>,
    wait: impl FnOnce(real::MutexGuard<'a, T>) -> LockResult<real::MutexGuard<'a, T>>,
) -> LockResult<MutexGuard<'a, T>> {
    let (mutex, inner) = guard.into_parts();
    let Some(inner) = inner else { return mutex.guard() };
    match wait(inner) {
        Ok(inner) => Ok(MutexGuard::from_parts(mutex, inner)),
        Err(poisoned) => {
            let guard = MutexGuard::from_parts(mutex, poisoned.into_inner());
            Err(PoisonError::new(guard))
        }
    }
}

impl State {
    fn asleep(&mut self, condvar: usize) -> &mut Vec<ThreadId> {
        match &mut self.objects[condvar].kind {
            Kind::Condvar { asleep } => asleep,
            _ => unreachable!("an index belongs to one object"),
        }
    }

    /// A thread that was asleep now wants its mutex back.
    fn wake(&mut self, thread: ThreadId) {
        self.threads[thread].gave_way = false;
        let at = &mut self.threads[thread].at;
        if let At::Announced(Operation::Asleep { mutex, .. }) = *at {
            *at =
                At::Announced(Operation::Lock { object: mutex, verb: words::awake() });
        }
    }
}

impl Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

//! The lock as CPython has it since 3.2: whoever waits longer than the switch interval
//! asks the holder to drop it, and the holder does at its next safe point.
//!
//! ```
//! use potok::prelude::*;
//!
//! let brisk = Gil::new().switch_interval(ms(1));
//! let run = brisk.threads(["ann", "bob"], |py| py.busy(ms(10)))?;
//! assert!(run.drop_requests > 0);
//!
//! let free = Gil::off().threads(["ann", "bob"], |py| py.busy(ms(2)))?;
//! assert_eq!(free.handovers, 0);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the interval is a lower bound. A holder that reaches no safe point
//! keeps the lock as long as it likes.
//!
//! Source: `Python/ceval_gil.c` of CPython, `take_gil` and `drop_gil`.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A global interpreter lock that can be turned and switched off.
///
/// See [`threads`](Gil::threads) for several threads at once and
/// [`attach`](Gil::attach) for a thread of one's own.
#[derive(Debug)]
pub struct Gil {
    on: bool,
    switch_interval: Duration,
    deadline: Duration,
    state: Mutex<State>,
    /// Signalled when the lock is dropped.
    dropped: Condvar,
    /// Signalled when a thread other than the last one has taken it.
    switched: Condvar,
    /// Set by a thread that has waited for an interval; looked at by the holder.
    drop_request: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    holder: Option<ThreadId>,
    last_holder: Option<ThreadId>,
    waiting: usize,
    handovers: u64,
    drop_requests: u64,
}

impl Gil {
    /// A lock with CPython's default switch interval of 5 ms.
    pub fn new() -> Self {
        Gil {
            on: true,
            switch_interval: Duration::from_millis(5),
            deadline: Duration::from_secs(30),
            state: Mutex::default(),
            dropped: Condvar::new(),
            switched: Condvar::new(),
            drop_request: AtomicBool::new(false),
        }
    }

    /// No lock at all, as in a free-threaded build: threads run side by side.
    pub fn off() -> Self {
        Gil { on: false, ..Gil::new() }
    }

    /// How long a thread waits before it asks for the lock (`sys.setswitchinterval`).
    ///
    /// As in CPython nothing below a microsecond is taken.
    #[must_use]
    pub fn switch_interval(self, interval: Duration) -> Self {
        Gil { switch_interval: interval.max(Duration::from_micros(1)), ..self }
    }

    /// How long a thread may take in all before it is stopped with an error: 30 s unless
    /// said otherwise. A thread is stopped at a safe point or while it waits for the lock.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Gil { deadline, ..self }
    }

    /// Whether there is a lock at all.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// How often the lock has gone from one thread to another.
    pub fn handovers(&self) -> u64 {
        self.state().handovers
    }

    /// How often a waiting thread has asked the holder to drop the lock.
    pub fn drop_requests(&self) -> u64 {
        self.state().drop_requests
    }

    pub(super) fn expires(&self) -> Instant {
        // A deadline beyond the clock's range is as good as a year.
        let now = Instant::now();
        now.checked_add(self.deadline).unwrap_or(now + Duration::from_secs(31_536_000))
    }

    pub(super) fn timed_out(&self) -> Error {
        Error::timed_out("a thread under the GIL", self.deadline)
    }

    pub(super) fn is_mine(&self) -> bool {
        self.state().holder == Some(thread::current().id())
    }

    /// Whether somebody wants the holder to drop the lock.
    pub(super) fn is_asked_for(&self) -> bool {
        self.drop_request.load(Ordering::Relaxed)
    }

    /// Takes the lock if it is free.
    pub(super) fn try_take(&self) -> bool {
        let mut state = self.state();
        let free = state.holder.is_none();
        if free {
            self.taken_by_me(&mut state);
        }
        free
    }

    /// Takes the lock; waits for it until `expires`.
    pub(super) fn take(&self, expires: Instant) -> Result<()> {
        let mut state = self.state();
        state.waiting += 1;
        while state.holder.is_some() {
            let seen = state.handovers;
            let patience =
                self.switch_interval.min(expires - Instant::now().min(expires));
            let (woken, timeout) = self
                .dropped
                .wait_timeout(state, patience)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if state.holder.is_none() {
                break;
            }
            if Instant::now() >= expires {
                state.waiting -= 1;
                self.switched.notify_all();
                return Err(self.timed_out());
            }
            // Ask only if the lock has not changed hands while we waited.
            let asked = self.is_asked_for();
            if timeout.timed_out() && state.handovers == seen && !asked {
                state.drop_requests += 1;
                self.drop_request.store(true, Ordering::Relaxed);
            }
        }
        state.waiting -= 1;
        self.taken_by_me(&mut state);
        Ok(())
    }

    /// Drops the lock, if this thread has it.
    pub(super) fn drop_it(&self) {
        let mut state = self.state();
        if state.holder == Some(thread::current().id()) {
            state.holder = None;
            self.dropped.notify_one();
        }
    }

    /// Drops the lock because somebody asked, and waits until somebody else has had it:
    /// otherwise the thread that is awake would win it back nearly always.
    pub(super) fn hand_over(&self) {
        self.drop_it();
        let me = Some(thread::current().id());
        let mut state = self.state();
        while state.waiting > 0 && state.last_holder == me {
            // The time-out only guards against a waiter that gave up just now.
            (state, _) = self
                .switched
                .wait_timeout(state, self.switch_interval)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn taken_by_me(&self, state: &mut State) {
        let me = Some(thread::current().id());
        state.holder = me;
        if state.last_holder != me {
            state.handovers += u64::from(state.last_holder.is_some());
            state.last_holder = me;
            self.switched.notify_all();
        }
        self.drop_request.store(false, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Gil {
    fn default() -> Self {
        Gil::new()
    }
}

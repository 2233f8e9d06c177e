//! The lock as CPython has had it since 3.2: a thread that has waited for the switch
//! interval asks the holder to drop the lock, which it does at its next safe point.
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
//! keeps the lock.
//!
//! Source: `Python/ceval_gil.c` of CPython, `take_gil` and `drop_gil`.

use crate::error::{Error, Result};
use crate::words;
use potok_base::sync::{lock, unpoisoned};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A global interpreter lock that can be tuned and switched off.
///
/// [`threads`](Gil::threads) starts threads under it; [`attach`](Gil::attach) attaches the
/// calling thread.
#[derive(Debug)]
pub struct Gil {
    on: bool,
    switch_interval: Duration,
    timeout: Duration,
    state: Mutex<State>,
    /// Signalled when the lock is dropped.
    dropped: Condvar,
    /// Signalled when a thread other than the last one has taken it.
    switched: Condvar,
    /// Set by a thread that has waited for an interval; checked by the holder.
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
            timeout: Duration::from_secs(30),
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
    /// As in CPython, the minimum is one microsecond.
    #[must_use]
    pub fn switch_interval(self, interval: Duration) -> Self {
        Gil { switch_interval: interval.max(Duration::from_micros(1)), ..self }
    }

    /// Limits the time of each thread, 30 s by default. A thread that takes longer is stopped
    /// with an error, at a safe point or while it waits for the lock.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Gil { timeout: limit, ..self }
    }

    /// Whether there is a lock at all.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// How often the lock has gone from one thread to another.
    pub(super) fn handovers(&self) -> u64 {
        self.state().handovers
    }

    /// How often a waiting thread has asked the holder to drop the lock.
    pub(super) fn drop_requests(&self) -> u64 {
        self.state().drop_requests
    }

    pub(super) fn expires(&self) -> Instant {
        // Where the clock's range ends, a year is long enough.
        let now = Instant::now();
        now.checked_add(self.timeout).unwrap_or(now + Duration::from_secs(31_536_000))
    }

    pub(super) fn timed_out(&self) -> Error {
        Error::timed_out(words::under_the_gil(), self.timeout)
    }

    pub(super) fn is_mine(&self) -> bool {
        self.state().holder == Some(thread::current().id())
    }

    /// Whether another thread wants the holder to drop the lock.
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
            let (woken, timeout) =
                unpoisoned(self.dropped.wait_timeout(state, patience));
            state = woken;
            if state.holder.is_none() {
                break;
            }
            if Instant::now() >= expires {
                state.waiting -= 1;
                self.switched.notify_all();
                return Err(self.timed_out());
            }
            // Ask only if the lock has not changed hands meanwhile.
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

    /// Drops the lock on request and waits until another thread has taken it: otherwise
    /// this thread, which is awake, would nearly always win it back.
    pub(super) fn hand_over(&self) {
        self.drop_it();
        let me = Some(thread::current().id());
        let mut state = self.state();
        while state.waiting > 0 && state.last_holder == me {
            // The time-out only guards against a waiter that has just given up.
            (state, _) =
                unpoisoned(self.switched.wait_timeout(state, self.switch_interval));
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
        lock(&self.state)
    }
}

impl Default for Gil {
    fn default() -> Self {
        Gil::new()
    }
}

//! Threads attached to the interpreter, and what they do there.
//!
//! ```
//! use potok::prelude::*;
//!
//! let run = Gil::new().threads(["ann", "bob"], |py| {
//!     py.busy(ms(2));                            // Python code: holds the lock
//!     py.wait(ms(5));                            // time.sleep: releases it
//! })?;
//! assert!(run.handovers >= 1);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the waits overlap, the Python code never does.

use super::lock::Gil;
use crate::error::{Error, Result};
use crate::trace::{Recorder, Span, SpanGuard, Trace, record};
use crate::words;
use crate::workload::{collatz_like, wait};
use potok_base::sys;
use potok_base::threads::{all_at_once, names_of};
use std::borrow::Cow;
use std::cell::RefCell;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;
use std::time::{Duration, Instant};

/// What threads under a [`Gil`] did.
#[derive(Clone, Debug, PartialEq)]
pub struct GilRun {
    /// When each thread held the lock (running) and when it waited for it.
    pub trace: Trace,
    /// Whether the lock was switched on.
    pub on: bool,
    /// How often the lock went from one thread to another.
    pub handovers: u64,
    /// How often a thread that had waited for a switch interval asked for the lock.
    pub drop_requests: u64,
}

impl GilRun {
    /// The longest time that a thread waited for the lock. A shorter switch interval need
    /// not make it shorter: the lock keeps no queue.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let run = Gil::new().threads(["ann", "bob"], |py| py.busy(ms(2)))?;
    /// assert!(run.longest_wait() <= run.trace.makespan());
    /// assert_eq!(Gil::off().threads(["ann"], |_| ())?.longest_wait(), ms(0));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn longest_wait(&self) -> Duration {
        let spans = self.trace.spans.iter();
        let waits = spans.filter(|span| words::is_wait_for_gil(&span.label));
        waits.filter_map(Span::duration).max().unwrap_or_default()
    }
}

impl Gil {
    /// Runs `job` on a thread for each name, all started at once, under this lock.
    ///
    /// # Errors
    /// No names; a panic in `job`; a thread that takes longer than the
    /// [`timeout`](Gil::timeout).
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let run = Gil::new().threads(["cpu", "disk"], |py| match py.name() {
    ///     "cpu" => py.busy(ms(10)),
    ///     _ => py.blocking("read", || wait(ms(3))),
    /// })?;
    /// assert_eq!(run.trace.lanes.len(), 2);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn threads<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
        job: impl Fn(&Attached) + Sync,
    ) -> Result<GilRun> {
        let names = names_of(names);
        let before = (self.handovers(), self.drop_requests());
        let mut outcome = Ok(vec![]);
        let mut trace = record(|rec| {
            outcome = all_at_once(&names, |_| self.attach(rec, &job));
        });
        trace.order_lanes(&names);
        for (ended, name) in outcome?.into_iter().zip(&names) {
            ended.map_err(|error| error.context(words::of_thread(name)))?;
        }
        Ok(GilRun {
            trace,
            on: self.is_on(),
            handovers: self.handovers() - before.0,
            drop_requests: self.drop_requests() - before.1,
        })
    }

    /// Runs `job` on the calling thread, which takes the lock before and drops it afterwards.
    ///
    /// A thread that is attached already keeps its lock.
    ///
    /// # Errors
    /// A panic in `job`; the [`timeout`](Gil::timeout). The lock is free after both.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let gil = Gil::new();
    /// let trace = record(|rec| gil.attach(rec, |py| py.busy(ms(1))));
    /// assert_eq!(trace.spans[0].label, "holds the GIL");
    /// ```
    pub fn attach<R>(
        &self,
        rec: &Recorder,
        job: impl FnOnce(&Attached<'_>) -> R,
    ) -> Result<R> {
        let expires = self.expires();
        let name = thread::current().name().unwrap_or(words::thread()).to_owned();
        let attached =
            Attached { gil: self, rec, name, expires, running: RefCell::default() };
        let nested = self.is_on() && self.is_mine();
        if !nested {
            attached.take()?;
        }
        attached.runs();
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&attached)));
        attached.running.take();
        if !nested {
            self.drop_it();
        }
        outcome.map_err(|payload| match payload.downcast::<Error>() {
            Ok(error) => *error,
            Err(payload) => Error::panicked(words::python_code(), &*payload),
        })
    }
}

/// A thread that is attached to the interpreter: the argument of `job`.
#[derive(Debug)]
pub struct Attached<'g> {
    gil: &'g Gil,
    rec: &'g Recorder,
    name: String,
    expires: Instant,
    /// The span during which this thread holds the lock.
    running: RefCell<Option<SpanGuard>>,
}

impl Attached<'_> {
    /// The thread's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs Python code for `cpu_time` of processor time, with a safe point every few
    /// microseconds.
    pub fn busy(&self, cpu_time: Duration) {
        let end = sys::thread_cpu_time() + cpu_time;
        let mut state = 1;
        while sys::thread_cpu_time() < end {
            state = collatz_like(state, 2_000);
            self.checkpoint();
        }
        black_box(state);
    }

    /// A safe point, as between two bytecodes: if another thread has asked for the lock,
    /// drops it and waits to get it back.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let run = Gil::new().threads(["ann", "bob"], |py| {
    ///     for _ in 0..20 {
    ///         busy(ms(1));                       // a loop that Python would interpret
    ///         py.checkpoint();
    ///     }
    /// })?;
    /// assert!(run.handovers >= 1);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn checkpoint(&self) {
        if Instant::now() >= self.expires {
            resume_unwind(Box::new(self.gil.timed_out()));
        }
        if self.gil.is_on() && self.gil.is_asked_for() {
            self.running.take();
            let waiting = self.rec.wait(words::waits_for_gil(), || {
                self.gil.hand_over();
                self.gil.take(self.expires)
            });
            self.go_on(waiting);
        }
    }

    /// Waits for `time` without the lock, as `time.sleep` does.
    pub fn wait(&self, time: Duration) {
        self.blocking(words::wait(), || wait(time));
    }

    /// Runs a call that blocks (a disk, a network, another lock) without the lock.
    pub fn blocking<R>(
        &self,
        label: impl Into<Cow<'static, str>>,
        call: impl FnOnce() -> R,
    ) -> R {
        self.running.take();
        self.gil.drop_it();
        let result = self.rec.wait(label, call);
        self.go_on(self.take());
        result
    }

    fn take(&self) -> Result<()> {
        if !self.gil.is_on() || self.gil.try_take() {
            return Ok(());
        }
        self.rec.wait(words::waits_for_gil(), || self.gil.take(self.expires))
    }

    /// Continues with the lock, or unwinds this thread without a message on stderr.
    fn go_on(&self, taken: Result<()>) {
        match taken {
            Ok(()) => self.runs(),
            Err(error) => resume_unwind(Box::new(error)),
        }
    }

    fn runs(&self) {
        let label = if self.gil.is_on() { words::holds_gil() } else { words::runs() };
        self.running.replace(Some(self.rec.enter(label)));
    }
}

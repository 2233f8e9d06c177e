//! One run of a program under one schedule: real threads that pass a baton.
//!
//! A thread announces what it wants to do next, for instance "lock `a`", and waits. Since
//! only the holder of the baton runs, all other threads wait at such an announcement too,
//! and the next step can be chosen: by a plan, by a rule, or at random. The chosen thread
//! takes the baton, takes its step, and computes on its own up to its next announcement.
//!
//! *What to notice*: there is no scheduler thread. The thread that announces a step also
//! chooses the next one; if it chooses itself, nothing has to be switched.

use super::object::Object;
use super::operation::{Operation, ThreadId};
use super::plan::{Decision, Plan};
use super::recording::Recording;
use super::schedule::Ending;
use crate::words;
use potok_base::sync::lock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle, Thread};

/// What all threads of a run share.
pub(super) struct Execution {
    /// Unique among the executions of this process.
    pub(super) serial: u64,
    /// Counts steps, so that the watching thread sees whether the run makes progress.
    pub(super) ticks: AtomicU64,
    state: Mutex<State>,
}

/// The state of a run.
pub(super) struct State {
    pub(super) threads: Vec<Runner>,
    pub(super) objects: Vec<Object>,
    /// Who holds the baton.
    pub(super) turn: ThreadId,
    /// Who took the last step.
    pub(super) last: Option<ThreadId>,
    pub(super) plan: Plan,
    pub(super) trail: Vec<Decision>,
    /// How many steps have been chosen so far.
    pub(super) steps: usize,
    pub(super) ended: Option<End>,
    pub(super) recording: Option<Recording>,
    /// The messages of panics, in order.
    pub(super) panics: Vec<String>,
    /// Threads that the program may not join, to be joined at the end of the run.
    pub(super) handles: HashMap<ThreadId, JoinHandle<()>>,
}

/// A thread of the program.
pub(super) struct Runner {
    pub(super) name: String,
    pub(super) at: At,
    /// It yielded, and no other thread has taken a step since.
    pub(super) yielded: bool,
    /// Its last step gave its turn away.
    pub(super) gave_way: bool,
    /// It has yielded at least once, so its waiting loops say that they wait.
    pub(super) ever_yielded: bool,
    /// The thread that gets the baton back at this one's first announcement.
    pub(super) returns_to: Option<ThreadId>,
    pub(super) handle: Option<Thread>,
}

/// Where a thread is.
pub(super) enum At {
    /// Between announcements.
    Running,
    /// At its next step, or at something that it has to wait for.
    Announced(Operation),
    Finished,
}

/// Why a run ended.
#[derive(Clone, Debug)]
pub(super) enum End {
    Program(Ending),
    /// The hand-chosen steps are used up.
    Paused,
    /// A choice of the plan was not possible.
    BadChoice(String),
}

impl Execution {
    /// A run that the calling thread begins as its `main`.
    pub(super) fn new(plan: Plan, record: bool) -> Arc<Self> {
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        let mut main = Runner::new(words::main().to_owned(), None);
        main.handle = Some(thread::current());
        let state = State {
            threads: vec![main],
            objects: vec![],
            turn: 0,
            last: None,
            plan,
            trail: vec![],
            steps: 0,
            ended: None,
            recording: record.then(Recording::default),
            panics: vec![],
            handles: HashMap::new(),
        };
        Arc::new(Execution {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            ticks: AtomicU64::new(0),
            state: Mutex::new(state),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Ends the run, unless it has ended; all its threads unwind.
    pub(super) fn end(&self, state: &mut State, end: End) {
        if state.ended.is_none() {
            state.finish_recording();
            state.ended = Some(end);
        }
        for handle in state.threads.iter().filter_map(|t| t.handle.as_ref()) {
            handle.unpark();
        }
    }

    /// Gives the baton to the thread whose turn it is; returns when `me` has it, or at the
    /// end of the run.
    pub(super) fn wait_for_turn<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        me: ThreadId,
    ) -> MutexGuard<'a, State> {
        if state.ended.is_some() || state.turn == me {
            return state;
        }
        let next = state.threads[state.turn].handle.clone();
        drop(state);
        if let Some(next) = next {
            next.unpark();
        }
        loop {
            thread::park();
            let state = self.lock();
            if state.ended.is_some() || state.turn == me {
                return state;
            }
        }
    }

    /// Passes the baton on, at an announcement or at the end of a thread.
    pub(super) fn pass_on(&self, state: &mut State, me: ThreadId) {
        if let Some(parent) = state.threads[me].returns_to.take() {
            state.turn = parent;
        } else if let Err(end) = state.choose() {
            self.end(state, end);
        }
    }
}

impl Runner {
    pub(super) fn new(name: String, returns_to: Option<ThreadId>) -> Self {
        Runner {
            name,
            at: At::Running,
            yielded: false,
            gave_way: false,
            ever_yielded: false,
            returns_to,
            handle: None,
        }
    }
}

//! What a thread of a run does before a step that other threads can see: it announces the
//! step, waits for the baton, and continues.

use super::execution::{At, Execution, Runner, State};
use super::object::{Kind, Object};
use super::operation::{Operation, ThreadId};
use crate::words;
use std::any::Any;
use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle, Thread};

/// Each thread is one digit in the string of a schedule: 0 to 9, a to z.
const MOST_THREADS: usize = 36;

/// Unwinds the threads of a run that has ended.
struct Ended;

/// The run that the calling thread belongs to, and its number there.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) execution: Arc<Execution>,
    pub(super) me: ThreadId,
}

thread_local! {
    static CONTEXT: RefCell<Option<Context>> = const { RefCell::new(None) };
}

/// The calling thread's run; `None` in a thread that does not belong to one.
pub(super) fn context() -> Option<Context> {
    CONTEXT.try_with(|c| c.try_borrow().ok()?.clone()).ok().flatten()
}

pub(super) fn set_context(context: Option<Context>) {
    let _ = CONTEXT.try_with(|cell| *cell.borrow_mut() = context);
}

/// Whether a panic only unwinds a thread of a run that has ended.
pub(super) fn is_way_out(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Ended>()
}

impl Context {
    /// Announces a step and takes it in its turn.
    ///
    /// Does not return if the run ends before that: the thread unwinds. A thread that is
    /// already unwinding from its own panic cannot; it takes the step unrecorded.
    pub(super) fn step<R>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut State) -> R,
    ) -> R {
        let mut state = self.announce(operation);
        if state.ended.is_some() {
            return act(&mut state);
        }
        self.execution.ticks.fetch_add(1, Ordering::Relaxed);
        state.begin_step(self.me);
        let result = act(&mut state);
        state.finish_step(self.me);
        result
    }

    /// Waits until this thread is able to continue. Not a step of the schedule.
    pub(super) fn pause(&self, operation: Operation) {
        if !self.execution.lock().can(&operation) {
            drop(self.announce(operation));
        }
    }

    fn announce(&self, operation: Operation) -> MutexGuard<'_, State> {
        let execution = &self.execution;
        let mut state = execution.lock();
        if state.ended.is_none() {
            state.threads[self.me].at = At::Announced(operation);
            execution.pass_on(&mut state, self.me);
            state = execution.wait_for_turn(state, self.me);
        }
        if state.ended.is_some() && !thread::panicking() {
            drop(state);
            resume_unwind(Box::new(Ended));
        }
        state.threads[self.me].at = At::Running;
        state
    }

    /// Waits for the end of a thread in the schedule, then joins the real one.
    pub(super) fn join(&self, thread: ThreadId) {
        self.pause(Operation::Join(vec![thread]));
        let handle = self.execution.lock().handles.remove(&thread);
        if let Some(handle) = handle {
            let _ = handle.join();
        }
    }

    /// Starts a thread that the run itself has to join, since the program may not.
    pub(super) fn keep(&self, child: ThreadId, handle: JoinHandle<()>) {
        let thread = handle.thread().clone();
        self.execution.lock().handles.insert(child, handle);
        self.started(child, &thread);
    }

    /// The system refused the thread.
    pub(super) fn never_started(&self, child: ThreadId) {
        self.execution.lock().threads[child].at = At::Finished;
    }

    /// Adds a thread to the run; [`started`](Self::started) lets it begin.
    pub(super) fn new_thread(&self, name: Option<String>) -> Context {
        let mut state = self.execution.lock();
        let id = state.threads.len();
        if id >= MOST_THREADS {
            drop(state);
            panic!("{}", words::too_many_threads(MOST_THREADS));
        }
        let name = name.unwrap_or_else(|| words::thread(id));
        state.threads.push(Runner::new(name, Some(self.me)));
        Context { execution: Arc::clone(&self.execution), me: id }
    }

    /// Lets the new thread run up to its first announcement.
    pub(super) fn started(&self, child: ThreadId, handle: &Thread) {
        let mut state = self.execution.lock();
        state.threads[child].handle = Some(handle.clone());
        if state.ended.is_none() {
            state.turn = child;
            state = self.execution.wait_for_turn(state, self.me);
        } else {
            handle.unpark();
        }
        if state.ended.is_some() && !thread::panicking() {
            drop(state);
            resume_unwind(Box::new(Ended));
        }
    }

    /// Called in the new thread: waits for the baton.
    pub(super) fn begin(&self) {
        let mut state = self.execution.lock();
        while state.turn != self.me && state.ended.is_none() {
            drop(state);
            thread::park();
            state = self.execution.lock();
        }
        if state.ended.is_some() {
            drop(state);
            resume_unwind(Box::new(Ended));
        }
    }

    /// The thread has ended, or panicked with this message.
    pub(super) fn finish(&self, panic: Option<String>) {
        let mut state = self.execution.lock();
        state.threads[self.me].at = At::Finished;
        if let Some(words) = panic {
            let name = &state.threads[self.me].name;
            let words = crate::words::panicked(name, words);
            state.panics.push(words);
        }
        if self.me != 0 && state.ended.is_none() {
            self.execution.pass_on(&mut state, self.me);
            let next = state.threads[state.turn].handle.clone();
            drop(state);
            if let Some(next) = next {
                next.unpark();
            }
        }
    }

    /// Registers a shared object with the run and returns its index.
    pub(super) fn add_object(&self, kind: Kind, name: Option<String>) -> usize {
        let mut state = self.execution.lock();
        let alike = state.objects.iter().filter(|o| o.kind.word() == kind.word());
        let number = alike.count() + 1;
        let name = name.unwrap_or_else(|| format!("{} {number}", kind.word()));
        state.objects.push(Object { kind, name, value: String::new() });
        state.objects.len() - 1
    }
}

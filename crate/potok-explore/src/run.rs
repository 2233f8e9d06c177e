//! Runs a program once under a plan, and watches from outside whether runs make progress.

use super::context::{Context, context, is_way_out, set_context};
use super::execution::{End, Execution};
use super::object::Kind;
use super::plan::{Decision, Plan};
use super::schedule::{self, Ending, Next, Schedule};
use crate::words;
use potok_base::error::{Error, ErrorKind, Result, panic_message};
use potok_base::panic_hook::ask_first;
use potok_base::sync::lock;
use potok_base::units::duration;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// A run in which no step is taken for this long is ended.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time for the threads of an ended run to unwind before they are abandoned.
const GRACE: Duration = Duration::from_millis(500);

/// The result of one run.
pub(super) struct Run {
    pub(super) end: End,
    pub(super) trail: Vec<Decision>,
    pub(super) schedule: Option<Schedule>,
    /// What every thread would have done next, before each step of the schedule.
    pub(super) before: Vec<Vec<Next>>,
    /// Whether a condition variable was used.
    pub(super) sleeps: bool,
}

/// The current run, for the watching thread.
#[derive(Default)]
pub(super) struct Watch(Mutex<Option<Arc<Execution>>>);

impl Watch {
    fn set(&self, execution: Option<Arc<Execution>>) {
        *lock(&self.0) = execution;
    }

    fn get(&self) -> Option<Arc<Execution>> {
        lock(&self.0).clone()
    }
}

/// Runs `program` as `main`, on the calling thread; its value comes as text.
pub(super) fn run(
    program: &dyn Fn() -> String,
    plan: Plan,
    record: bool,
    watch: &Watch,
) -> Run {
    let execution = Execution::new(plan, record);
    watch.set(Some(Arc::clone(&execution)));
    let context = Context { execution: Arc::clone(&execution), me: 0 };
    set_context(Some(context.clone()));
    let result = catch_unwind(AssertUnwindSafe(program));
    let words = match &result {
        Err(payload) if !is_way_out(&**payload) => Some(panic_message(&**payload)),
        _ => None,
    };
    context.finish(words.map(std::borrow::Cow::into_owned));
    set_context(None);

    let mut state = execution.lock();
    let ending = match result {
        Ok(value) => Ending::Returned(value),
        Err(_) => Ending::Panicked(state.panics.first().cloned().unwrap_or_default()),
    };
    execution.end(&mut state, End::Program(ending));
    let handles = std::mem::take(&mut state.handles);
    drop(state);
    for handle in handles.into_values() {
        let _ = handle.join();
    }
    watch.set(None);

    let mut state = execution.lock();
    let end = state.ended.clone().unwrap_or(End::Paused);
    let trail = std::mem::take(&mut state.trail);
    let choices: Vec<_> = trail.iter().map(|decision| decision.choice).collect();
    let mut recording = state.recording.take();
    let before =
        recording.as_mut().map(|recording| std::mem::take(&mut recording.before));
    let before = before.unwrap_or_default();
    let schedule = recording.map(|recording| Schedule {
        threads: state.threads.iter().map(|t| t.name.clone()).collect(),
        variables: state.objects.iter().map(|o| o.name.clone()).collect(),
        initial: recording.initial.unwrap_or_default(),
        steps: recording.steps,
        ending: match &end {
            End::Program(ending) => Some(ending.clone()),
            End::Paused | End::BadChoice(_) => None,
        },
        next: recording.next,
        breaking: None,
        choices: schedule::spell(&choices),
    });
    let sleeps = state.objects.iter().any(|o| matches!(o.kind, Kind::Condvar { .. }));
    Run { end, trail, schedule, before, sleeps }
}

/// Does `job`, which runs programs, on a thread of its own; ends a run that makes no
/// progress.
///
/// # Errors
/// The job was abandoned, and its threads with it; or the system refuses a thread.
pub(super) fn supervise<R: Send + 'static>(
    job: impl FnOnce(&Watch) -> R + Send + 'static,
) -> Result<R> {
    silence_panics();
    let watch = Arc::new(Watch::default());
    let (sender, receiver) = channel();
    let shared = Arc::clone(&watch);
    let worker = thread::Builder::new()
        .name("explore".to_owned())
        .spawn(move || {
            stay_on_one_processor();
            let _ = sender.send(job(&shared));
        })
        .map_err(|error| Error::io(words::cannot_start(), &error))?;

    let mut seen = None;
    let mut since = Instant::now();
    let mut given_up = false;
    let mut reason = stuck(words::main());
    loop {
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(result) => {
                let _ = worker.join();
                return Ok(result);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::invalid(words::explorer_ended()));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let execution = watch.get();
        let now = execution
            .as_ref()
            .map(|e| (e.serial, e.ticks.load(std::sync::atomic::Ordering::Relaxed)));
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        if !given_up && since.elapsed() > PATIENCE {
            given_up = true;
            if let Some(execution) = execution {
                let mut state = execution.lock();
                reason = stuck(&state.threads[state.turn].name);
                let ending = Ending::Stuck(reason.clone());
                execution.end(&mut state, End::Program(ending));
            }
            since = Instant::now();
        } else if given_up && since.elapsed() > GRACE {
            return Err(Error::new(ErrorKind::TimedOut, reason));
        }
    }
}

/// Why a run was ended from outside: a loop without steps, a real sleep, a real lock.
fn stuck(thread: &str) -> String {
    words::no_step_for(thread, duration(PATIENCE))
}

/// A panic of an explored program is an outcome and is not printed: thousands of runs would
/// print thousands of them.
fn silence_panics() {
    static ONCE: Once = Once::new();
    if !thread::panicking() {
        ONCE.call_once(|| {
            ask_first(|_| context().is_some());
        });
    }
}

/// Only one thread runs at a time. On one processor the baton is passed without waking
/// another: 30 µs instead of 1 ms for a run, measured on a busy machine.
fn stay_on_one_processor() {
    #[cfg(target_os = "linux")]
    {
        use nix::sched::{CpuSet, sched_setaffinity};
        let mut here = CpuSet::new();
        if let Some(cpu) = potok_base::sys::current_cpu()
            && here.set(cpu as usize).is_ok()
        {
            // Where it is not allowed, the search is only slower.
            let _ = sched_setaffinity(nix::unistd::Pid::from_raw(0), &here);
        }
    }
}

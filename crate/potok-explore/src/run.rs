//! Running a program once under a plan, and watching over runs from outside.

use super::context::{Context, context, is_way_out, set_context};
use super::execution::{End, Execution};
use super::object::Kind;
use super::plan::{Decision, Plan};
use super::schedule::{self, Ending, Schedule};
use potok_base::error::{Error, Result, panic_message};
use potok_base::sync::lock;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// A thread that takes no step for so long is given up.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time for threads to unwind before they are left behind.
const GRACE: Duration = Duration::from_millis(500);

/// What one run gave.
pub(super) struct Run {
    pub(super) end: End,
    pub(super) trail: Vec<Decision>,
    pub(super) schedule: Option<Schedule>,
    /// Whether there was a condition variable.
    pub(super) sleeps: bool,
}

/// Which run goes on at the moment, for the one who watches.
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
    context.finish(words.map(str::to_owned));
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
    let recording = state.recording.take();
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
    Run { end, trail, schedule, sleeps }
}

/// Does `job`, which runs programs, on a thread of its own and gives it up when a run
/// does not get on.
///
/// # Errors
/// The job was given up, and its threads with it; or the system gives no thread.
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
        .map_err(|error| Error::io("cannot start the thread that explores", &error))?;

    let mut seen = None;
    let mut since = Instant::now();
    let mut given_up = false;
    loop {
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(result) => {
                let _ = worker.join();
                return Ok(result);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::invalid(
                    "the program ended the thread that explores it",
                ));
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
                let name = &state.threads[state.turn].name;
                let words = format!(
                    "`{name}` did nothing that others see for {PATIENCE:?}; what it \
                     waits for must come from `potok::explore`"
                );
                execution.end(&mut state, End::Program(Ending::Stuck(words)));
            }
            since = Instant::now();
        } else if given_up && since.elapsed() > GRACE {
            return Err(Error::timed_out("one step of the program", PATIENCE));
        }
    }
}

/// A panic of an explored program is an outcome, not news: thousands of runs would print
/// thousands of them.
fn silence_panics() {
    static ONCE: Once = Once::new();
    if thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if context().is_none() {
                before(info);
            }
        }));
    });
}

/// Only one thread runs at a time. On one processor the baton goes from hand to hand
/// without waking another: 30 µs instead of 1 ms a run, measured on a busy machine.
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

//! One phase of a run on the threads of this process: workers ask the coordinator for
//! tasks, run them and report, until all are done or one has failed for good.

use super::coordinator::{Attempt, Coordinator, Next, Outcome, Phase};
use super::faults::Faults;
use super::options::Options;
use super::task::{Context, crash_thread};
use potok_base::error::{Error, Result};
use potok_base::progress::ProgressBar;
use potok_base::trace::{LaneRecorder, Recorder};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How a phase runs a task: its number and what else the attempt has to know.
pub(super) type Work<R> = Arc<dyn Fn(usize, &Context<'_>) -> Result<R> + Send + Sync>;

/// The same, with what keeps the result in the place of the result, whatever its type: all
/// below is compiled once, not for each job.
type Attempted = Arc<dyn Fn(usize, &Context<'_>) -> Result<Keep> + Send + Sync>;
type Keep = Box<dyn FnOnce() + Send>;

/// The workers of one run: how many, and where they are recorded.
pub(super) struct Workers {
    /// 0 for the calling thread itself.
    pub(super) threads: usize,
    pub(super) recorder: Recorder,
    lanes: Mutex<HashMap<usize, LaneRecorder>>,
}

/// What the threads of a phase share.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    faults: Faults,
    task_deadline: Duration,
    deadline: Duration,
    recorder: Recorder,
    work: Attempted,
}

struct State {
    coordinator: Coordinator,
    /// By attempt: set when nobody wants its result any more.
    cancelled: HashMap<usize, Arc<AtomicBool>>,
    failed: Option<Error>,
    bar: Option<ProgressBar>,
}

impl Workers {
    pub(super) fn new(threads: usize) -> Self {
        Workers { threads, recorder: Recorder::new(), lanes: Mutex::default() }
    }

    /// Runs all tasks of a phase; their results, in the order of the tasks.
    pub(super) fn run<R: Send + 'static>(
        &self,
        phase: Phase,
        tasks: usize,
        options: &Options,
        work: Work<R>,
    ) -> Result<(Vec<R>, Vec<Attempt>)> {
        let results: Vec<Option<R>> = (0..tasks).map(|_| None).collect();
        let results = Arc::new(Mutex::new(results));
        let kept = Arc::clone(&results);
        let work: Attempted = Arc::new(move |n, context| {
            let (result, kept) = (work(n, context)?, Arc::clone(&kept));
            Ok(Box::new(move || lock(&kept)[n] = Some(result)))
        });
        let attempts = self.run_all(phase, tasks, options, work)?;
        let results = lock(&results).iter_mut().filter_map(Option::take).collect();
        Ok((results, attempts))
    }

    fn run_all(
        &self,
        phase: Phase,
        tasks: usize,
        options: &Options,
        work: Attempted,
    ) -> Result<Vec<Attempt>> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                coordinator: Coordinator::new(phase, tasks, options.policy()),
                cancelled: HashMap::new(),
                failed: None,
                bar: options.bar(phase, tasks),
            }),
            changed: Condvar::new(),
            faults: options.faults.clone(),
            task_deadline: options.task_deadline,
            deadline: options.deadline,
            recorder: self.recorder.clone(),
            work,
        });
        if self.threads == 0 {
            shared.work_as(1, &self.lane(1));
        } else {
            let mut threads = vec![];
            for worker in 1..=self.threads.min(tasks) {
                threads.push(self.hire(worker, &shared)?);
            }
            self.supervise(&shared, &mut threads)?;
            // A worker that is stuck in the job's own code is left behind.
            wait_for(&threads, Duration::from_millis(20));
        }
        let mut state = shared.lock();
        // Who was left behind may still report: the coordinator stays, the bar goes.
        state.bar = None;
        if let Some(error) = state.failed.take() {
            return Err(error);
        }
        Ok(state.coordinator.attempts().to_vec())
    }

    /// Waits for the end; gives up overdue attempts and hires new workers for lost ones.
    fn supervise(
        &self,
        shared: &Arc<Shared>,
        threads: &mut Vec<thread::JoinHandle<()>>,
    ) -> Result<()> {
        let mut state = shared.lock();
        while state.failed.is_none() && !state.coordinator.is_finished() {
            let now = self.recorder.elapsed();
            if now >= shared.deadline {
                state.failed = Some(Error::timed_out("the job", shared.deadline));
                break;
            }
            match state.coordinator.give_up_overdue(now) {
                Err(error) => state.failed = Some(error),
                Ok(lost) => {
                    for id in lost {
                        state.cancel(id);
                        threads.push(self.hire(threads.len() + 1, shared)?);
                    }
                }
            }
            let nap = (shared.task_deadline / 4)
                .clamp(Duration::from_millis(1), Duration::from_millis(50));
            let wait = shared.changed.wait_timeout(state, nap);
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.cancel_all();
        drop(state);
        shared.changed.notify_all();
        Ok(())
    }

    fn hire(
        &self,
        worker: usize,
        shared: &Arc<Shared>,
    ) -> Result<thread::JoinHandle<()>> {
        let shared = Arc::clone(shared);
        let lane = self.lane(worker);
        thread::Builder::new()
            .name(format!("worker {worker}"))
            .spawn(move || shared.work_as(worker, &lane))
            .map_err(|e| Error::io(format!("cannot start worker {worker}"), &e))
    }

    fn lane(&self, worker: usize) -> LaneRecorder {
        let mut lanes = lock(&self.lanes);
        let lane = || self.recorder.lane(format!("worker {worker}"));
        lanes.entry(worker).or_insert_with(lane).clone()
    }
}

impl Shared {
    /// A worker's life: ask, run, report.
    fn work_as(&self, worker: usize, lane: &LaneRecorder) {
        loop {
            let mut state = self.lock();
            if state.failed.is_some() {
                return;
            }
            let now = self.recorder.elapsed();
            if now >= self.deadline {
                state.failed = Some(Error::timed_out("the job", self.deadline));
                return;
            }
            let id = match state.coordinator.next(worker, now) {
                Next::Finished => return,
                Next::Run(id) => id,
                Next::Wait => {
                    // Looked at again soon: a running task may become a straggler.
                    let nap = Duration::from_millis(2);
                    let _ = self.changed.wait_timeout(state, nap);
                    continue;
                }
            };
            let attempt = state.coordinator.attempt(id).clone();
            let cancelled = Arc::<AtomicBool>::default();
            state.cancelled.insert(id, Arc::clone(&cancelled));
            drop(state);

            let context = Context {
                worker,
                fault: self.faults.of(attempt.phase, attempt.task, attempt.attempt),
                cancelled: &cancelled,
                task_deadline: self.task_deadline,
                crash: crash_thread,
            };
            let result = lane.span(label(&attempt), || {
                catch_unwind(AssertUnwindSafe(|| (self.work)(attempt.task, &context)))
            });
            let result = result.unwrap_or_else(|payload| {
                Err(Error::panicked(
                    format!("attempt {}", attempt.attempt + 1),
                    &*payload,
                ))
            });
            if cancelled.load(Ordering::Relaxed) && result.is_err() {
                lane.mark("given up");
            }
            if self.report(id, result) == Outcome::Lost {
                return; // another worker has this one's place
            }
        }
    }

    /// Tells the coordinator, and returns what it thought of the attempt until now.
    fn report(&self, id: usize, result: Result<Keep>) -> Outcome {
        let now = self.recorder.elapsed();
        let mut state = self.lock();
        let outcome = state.coordinator.attempt(id).outcome;
        match result {
            Ok(keep) => {
                if state.coordinator.finish(id, now) {
                    keep();
                    state.cancel_others(id);
                    state.bar.iter().for_each(ProgressBar::step);
                }
            }
            Err(error) => {
                if let Err(error) = state.coordinator.fail(id, error, now) {
                    state.failed.get_or_insert(error);
                }
            }
        }
        drop(state);
        self.changed.notify_all();
        outcome
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// Whoever panicked while it had the lock left nothing half done: it only looks and sets.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn cancel(&mut self, id: usize) {
        if let Some(flag) = self.cancelled.get(&id) {
            flag.store(true, Ordering::Relaxed);
        }
    }

    fn cancel_others(&mut self, id: usize) {
        let task = self.coordinator.attempt(id).task;
        for (&other, flag) in &self.cancelled {
            if other != id && self.coordinator.attempt(other).task == task {
                flag.store(true, Ordering::Relaxed);
            }
        }
    }

    fn cancel_all(&mut self) {
        for flag in self.cancelled.values() {
            flag.store(true, Ordering::Relaxed);
        }
    }
}

/// The label of an attempt on a timeline: `map 3`, `map 3, try 2`.
pub(super) fn label(attempt: &Attempt) -> String {
    let phase = attempt.phase.name();
    match attempt.attempt {
        0 => format!("{phase} {}", attempt.task),
        n if attempt.backup => format!("{phase} {}, backup {n}", attempt.task),
        n => format!("{phase} {}, try {}", attempt.task, n + 1),
    }
}

/// Waits for threads to end, but not for ever.
fn wait_for(threads: &[thread::JoinHandle<()>], limit: Duration) {
    let start = Instant::now();
    while start.elapsed() < limit
        && !threads.iter().all(thread::JoinHandle::is_finished)
    {
        thread::sleep(Duration::from_micros(100));
    }
}

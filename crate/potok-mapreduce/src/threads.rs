//! Workers that are threads of this process, or the calling thread alone.

use super::coordinator::{Attempt, Phase};
use super::faults::Fault;
use super::options::Options;
use super::phase::{Workers, label, run_phase};
use super::task::{Context, crash_thread};
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::panic_hook::caught;
use potok_base::trace::{LaneRecorder, Recorder};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The output of a task of any type: all below is compiled once, not for each job.
type Product = Box<dyn Any + Send>;
type Work = Arc<dyn Fn(usize, &Context<'_>) -> Result<Product> + Send + Sync>;

/// The threads of one run.
pub(super) struct ThreadWorkers {
    /// The number of workers at a time; 0 for the calling thread itself.
    pub(super) threads: usize,
    /// Whether the calling thread is the first of them.
    caller_works: bool,
    pub(super) recorder: Recorder,
    options: Options,
    phase: Phase,
    work: Work,
    workers: Vec<Worker>,
    /// The number of workers ever started.
    started: usize,
    reports: (Sender<Report>, Receiver<Report>),
}

struct Worker {
    number: usize,
    lane: LaneRecorder,
    /// Its attempt, and the flag that cancels it.
    running: Option<(usize, Arc<AtomicBool>)>,
    place: Place,
}

/// Where a worker works.
enum Place {
    Thread(Sender<Order>, JoinHandle<()>),
    /// On the calling thread, when that waits.
    Here(Option<Order>),
}

struct Order {
    id: usize,
    attempt: Attempt,
    fault: Option<Fault>,
    task_timeout: Duration,
    cancelled: Arc<AtomicBool>,
    work: Work,
}

struct Report {
    phase: Phase,
    id: usize,
    result: Result<Product>,
}

impl ThreadWorkers {
    pub(super) fn new(threads: usize, options: &Options) -> Self {
        ThreadWorkers {
            threads,
            caller_works: threads == 0,
            recorder: Recorder::new(),
            options: options.clone(),
            phase: Phase::Map,
            work: Arc::new(|_, _| Err(Error::invalid(words::no_work()))),
            workers: vec![],
            started: 0,
            reports: channel(),
        }
    }

    /// Workers the first of which is the calling thread: it need not wait for a thread to be
    /// started, and its memory is at hand. It looks after the others only between two tasks,
    /// so this is for tasks that are never given up.
    pub(super) fn with_caller(threads: usize, options: &Options) -> Self {
        let mut workers = ThreadWorkers::new(threads, options);
        workers.caller_works = true;
        workers
    }

    /// Runs all tasks of a phase; their results, in the order of the tasks.
    pub(super) fn run<R: Send + 'static>(
        &mut self,
        phase: Phase,
        tasks: usize,
        work: impl Fn(usize, &Context<'_>) -> Result<R> + Send + Sync + 'static,
    ) -> Result<(Vec<R>, Vec<Attempt>)> {
        let work: Work = Arc::new(move |task, context| {
            work(task, context).map(|result| Box::new(result) as Product)
        });
        let (products, attempts) = self.run_all(phase, tasks, work)?;
        let results =
            products.into_iter().filter_map(|product| product.downcast().ok());
        Ok((results.map(|result| *result).collect(), attempts))
    }

    fn run_all(
        &mut self,
        phase: Phase,
        tasks: usize,
        work: Work,
    ) -> Result<(Vec<Product>, Vec<Attempt>)> {
        (self.phase, self.work) = (phase, work);
        let options = self.options.clone();
        run_phase(self, phase, tasks, &options)
    }

    fn start_worker(&mut self) -> Result<Worker> {
        self.started += 1;
        let number = self.started;
        let lane = self.recorder.lane(words::worker_number(number));
        let place = if self.caller_works && self.workers.is_empty() {
            Place::Here(None)
        } else {
            let (orders, inbox) = channel();
            let (lane, reports) = (lane.clone(), self.reports.0.clone());
            let serve = move || {
                // After the run nobody receives it, and there are no more orders.
                for order in inbox {
                    let _ = reports.send(run_attempt(order, number, &lane));
                }
            };
            let thread = thread::Builder::new().name(words::worker_number(number));
            let thread = thread
                .spawn(serve)
                .map_err(|e| Error::io(words::starting_worker(number), &e))?;
            Place::Thread(orders, thread)
        };
        Ok(Worker { number, lane, running: None, place })
    }
}

impl Workers for ThreadWorkers {
    type Product = Product;

    fn elapsed(&self) -> Duration {
        self.recorder.elapsed()
    }

    fn idle(&mut self) -> Result<Option<usize>> {
        if let Some(worker) = self.workers.iter().find(|w| w.running.is_none()) {
            return Ok(Some(worker.number));
        }
        if self.workers.len() >= self.threads.max(1) {
            return Ok(None);
        }
        let worker = self.start_worker()?;
        self.workers.push(worker);
        Ok(Some(self.started))
    }

    fn start(&mut self, worker: usize, id: usize, attempt: &Attempt) {
        let Some(worker) = self.workers.iter_mut().find(|w| w.number == worker) else {
            return;
        };
        let cancelled = Arc::<AtomicBool>::default();
        worker.running = Some((id, Arc::clone(&cancelled)));
        let order = Order {
            id,
            attempt: attempt.clone(),
            fault: self.options.faults.of(attempt.phase, attempt.task, attempt.attempt),
            task_timeout: self.options.task_timeout,
            cancelled,
            work: Arc::clone(&self.work),
        };
        match &mut worker.place {
            // A worker catches every panic, so it still listens.
            Place::Thread(orders, _) => drop(orders.send(order)),
            Place::Here(next) => *next = Some(order),
        }
    }

    fn running(&self) -> Vec<usize> {
        self.workers.iter().filter_map(|w| Some(w.running.as_ref()?.0)).collect()
    }

    fn wait(&mut self, limit: Duration) -> Vec<(usize, Result<Product>)> {
        for worker in &mut self.workers {
            if let Place::Here(order) = &mut worker.place
                && let Some(order) = order.take()
            {
                let report = run_attempt(order, worker.number, &worker.lane);
                let _ = self.reports.0.send(report);
            }
        }
        let first = self.reports.1.recv_timeout(limit).ok();
        let mut ended = vec![];
        for Report { phase, id, result } in
            first.into_iter().chain(self.reports.1.try_iter())
        {
            // An attempt that was given up may report only in the next phase.
            if phase != self.phase {
                continue;
            }
            let of_it = |w: &&mut Worker| w.running.as_ref().is_some_and(|r| r.0 == id);
            if let Some(worker) = self.workers.iter_mut().find(of_it) {
                worker.running = None;
            }
            ended.push((id, result));
        }
        ended
    }

    /// A thread cannot be killed: it is asked to stop, and another one takes its place.
    fn give_up(&mut self, id: usize, _: &Attempt) {
        self.workers.retain(|worker| match &worker.running {
            Some((other, cancelled)) if *other == id => {
                cancelled.store(true, Ordering::Relaxed);
                false
            }
            _ => true,
        });
    }
}

impl Drop for ThreadWorkers {
    fn drop(&mut self) {
        let mut threads = vec![];
        for Worker { running, place, .. } in self.workers.drain(..) {
            if let Some((_, cancelled)) = running {
                cancelled.store(true, Ordering::Relaxed);
            }
            if let Place::Thread(orders, thread) = place {
                drop(orders);
                threads.push(thread);
            }
        }
        // A thread that is stuck in the job's own code is abandoned.
        let (start, limit) = (Instant::now(), Duration::from_millis(20));
        while start.elapsed() < limit && !threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_micros(50));
        }
    }
}

/// Runs an attempt.
fn run_attempt(order: Order, worker: usize, lane: &LaneRecorder) -> Report {
    let Order { id, attempt, fault, task_timeout, cancelled, work } = order;
    let crash = crash_thread;
    let context = Context { worker, fault, cancelled: &cancelled, task_timeout, crash };
    let result = lane.span(label(&attempt), || caught(|| work(attempt.task, &context)));
    let result = result.unwrap_or_else(|payload| {
        let what = words::attempt(attempt.attempt + 1);
        Err(Error::panicked(what, &*payload))
    });
    if result.is_err() {
        let given_up = cancelled.load(Ordering::Relaxed);
        lane.mark(if given_up { words::given_up() } else { words::died() });
    }
    Report { phase: attempt.phase, id, result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_is_the_first_worker_and_the_others_are_threads() {
        let caller = thread::current().id();
        for n in [1, 3] {
            let mut workers = ThreadWorkers::with_caller(n, &Options::default());
            for phase in [Phase::Map, Phase::Reduce] {
                let work = |_, context: &Context<'_>| {
                    Ok((context.worker, thread::current().id()))
                };
                let (ran, _) = workers.run(phase, n, work).unwrap();
                assert!(ran.contains(&(1, caller)), "{ran:?}");
                assert!(
                    ran.iter().all(|(worker, id)| (*worker == 1) == (*id == caller))
                );
            }
        }
    }
}

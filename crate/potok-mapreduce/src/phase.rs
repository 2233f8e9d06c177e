//! One phase of a run, on any kind of workers: assign tasks, wait for results, give up what is
//! overdue, until all tasks are done or one has no attempts left.

use super::coordinator::{Attempt, Coordinator, Next, Phase, TaskOutcome};
use super::options::Options;
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::progress::ProgressBar;
use std::time::Duration;

/// Workers that attempts are given to: threads, or processes.
pub(super) trait Workers {
    /// The output of an attempt.
    type Product;

    /// Time since the run began.
    fn elapsed(&self) -> Duration;

    /// The number of a worker without work. Where one is missing, a new one is started.
    fn idle(&mut self) -> Result<Option<usize>>;

    /// Gives an attempt to a worker without work.
    fn start(&mut self, worker: usize, id: usize, attempt: &Attempt);

    /// The attempts that are running.
    fn running(&self) -> Vec<usize>;

    /// The attempts that have ended, each with its product or error. If there are none yet,
    /// waits for one, but not longer than `limit`.
    fn wait(&mut self, limit: Duration) -> Vec<(usize, Result<Self::Product>)>;

    /// The result of this attempt is not wanted any more: replaces its worker.
    fn give_up(&mut self, id: usize, attempt: &Attempt);
}

/// Runs all tasks of a phase: their products, in the order of the tasks.
///
/// On an error, workers may still be running: dropping them ends them.
pub(super) fn run_phase<W: Workers>(
    workers: &mut W,
    phase: Phase,
    tasks: usize,
    options: &Options,
) -> Result<(Vec<W::Product>, Vec<Attempt>)> {
    let mut coordinator = Coordinator::new(phase, tasks, options.policy());
    let mut products: Vec<Option<W::Product>> = (0..tasks).map(|_| None).collect();
    let bar = options.bar(phase, tasks);
    while !coordinator.is_finished() {
        let now = workers.elapsed();
        if now >= options.timeout {
            return Err(Error::timed_out(words::the_job(), options.timeout));
        }
        coordinator.give_up_overdue(now)?;
        give_up_unwanted(workers, &coordinator);

        let mut idle = workers.idle()?;
        while let Some(worker) = idle {
            let Next::Run(id) = coordinator.next(worker, workers.elapsed()) else {
                break;
            };
            workers.start(worker, id, coordinator.attempt(id));
            idle = workers.idle()?;
        }
        let nap = if idle.is_some() && options.backup_tasks {
            // Not long: a running task may become a straggler.
            Duration::from_millis(2)
        } else {
            let nap = options.task_timeout.min(options.timeout) / 4;
            nap.clamp(Duration::from_millis(1), Duration::from_millis(50))
        };
        for (id, result) in workers.wait(nap) {
            let now = workers.elapsed();
            match result {
                Err(error) => coordinator.fail(id, error, now)?,
                Ok(product) => {
                    if coordinator.finish(id, now) {
                        products[coordinator.attempt(id).task] = Some(product);
                        bar.iter().for_each(ProgressBar::step);
                    }
                }
            }
        }
    }
    give_up_unwanted(workers, &coordinator);
    let products = products.into_iter().flatten().collect();
    Ok((products, coordinator.attempts().to_vec()))
}

/// Replaces workers whose attempt is overdue, or was superseded.
fn give_up_unwanted<W: Workers>(workers: &mut W, coordinator: &Coordinator) {
    for id in workers.running() {
        let attempt = coordinator.attempt(id);
        if attempt.outcome != TaskOutcome::Running {
            workers.give_up(id, attempt);
        }
    }
}

/// The label of an attempt on a timeline: `map 3`, `map 3, try 2`.
pub(super) fn label(attempt: &Attempt) -> String {
    let phase = attempt.phase.name();
    match attempt.attempt {
        0 => format!("{phase} {}", attempt.task),
        n if attempt.backup => words::backup(phase, attempt.task, n),
        n => words::again(phase, attempt.task, n + 1),
    }
}

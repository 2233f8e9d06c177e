//! The coordinator's life: hand out tasks, listen, and replace who is lost.

use super::super::coordinator::{Attempt, Coordinator, Next, Outcome, Phase};
use super::super::options::Options;
use super::super::phase::label;
use super::super::runs::Runs;
use super::message::{Answer, Order, Product};
use super::worker::Place;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::{
    Activity, Lane, Mark, Recorder, Span, Trace, deliver_from_child,
};
use potok_process::{Child, End, Limits, pipe, wait_for_any};
use std::time::Duration;

/// The workers of one run. Dropping it ends them all.
pub(super) struct Crew<'a> {
    options: &'a Options,
    recorder: Recorder,
    /// What a new process does.
    serve: &'a dyn Fn(Place),
    workers: Vec<Worker>,
    /// The process of every worker that there ever was, in the order of their numbers.
    pids: Vec<u32>,
}

struct Worker {
    number: usize,
    child: Child<()>,
    link: End<Order, Answer>,
    /// The attempt that it was given and has not answered.
    attempt: Option<usize>,
}

/// How long a process that is as good as dead may take to be so.
const END: Duration = Duration::from_secs(1);

impl<'a> Crew<'a> {
    pub(super) fn hire(
        n: usize,
        options: &'a Options,
        serve: &'a dyn Fn(Place),
    ) -> Result<Self> {
        let (recorder, workers) = (Recorder::new(), vec![]);
        let mut crew = Crew { options, recorder, serve, workers, pids: vec![] };
        for _ in 0..n {
            let worker = crew.hire_one()?;
            crew.workers.push(worker);
        }
        Ok(crew)
    }

    fn hire_one(&mut self) -> Result<Worker> {
        let number = self.pids.len() + 1;
        let (link, theirs) = pipe()?;
        let recorder = self.recorder.clone();
        let place = Place { worker: number, recorder, link: theirs };
        let limits = Limits::new().wall(self.options.deadline.saturating_add(2 * END));
        let child = limits.fork(|| (self.serve)(place))?;
        self.pids.push(child.pid());
        Ok(Worker { number, child, link, attempt: None })
    }

    /// Runs all tasks of a phase; `runs` are those that a task reads.
    pub(super) fn run(
        &mut self,
        phase: Phase,
        tasks: usize,
        runs: &dyn Fn(usize) -> Vec<Runs>,
    ) -> Result<(Vec<Product>, Vec<Attempt>)> {
        let mut coordinator = Coordinator::new(phase, tasks, self.options.policy());
        let mut products: Vec<Option<Product>> = (0..tasks).map(|_| None).collect();
        let bar = self.options.bar(phase, tasks);
        while !coordinator.is_finished() {
            let now = self.recorder.elapsed();
            if now >= self.options.deadline {
                return Err(Error::timed_out("the job", self.options.deadline));
            }
            let overdue = coordinator.give_up_overdue(now);
            for at in 0..self.workers.len() {
                let given = self.workers[at].attempt.map(|id| coordinator.attempt(id));
                if given.is_some_and(|attempt| attempt.outcome == Outcome::Lost) {
                    self.replace(at, &coordinator)?;
                }
            }
            overdue?;
            self.hand_out(&mut coordinator, runs);
            self.listen();
            for at in 0..self.workers.len() {
                self.hear(at, &mut coordinator, &mut products)?;
            }
            if let Some(bar) = &bar {
                bar.set(products.iter().flatten().count());
            }
        }
        let products = products.into_iter().flatten().collect();
        Ok((products, coordinator.attempts().to_vec()))
    }

    /// Gives each worker that has nothing to do a task, if there is one.
    fn hand_out(
        &mut self,
        coordinator: &mut Coordinator,
        runs: &dyn Fn(usize) -> Vec<Runs>,
    ) {
        for worker in self.workers.iter_mut().filter(|w| w.attempt.is_none()) {
            let next = coordinator.next(worker.number, self.recorder.elapsed());
            let Next::Run(id) = next else { return };
            let attempt = coordinator.attempt(id);
            let order = Order {
                phase: attempt.phase,
                task: attempt.task,
                attempt: attempt.attempt,
                label: label(attempt),
                runs: runs(attempt.task),
            };
            worker.attempt = Some(id);
            // Who cannot be reached is dead, and will be found so.
            let _ = worker.link.send(&order);
        }
    }

    /// Waits until some worker answers, prints or ends; not long, if a clock may run out
    /// or a straggler show.
    fn listen(&self) {
        let idle = self.workers.iter().any(|worker| worker.attempt.is_none());
        let nap = if idle && self.options.backup_tasks {
            Duration::from_millis(2)
        } else {
            let nap = self.options.task_deadline.min(self.options.deadline) / 4;
            nap.clamp(Duration::from_millis(1), Duration::from_millis(50))
        };
        let all = self.workers.iter().map(|worker| (&worker.child, &worker.link));
        wait_for_any(all, nap);
    }

    /// Takes in what a worker has to say.
    fn hear(
        &mut self,
        at: usize,
        coordinator: &mut Coordinator,
        products: &mut [Option<Product>],
    ) -> Result<()> {
        let worker = &mut self.workers[at];
        let within_limits = worker.child.pass_on();
        let answer = match worker.link.try_recv() {
            Ok(None) if within_limits => return Ok(()),
            Ok(None) => Err(Error::new(ErrorKind::Disconnected, "it is gone")),
            Ok(Some(answer)) => Ok(answer),
            Err(error) => Err(error),
        };
        let now = self.recorder.elapsed();
        match answer {
            Ok(Answer { result, traces }) => {
                deliver_from_child(traces);
                let Some(id) = worker.attempt.take() else { return Ok(()) };
                match result {
                    Ok(product) if coordinator.finish(id, now) => {
                        let task = coordinator.attempt(id).task;
                        products[task] = Some(product);
                        self.end_others(task, coordinator)
                    }
                    Ok(_) => Ok(()),
                    Err(error) => coordinator.fail(id, error, now),
                }
            }
            Err(_) => {
                let id = self.workers[at].attempt;
                let error = self.replace(at, coordinator)?;
                id.map_or(Ok(()), |id| coordinator.fail(id, error, now))
            }
        }
    }

    /// Ends the workers that still run a task whose result is there.
    fn end_others(&mut self, task: usize, coordinator: &Coordinator) -> Result<()> {
        for at in 0..self.workers.len() {
            let given = self.workers[at].attempt.map(|id| coordinator.attempt(id).task);
            if given == Some(task) {
                self.replace(at, coordinator)?;
            }
        }
        Ok(())
    }

    /// Ends a worker and puts a new one in its place. Why the old one ended.
    fn replace(&mut self, at: usize, coordinator: &Coordinator) -> Result<Error> {
        let fresh = self.hire_one()?;
        let mut old = std::mem::replace(&mut self.workers[at], fresh);
        old.child.kill();
        let pid = old.child.pid();
        let error = match old.child.join_timeout(END) {
            Ok(()) => Error::new(ErrorKind::Disconnected, "it left"),
            Err(error) => error,
        };
        // It took what it had recorded with it: its last span is known from here.
        if let Some(id) = old.attempt {
            self.recorder.join(last_span(
                pid,
                coordinator.attempt(id),
                self.recorder.elapsed(),
            ));
        }
        Ok(error)
    }

    /// Ends all workers. What was recorded, in the order of their numbers.
    pub(super) fn dismiss(self) -> Trace {
        let recorded = self.recorder.trace();
        let lane = |(n, pid): (usize, &u32)| {
            // Known by process and thread, so that what it recorded finds it.
            Lane { name: format!("worker {}", n + 1), pid: *pid, tid: u64::from(*pid) }
        };
        let worked =
            |lane: &Lane| recorded.lanes.iter().any(|other| other.pid == lane.pid);
        let lanes = self.pids.iter().enumerate().map(lane).filter(worked).collect();
        let mut trace = Trace { lanes, ..Trace::default() };
        trace.join(recorded);
        trace
    }
}

/// The span of an attempt whose process did not live to tell of it.
fn last_span(pid: u32, attempt: &Attempt, now: Duration) -> Trace {
    let end = attempt.end.unwrap_or(now);
    let lane = Lane { name: format!("process {pid}"), pid, tid: u64::from(pid) };
    let span = Span {
        lane: 0,
        label: label(attempt).into(),
        activity: Activity::Running,
        start: attempt.start,
        end: Some(end),
        cpu_start: None,
        cpu_end: None,
        depth: 0,
    };
    let what = match attempt.outcome {
        Outcome::Lost => "given up",
        Outcome::Superseded => "not needed any more",
        _ => "died",
    };
    let mark = Mark { lane: 0, label: what.into(), at: end };
    Trace {
        lanes: vec![lane],
        spans: vec![span],
        marks: vec![mark],
        ..Trace::default()
    }
}

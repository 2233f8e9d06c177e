//! Which worker runs which task: Dean and Ghemawat's master, as plain data without threads
//! or clocks, so that every engine can use it and any history can be tested.
//!
//! *What to notice*: a task is waiting, being attempted, or done. The first attempt that
//! finishes counts; a second one, after a fault or as a backup, changes nothing.

use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use std::collections::VecDeque;
use std::time::Duration;

/// Which half of a job a task belongs to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Phase {
    /// Map tasks: one for each split.
    Map,
    /// Reduce tasks: one for each partition.
    Reduce,
}

impl Phase {
    /// Its name in labels and errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Phase::Map => "map",
            Phase::Reduce => "reduce",
        }
    }
}

/// One attempt at a task: which worker ran it, when, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Map or reduce.
    pub phase: Phase,
    /// The number of the split or the partition.
    pub task: usize,
    /// 0 for the first attempt.
    pub attempt: u32,
    /// The number of the worker, from 1.
    pub worker: usize,
    /// Whether it was started as a backup of one that was still running.
    pub backup: bool,
    /// When it was assigned, from the start of the run.
    pub start: Duration,
    /// When it was reported or given up; `None` if it was still running at the end.
    pub end: Option<Duration>,
    /// How it ended.
    pub outcome: TaskOutcome,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    /// It still runs.
    Running,
    /// Its result counts.
    Done,
    /// It panicked, its process died or it returned an error.
    Crashed,
    /// It exceeded the deadline of a task; its worker counts as lost.
    Lost,
    /// Another attempt at the same task was first.
    Superseded,
}

/// When to try again and when to give up.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) attempts: u32,
    pub(super) task_timeout: Duration,
    pub(super) backup_tasks: bool,
}

/// What a worker without work should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Run this attempt, by its position in the list of attempts.
    Run(usize),
    /// Nothing now: ask again after the next report, or after a while.
    Wait,
    /// All tasks are done.
    Finished,
}

/// The state of one phase.
#[derive(Debug)]
pub(super) struct Coordinator {
    phase: Phase,
    policy: Policy,
    waiting: VecDeque<usize>,
    done: Vec<bool>,
    attempts: Vec<Attempt>,
}

impl Coordinator {
    pub(super) fn new(phase: Phase, tasks: usize, policy: Policy) -> Self {
        Coordinator {
            phase,
            policy,
            waiting: (0..tasks).collect(),
            done: vec![false; tasks],
            attempts: vec![],
        }
    }

    pub(super) fn attempt(&self, id: usize) -> &Attempt {
        &self.attempts[id]
    }

    pub(super) fn is_finished(&self) -> bool {
        self.done.iter().all(|&done| done)
    }

    pub(super) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Work for `worker`, who has none.
    pub(super) fn next(&mut self, worker: usize, now: Duration) -> Next {
        if self.is_finished() {
            return Next::Finished;
        }
        let (task, backup) = match self.waiting.pop_front() {
            Some(task) => (task, false),
            None => match self.straggler(now) {
                Some(task) => (task, true),
                None => return Next::Wait,
            },
        };
        let attempt = self.attempts.iter().filter(|a| a.task == task).count() as u32;
        self.attempts.push(Attempt {
            phase: self.phase,
            task,
            attempt,
            worker,
            backup,
            start: now,
            end: None,
            outcome: TaskOutcome::Running,
        });
        Next::Run(self.attempts.len() - 1)
    }

    /// Notes that an attempt succeeded. True if its result is the one that counts; other
    /// attempts at the task are then superseded.
    pub(super) fn finish(&mut self, id: usize, now: Duration) -> bool {
        let task = self.attempts[id].task;
        let first = !std::mem::replace(&mut self.done[task], true);
        let outcome = if first { TaskOutcome::Done } else { TaskOutcome::Superseded };
        self.end(id, now, outcome);
        // An attempt that was given up may be the first to finish after all.
        self.waiting.retain(|&other| other != task);
        for other in 0..self.attempts.len() {
            if other != id && self.attempts[other].task == task {
                self.end(other, now, TaskOutcome::Superseded);
            }
        }
        first
    }

    /// Notes that an attempt failed; its task goes back in front of the queue. Nothing
    /// happens if the attempt had been given up before.
    ///
    /// # Errors
    /// `error`, with the task's name, if the task may not be tried again.
    pub(super) fn fail(
        &mut self,
        id: usize,
        error: Error,
        now: Duration,
    ) -> Result<()> {
        if self.attempts[id].outcome != TaskOutcome::Running {
            return Ok(());
        }
        self.end(id, now, TaskOutcome::Crashed);
        self.try_again(self.attempts[id].task, error)
    }

    /// Gives up the attempts that have exceeded their deadline.
    ///
    /// # Errors
    /// A task has no attempts left.
    pub(super) fn give_up_overdue(&mut self, now: Duration) -> Result<()> {
        let limit = self.policy.task_timeout;
        let overdue = |a: &Attempt| {
            a.outcome == TaskOutcome::Running && now.saturating_sub(a.start) >= limit
        };
        let ids: Vec<usize> = (0..self.attempts.len())
            .filter(|&id| overdue(&self.attempts[id]))
            .collect();
        for id in ids {
            self.end(id, now, TaskOutcome::Lost);
            let task = self.attempts[id].task;
            let what = words::attempt(self.attempts[id].attempt + 1);
            self.try_again(task, Error::timed_out(what, limit))?;
        }
        Ok(())
    }

    fn try_again(&mut self, task: usize, error: Error) -> Result<()> {
        let of_task = || self.attempts.iter().filter(|a| a.task == task);
        if self.done[task] || of_task().any(|a| a.outcome == TaskOutcome::Running) {
            return Ok(());
        }
        let tried = of_task().count();
        // An input that is not UTF-8 fails in every attempt.
        if tried >= self.policy.attempts as usize
            || error.kind() == ErrorKind::Undecodable
        {
            let phase = self.phase.name();
            return Err(error.context(match tried {
                1 => words::failed_once(phase, task, tried),
                _ => words::failed_each_time(phase, task, tried),
            }));
        }
        self.waiting.push_front(task);
        Ok(())
    }

    fn end(&mut self, id: usize, now: Duration, outcome: TaskOutcome) {
        let attempt = &mut self.attempts[id];
        if attempt.outcome == TaskOutcome::Running {
            attempt.end = Some(now);
            attempt.outcome = outcome;
        } else if outcome == TaskOutcome::Done {
            attempt.outcome = outcome;
        }
    }

    /// A task whose only attempt has run for more than twice as long as the median of
    /// those that are done.
    fn straggler(&self, now: Duration) -> Option<usize> {
        if !self.policy.backup_tasks {
            return None;
        }
        let done = self.attempts.iter().filter(|a| a.outcome == TaskOutcome::Done);
        let mut times: Vec<Duration> =
            done.filter_map(|a| Some(a.end? - a.start)).collect();
        times.sort_unstable();
        let median = *times.get(times.len() / 2)?;
        let running = |task: usize| {
            let at =
                move |a: &&Attempt| a.task == task && a.outcome == TaskOutcome::Running;
            self.attempts.iter().filter(at)
        };
        self.attempts
            .iter()
            .filter(|a| a.outcome == TaskOutcome::Running && now - a.start > 2 * median)
            .map(|a| a.task)
            .find(|&task| running(task).count() == 1)
    }
}

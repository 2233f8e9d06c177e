//! All workers of a pool, and the thread that serves them: the leader.
//!
//! The pool has no thread of its own. Of the threads that wait for results, one is the
//! leader: it assigns batches and receives results for all of them. When its own result is
//! there, another waiting thread becomes the leader. So a task that is submitted and waited
//! for costs no switch between threads of this process. Only while there is work that
//! nobody waits for, a thread in the background leads.

mod lifecycle;

use super::super::child_output::Printed;
use super::super::sys;
use super::link::{Arrived, Batch, Link};
use super::{Limits, Progress, Start};
use crate::words;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::sync::{lock, unpoisoned};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Workers {
    start: Start,
    limits: Limits,
    events: Epoll,
    /// How many workers were ever started; the next one's number is one more.
    started: AtomicU32,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(super) struct State {
    links: Vec<Link>,
    /// Batches that no worker has yet.
    pub(super) queue: VecDeque<Batch>,
    /// Results that were not picked up yet, by job. A job that was cancelled has no entry.
    pub(super) arrived: HashMap<u64, VecDeque<Arrived>>,
    next_job: u64,
    done: usize,
    replaced: usize,
    /// How many workers in a row died, and not of an item that they had begun.
    deaths: usize,
    /// How many workers are missing.
    vacant: usize,
    /// Since when a thread has been starting the missing ones, if one is.
    starting: Option<Instant>,
    /// What workers printed. It is shown when this lock is not held.
    printed: Printed,
    /// Whether a thread is serving the workers.
    has_leader: bool,
    in_background: bool,
    closed: bool,
}

/// The longest sleep between two checks of the time limits of running tasks.
const TICK: Duration = Duration::from_millis(50);

impl Workers {
    pub(super) fn start(count: usize, start: Start, limits: &Limits) -> Result<Self> {
        let events = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)
            .map_err(|error| Error::io(words::workers_not_watched(), &error))?;
        let (state, changed) = (Mutex::default(), Condvar::new());
        let (limits, started) = (limits.clone(), AtomicU32::new(0));
        let workers = Workers { start, limits, events, started, state, changed };
        for _ in 0..count {
            let link = workers.start_one()?;
            workers.lock().links.push(link);
        }
        Ok(workers)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.lock().links.iter().map(|link| link.process.pid()).collect()
    }

    pub(super) fn status(&self) -> Progress {
        let mut state = self.lock();
        if !state.has_leader {
            // No thread waits for results: take in what has come since one did.
            let pids: Vec<u32> = state.links.iter().map(|l| l.process.pid()).collect();
            pids.into_iter().for_each(|pid| self.look_at(&mut state, pid));
            self.check_limits(&mut state);
            state = self.settle(state);
            self.give_out(&mut state);
            self.changed.notify_all();
        }
        let given = state.links.iter().flat_map(|link| &link.given);
        Progress {
            waiting: state.queue.iter().map(Batch::left).sum(),
            running: given.map(Batch::left).sum(),
            done: state.done,
            replaced: state.replaced,
        }
    }

    pub(super) fn new_job(&self) -> u64 {
        let mut state = self.lock();
        state.next_job += 1;
        let job = state.next_job;
        state.arrived.insert(job, VecDeque::new());
        job
    }

    /// Cancels a job: its results are dropped, and what runs of it is ended.
    pub(super) fn forget(&self, job: u64) {
        let mut state = self.lock();
        state.arrived.remove(&job);
        state.queue.retain(|batch| batch.job != job);
        for link in &mut state.links {
            link.given.iter_mut().filter(|b| b.job == job).for_each(|b| b.retries = 0);
            if link.given.front().is_some_and(|batch| batch.job == job && !batch.light)
            {
                link.end_for(Error::new(ErrorKind::Disconnected, words::cancelled()));
            }
        }
    }

    /// Adds a batch, and assigns it if a worker is free.
    pub(super) fn enqueue(&self, batch: Batch) {
        let mut state = self.lock();
        state.queue.push_back(batch);
        if state.closed {
            state.give_up(&dropped());
        } else if state.is_closed() {
            // All workers were lost, and none could be started. Try once more.
            (state.vacant, state.deaths) = (1, 0);
            state = self.settle(state);
        }
        self.give_out(&mut state);
    }

    /// Makes sure that waiting batches are run even if no thread waits for their results.
    pub(super) fn work_in_background(self: &Arc<Self>) {
        let mut state = self.lock();
        if state.queue.is_empty() || state.in_background || state.closed {
            return;
        }
        state.in_background = true;
        let workers = Arc::clone(self);
        let work = move || {
            workers.wait_until(None, |state| {
                let given = state.links.iter().any(|link| !link.given.is_empty());
                let idle = state.is_closed() || state.queue.is_empty() && !given;
                state.in_background = !idle;
                idle.then_some(())
            });
        };
        let thread = std::thread::Builder::new().name("pool".into()).spawn(work);
        state.in_background = thread.is_ok();
    }

    /// Waits until `wanted` returns something, as the leader or until there is a new one;
    /// `None` at the deadline.
    pub(super) fn wait_until<T>(
        &self,
        deadline: Option<Instant>,
        mut wanted: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(found) = wanted(&mut state) {
                // What a task printed is shown before its result is returned.
                drop(self.settle(state));
                self.changed.notify_all();
                return Some(found);
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                self.changed.notify_all();
                return None;
            }
            let left = deadline.map_or(TICK, |deadline| (deadline - now).min(TICK));
            if state.has_leader {
                let wait = self.changed.wait_timeout(state, left);
                state = unpoisoned(wait).0;
                continue;
            }
            self.give_out(&mut state);
            let limit = self.limits.wall;
            let first =
                state.links.iter().filter_map(|link| link.time_left(limit)).min();
            let left = first.map_or(left, |first| first.min(left));
            state.has_leader = true;
            drop(state);
            let mut events = [EpollEvent::empty(); 16];
            let millis = left.as_micros().div_ceil(1_000) as u16;
            let mut count = Ok(0);
            sys::look_again(|| {
                count = self.events.wait(&mut events, EpollTimeout::ZERO);
                count != Ok(0)
            });
            if count == Ok(0) {
                count = self.events.wait(&mut events, EpollTimeout::from(millis));
            }
            state = self.lock();
            state.has_leader = false;
            for event in &events[..count.unwrap_or(0)] {
                self.look_at(&mut state, event.data() as u32);
            }
            self.check_limits(&mut state);
            state = self.settle(state);
            self.changed.notify_all();
        }
    }

    /// Assigns waiting batches to workers that have room, first to those without work.
    fn give_out(&self, state: &mut State) {
        for busy in [0, 1] {
            for link in &mut state.links {
                let Some(next) = state.queue.front() else { return };
                if link.given.len() == busy
                    && link.has_room(next)
                    && let Some(batch) = state.queue.pop_front()
                {
                    link.give(batch);
                    if link.is_sending() {
                        self.watch_for(
                            link,
                            EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT,
                        );
                    }
                }
            }
        }
    }

    fn watch_for(&self, link: &Link, flags: EpollFlags) {
        let mut event = EpollEvent::new(flags, u64::from(link.process.pid()));
        let _ = self.events.modify(&link.socket, &mut event);
    }

    /// Handles an event of the worker with this process id.
    fn look_at(&self, state: &mut State, pid: u32) {
        let found = state.links.iter().position(|link| link.process.pid() == pid);
        let Some(at) = found else { return };
        let link = &mut state.links[at];
        if link.is_sending() {
            link.flush();
            if !link.is_sending() {
                self.watch_for(link, EpollFlags::EPOLLIN);
            }
        }
        let mut arrived = vec![];
        let open = link.receive(&mut arrived);
        // A task's output arrives before its result.
        link.process.take_in();
        if !arrived.is_empty() {
            link.process.count_anew();
        }
        if link.cause.is_none() {
            link.cause = link.process.over_limit();
        }
        let there = open && link.cause.is_none() && link.process.is_alive();
        state.printed.add(&link.process.printed());
        state.arrive(arrived);
        if !there {
            self.replace(state, at);
        }
    }

    /// Ends workers whose task has exceeded its time limit.
    fn check_limits(&self, state: &mut State) {
        let limit = self.limits.wall;
        let mut at = 0;
        while let Some(link) = state.links.get_mut(at) {
            if link.time_left(limit).is_some_and(|left| left.is_zero()) {
                link.cause = Some(Error::timed_out(words::a_task(), limit));
                self.replace(state, at);
            } else {
                at += 1;
            }
        }
    }
}

fn dropped() -> Error {
    Error::new(ErrorKind::Disconnected, words::pool_dropped())
}

impl State {
    fn arrive(&mut self, arrived: Vec<Arrived>) {
        for one in arrived {
            self.done += one.results.as_ref().map_or(1, |(count, _)| *count);
            if let Some(wanted) = self.arrived.get_mut(&one.job) {
                wanted.push_back(one);
            }
        }
    }

    /// Makes this error the result of every item that has none yet.
    fn give_up(&mut self, error: &Error) {
        let given = self.links.iter_mut().flat_map(|link| link.given.drain(..));
        let batches: Vec<Batch> = given.chain(self.queue.drain(..)).collect();
        for batch in batches {
            for item in batch.done..batch.ends.len() {
                let results = Err(error.clone());
                let first = batch.first + item;
                self.arrive(vec![Arrived { job: batch.job, first, results }]);
            }
        }
    }

    /// A worker could not be replaced. The others go on; if there are none, every item fails.
    fn lose_place(&mut self, error: &Error) {
        if self.is_closed() {
            self.give_up(error);
        }
    }

    /// Whether there is no worker left and none about to be started.
    pub(super) fn is_closed(&self) -> bool {
        self.closed || self.links.len() + self.vacant == 0
    }
}

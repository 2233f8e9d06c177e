//! Starting workers, replacing those that died, and ending them all.
//!
//! *What to notice*: forking and showing a worker's output take other locks. Neither happens
//! while the pool's lock is held, since a thread that holds one of the others may be waiting
//! for a result, and so for the pool's lock: that would be a deadlock.

use super::super::link::{Batch, Link};
use super::{State, Workers, dropped};
use crate::words;
use nix::sys::epoll::{EpollEvent, EpollFlags};
use potok_base::error::{Error, Result};
use potok_base::output;
use std::os::fd::BorrowedFd;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A fork that takes longer than this is waiting for a lock.
const LONG_FORK: Duration = Duration::from_millis(500);

impl Workers {
    pub(super) fn start_one(&self) -> Result<Link> {
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        let link = Link::new(self.start, &self.limits, number)?;
        for fd in link.watched() {
            let event =
                EpollEvent::new(EpollFlags::EPOLLIN, u64::from(link.process.pid()));
            self.events
                .add(fd, event)
                .map_err(|e| Error::io(words::workers_not_watched(), &e))?;
        }
        Ok(link)
    }

    /// Does what takes other locks, with the pool's lock released: shows what workers
    /// printed, and starts those that are missing.
    pub(super) fn settle<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> MutexGuard<'a, State> {
        if !state.printed.is_empty() {
            drop(state);
            self.show_printed();
            state = self.lock();
        }
        // A thread that has been starting workers for long may be waiting for a lock that
        // this thread holds. Then both start one, and the surplus worker is ended.
        let starting = state.starting.is_some_and(|since| since.elapsed() < LONG_FORK);
        if state.vacant == 0 || starting {
            return state;
        }
        state.starting = Some(Instant::now());
        while state.vacant > 0 {
            drop(state);
            let started = self.start_one();
            state = self.lock();
            if state.vacant == 0 {
                // Another thread has started it, or the pool was dropped.
                drop(state);
                started.iter().for_each(|link| self.unwatch(link));
                drop(started);
                state = self.lock();
                break;
            }
            state.vacant -= 1;
            match started {
                Ok(link) => state.links.push(link),
                Err(error) => state.lose_place(&error),
            }
        }
        state.starting = None;
        state
    }

    /// Shows what workers printed, in its order: it is taken only by the thread that holds
    /// the lock of the stream. One stream at a time, since another thread may hold the lock
    /// of the other.
    fn show_printed(&self) {
        if !self.lock().printed.out.is_empty() {
            let _ours = std::io::stdout().lock();
            let out = std::mem::take(&mut self.lock().printed.out);
            output::print(&out);
        }
        if !self.lock().printed.err.is_empty() {
            let _ours = std::io::stderr().lock();
            let err = std::mem::take(&mut self.lock().printed.err);
            output::print_aside(&err);
        }
    }

    fn unwatch(&self, link: &Link) {
        for fd in link.watched() {
            let _ = self.events.delete(fd);
        }
    }

    /// Removes a worker that is dead or has to be ended, and notes that one is missing.
    pub(super) fn replace(&self, state: &mut State, at: usize) {
        if state.closed {
            return;
        }
        let mut old = state.links.swap_remove(at);
        self.unwatch(&old);
        let did_nothing = !old.given.is_empty() || !old.has_begun();
        let mut arrived = vec![];
        let again = old.take_over(&mut arrived);
        let in_vain = did_nothing && arrived.is_empty() && !old.died_of_it;
        state.deaths = if in_vain { state.deaths + 1 } else { 0 };
        state.printed.add(&old.process.printed());
        state.arrive(arrived);
        let wanted = again.into_iter().filter(|b| state.arrived.contains_key(&b.job));
        let wanted: Vec<Batch> = wanted.collect();
        wanted.into_iter().rev().for_each(|batch| state.queue.push_front(batch));
        state.replaced += 1;
        if state.deaths > 8 + 2 * state.links.len() {
            state.lose_place(&Error::unsupported(words::workers_die()));
        } else {
            state.vacant += 1;
        }
    }

    /// Ends all workers. Whoever waits for one of their items gets an error.
    pub(in super::super) fn shut_down(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.vacant = 0;
        state.give_up(&dropped());
        let links = std::mem::take(&mut state.links);
        drop(state);
        self.changed.notify_all();
        self.show_printed();
        links.into_iter().for_each(|mut link| link.process.kill());
    }
}

impl Link {
    /// All descriptors that become readable when the worker prints, answers or ends.
    fn watched(&self) -> Vec<BorrowedFd<'_>> {
        let mut fds = self.process.descriptors();
        fds.push(std::os::fd::AsFd::as_fd(&self.socket));
        fds
    }
}

//! Who works: workers are hired, taken away when they died, and dismissed.
//!
//! *What to notice*: to fork, and to show what a worker printed, other locks are taken.
//! Nobody does it who has the lock of the pool: a thread that has one of those may be
//! waiting for a result.

use super::super::link::{Batch, Link};
use super::{Crew, State, dropped};
use crate::words;
use nix::sys::epoll::{EpollEvent, EpollFlags};
use potok_base::error::{Error, Result};
use potok_base::output;
use std::os::fd::BorrowedFd;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A fork takes no longer, unless it waits for a lock.
const LONG_FORK: Duration = Duration::from_millis(500);

impl Crew {
    pub(super) fn hire_one(&self) -> Result<Link> {
        let number = self.hired.fetch_add(1, Ordering::Relaxed) + 1;
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

    /// Does what takes other locks, without ours: shows what workers printed, and starts
    /// new ones.
    pub(super) fn settle<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> MutexGuard<'a, State> {
        if !state.printed.is_empty() {
            drop(state);
            self.show_printed();
            state = self.lock();
        }
        // A thread that has been hiring for long may be waiting for a lock that this one
        // holds: then both hire, and the worker that is too many is dismissed.
        let hiring = state.hiring.is_some_and(|since| since.elapsed() < LONG_FORK);
        if state.vacant == 0 || hiring {
            return state;
        }
        state.hiring = Some(Instant::now());
        while state.vacant > 0 {
            drop(state);
            let hired = self.hire_one();
            state = self.lock();
            if state.vacant == 0 {
                // Another thread was quicker, or the pool was dropped.
                drop(state);
                hired.iter().for_each(|link| self.unwatch(link));
                drop(hired);
                state = self.lock();
                break;
            }
            state.vacant -= 1;
            match hired {
                Ok(link) => state.links.push(link),
                Err(error) => state.lose_place(&error),
            }
        }
        state.hiring = None;
        state
    }

    /// Shows what workers printed, in its order: nobody takes it who has not the output that
    /// it is for. One output at a time, as others may have the other one.
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

    /// Takes a worker away that died or has to; its place is to be filled.
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

    /// Ends all workers. What they had is an error to whoever waits for it.
    pub(in super::super) fn dismiss(&self) {
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
    /// Everything that tells that something happened to the worker.
    fn watched(&self) -> Vec<BorrowedFd<'_>> {
        let mut fds = self.process.descriptors();
        fds.push(std::os::fd::AsFd::as_fd(&self.socket));
        fds
    }
}

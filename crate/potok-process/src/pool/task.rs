//! One function call as a handle: Python's `AsyncResult`, others' *future*.

use super::super::code::Code;
use super::super::{descriptors, frame, report};
use super::Pool;
use super::link::{Arrived, Batch};
use super::workers::Workers;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A call that the pool was given. Dropping it lets the call run on, unheard.
#[derive(Debug)]
#[must_use = "the call's result or error comes from `wait`"]
pub struct Task<R> {
    workers: Arc<Workers>,
    job: u64,
    result: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> Task<R> {
    pub(super) fn new<A: Serialize>(pool: &Pool, code: Code, args: A) -> Result<Self> {
        let (items, fds) = descriptors::pack(args)?;
        let workers = Arc::clone(&pool.workers);
        let job = workers.new_job();
        let batch = Batch {
            job,
            first: 0,
            code,
            ends: vec![items.len()],
            items,
            fds,
            recorder: pool.recorder.clone(),
            retries: pool.retries,
            done: 0,
            light: false,
        };
        workers.enqueue(batch);
        workers.work_in_background();
        Ok(Task { workers, job, result: PhantomData })
    }

    /// Waits for the result. The call's own time limit is the pool's.
    ///
    /// # Errors
    /// The call panicked, ran out of time, or took its worker down; the pool was dropped.
    pub fn wait(mut self) -> Result<R> {
        let result = self.wait_until(None);
        result.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Disconnected, words::nothing_came()))
        })
    }

    /// Waits at most `limit`; `None` if there is no result yet.
    pub fn wait_timeout(&mut self, limit: Duration) -> Option<Result<R>> {
        self.wait_until(Instant::now().checked_add(limit))
    }

    /// Takes the call back. If it runs already, its worker is ended and replaced.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let pool = processes::Pool::new(1)?;
    /// pool.submit(|()| wait(ms(60_000)), ())?.cancel();
    /// assert_eq!(pool.submit(|n: u32| n + 1, 6)?.wait()?, 7);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn cancel(self) {
        self.workers.forget(self.job);
    }

    fn wait_until(&mut self, deadline: Option<Instant>) -> Option<Result<R>> {
        let job = self.job;
        let arrived = self.workers.wait_until(deadline, |state| {
            let Some(arrived) = state.arrived.get_mut(&job) else { return Some(None) };
            match arrived.pop_front() {
                Some(one) => {
                    state.arrived.remove(&job);
                    Some(Some(one))
                }
                None => state.is_closed().then_some(None),
            }
        })?;
        let gone = || Error::new(ErrorKind::Disconnected, words::result_taken());
        Some(match arrived {
            Some(Arrived { results: Ok((_, bytes)), .. }) => {
                frame::take(&mut &bytes[..]).map_or_else(|| Err(gone()), report::read)
            }
            Some(Arrived { results: Err(error), .. }) => Err(error),
            None => Err(gone()),
        })
    }
}

impl<R> Drop for Task<R> {
    fn drop(&mut self) {
        self.workers.lock().arrived.remove(&self.job);
    }
}

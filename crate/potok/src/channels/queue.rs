//! A thread-safe queue: one lock, and two conditions to sleep on.
//!
//! ```
//! use potok::prelude::*;
//!
//! let (fifo, lifo, priority) = (Queue::new(), LifoQueue::new(), PriorityQueue::new());
//! for n in [2, 3, 1] {
//!     fifo.put(n)?;
//!     lifo.put(n)?;
//!     priority.put(n)?;
//! }
//! assert_eq!(fifo.drain(), [2, 3, 1]);
//! assert_eq!(lifo.drain(), [1, 3, 2]);
//! assert_eq!(priority.drain(), [1, 2, 3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *What to notice*: a put sleeps on `not_full`, a get on `not_empty`. With one condition
//! variable for both, a wake-up could go to a thread that cannot use it.

use super::{GetError, PutError, Store};
use crate::error::Error;
use crate::words;
use potok_base::sync::{lock, unpoisoned};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The time limit of [`BlockingQueue::put`] and [`BlockingQueue::get`], so that no cell
/// hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a thread checks again before it sleeps, for a value, room or the lock:
/// sleeping and waking are system calls, which cost more than many values.
const SPINS: u32 = 32;

/// A queue that any number of threads put into and take from, in the order of its store.
///
/// Use it as [`Queue`], [`LifoQueue`] or [`PriorityQueue`].
#[derive(Debug)]
pub struct BlockingQueue<T, S> {
    state: Mutex<State<S>>,
    not_empty: Condvar,
    not_full: Condvar,
    all_done: Condvar,
    maxsize: Option<usize>,
    values: PhantomData<fn(T) -> T>,
}

/// A queue from which the oldest value leaves first.
pub type Queue<T> = BlockingQueue<T, VecDeque<T>>;
/// A queue from which the newest value leaves first.
pub type LifoQueue<T> = BlockingQueue<T, Vec<T>>;
/// A queue from which the smallest value leaves first.
pub type PriorityQueue<T> = BlockingQueue<T, BinaryHeap<Reverse<T>>>;

#[derive(Debug)]
struct State<S> {
    store: S,
    closed: bool,
    unfinished: usize,
    /// Sleeping threads, so that no wake-up is sent where none sleeps.
    getters: usize,
    putters: usize,
}

impl<T, S: Store<T> + Default> BlockingQueue<T, S> {
    /// A queue without a bound.
    pub fn new() -> Self {
        Self::with_store(S::default(), None)
    }

    /// A queue of at most `maxsize` values: a put waits while it is full.
    ///
    /// A `maxsize` of 0 counts as 1. For a rendezvous use [`bounded(0)`](super::bounded).
    pub fn bounded(maxsize: usize) -> Self {
        Self::with_store(S::default(), Some(maxsize))
    }
}

impl<T, S: Store<T> + Default> Default for BlockingQueue<T, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, S: Store<T>> BlockingQueue<T, S> {
    /// A queue that keeps its values in `store`, and at most `maxsize` of them.
    pub(super) fn with_store(store: S, maxsize: Option<usize>) -> Self {
        let unfinished = store.len();
        let state = State { store, closed: false, unfinished, getters: 0, putters: 0 };
        BlockingQueue {
            state: Mutex::new(state),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
            all_done: Condvar::new(),
            maxsize: maxsize.map(|n| n.max(1)),
            values: PhantomData,
        }
    }

    /// Puts a value in; waits while the queue is full, for a minute at most.
    ///
    /// # Errors
    /// Closed, or still full; the error contains the value.
    pub fn put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_timeout(value, PATIENCE)
    }

    /// Puts a value in if there is room now.
    ///
    /// # Errors
    /// Closed or full; the error contains the value.
    pub fn try_put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_timeout(value, Duration::ZERO)
    }

    /// Puts a value in; waits no longer than `limit`.
    ///
    /// # Errors
    /// Closed, or still full; the error contains the value.
    ///
    /// # Examples
    /// ```
    /// use potok::channels::PutError;
    /// use potok::prelude::*;
    /// let queue = Queue::bounded(1);
    /// queue.put("espresso")?;
    /// let full = queue.put_timeout("latte", ms(1));
    /// assert_eq!(full, Err(PutError::Full("latte")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_timeout(&self, value: T, limit: Duration) -> Result<(), PutError<T>> {
        let (mut deadline, mut spins) = (None, 0);
        let mut state = self.lock();
        while !state.closed && self.maxsize.is_some_and(|n| state.store.len() >= n) {
            let Some(left) = left(&mut deadline, limit) else {
                return Err(PutError::Full(value));
            };
            if spins < SPINS {
                spins += 1;
                state = self.check_again(state);
                continue;
            }
            state.putters += 1;
            state = sleep(&self.not_full, state, left);
            state.putters -= 1;
        }
        if state.closed {
            return Err(PutError::Closed(value));
        }
        state.store.push(value);
        state.unfinished += 1;
        if state.getters > 0 {
            self.not_empty.notify_one();
        }
        Ok(())
    }

    /// Takes a value out; waits while the queue is empty, for a minute at most.
    ///
    /// # Errors
    /// Closed and empty, or still empty.
    pub fn get(&self) -> Result<T, GetError> {
        self.get_timeout(PATIENCE)
    }

    /// Takes a value out if there is one now.
    ///
    /// # Errors
    /// Closed and empty, or empty.
    ///
    /// # Examples
    /// ```
    /// use potok::channels::{GetError, Queue};
    /// let queue = Queue::bounded(2);
    /// queue.put("tea").unwrap();
    /// assert_eq!((queue.try_get(), queue.try_get()), (Ok("tea"), Err(GetError::Empty)));
    /// ```
    pub fn try_get(&self) -> Result<T, GetError> {
        self.get_timeout(Duration::ZERO)
    }

    /// Takes a value out; waits no longer than `limit`.
    ///
    /// # Errors
    /// Closed and empty, or still empty.
    ///
    /// # Examples
    /// ```
    /// use potok::channels::{GetError, Queue};
    /// use potok::workload::ms;
    /// let queue = Queue::<u32>::bounded(2);
    /// assert_eq!(queue.get_timeout(ms(1)), Err(GetError::Empty));
    /// ```
    pub fn get_timeout(&self, limit: Duration) -> Result<T, GetError> {
        let (mut deadline, mut spins) = (None, 0);
        let mut state = self.lock();
        loop {
            if let Some(value) = state.store.pop() {
                if state.putters > 0 {
                    self.not_full.notify_one();
                }
                return Ok(value);
            }
            if state.closed {
                return Err(GetError::Closed);
            }
            let left = left(&mut deadline, limit).ok_or(GetError::Empty)?;
            if spins < SPINS {
                spins += 1;
                state = self.check_again(state);
                continue;
            }
            state.getters += 1;
            state = sleep(&self.not_empty, state, left);
            state.getters -= 1;
        }
    }

    /// Takes values out until the queue is closed and empty.
    pub fn iter(&self) -> QueueIter<'_, T, S> {
        QueueIter { queue: self, values: PhantomData }
    }

    /// Takes out all values that are in the queue now, in its order.
    pub fn drain(&self) -> Vec<T> {
        std::iter::from_fn(|| self.try_get().ok()).collect()
    }

    /// Reports that one value taken out has been processed.
    ///
    /// # Errors
    /// More values reported done than were ever put in.
    pub fn task_done(&self) -> Result<(), Error> {
        let mut state = self.lock();
        state.unfinished = state
            .unfinished
            .checked_sub(1)
            .ok_or_else(|| Error::invalid(words::too_many_done()))?;
        if state.unfinished == 0 {
            self.all_done.notify_all();
        }
        Ok(())
    }

    /// Waits until every value put in has been taken out and reported done.
    ///
    /// # Errors
    /// Not reached within `limit`; the message says how many values are left.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let queue = Queue::<u32>::new();
    /// queue.put(7)?;
    /// assert!(queue.join(ms(1)).is_err());
    /// queue.get()?;
    /// queue.task_done()?;
    /// queue.join(ms(1))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn join(&self, limit: Duration) -> Result<(), Error> {
        let mut deadline = None;
        let mut state = self.lock();
        while state.unfinished > 0 {
            let Some(left) = left(&mut deadline, limit) else {
                let what = words::tasks_left(state.unfinished);
                return Err(Error::timed_out(what, limit));
            };
            state = sleep(&self.all_done, state, left);
        }
        Ok(())
    }

    /// Closes the queue: puts fail from now on, and gets once it is empty.
    pub fn close(&self) {
        self.lock().closed = true;
        self.not_empty.notify_all();
        self.not_full.notify_all();
    }

    /// The number of values in the queue at this moment.
    pub fn len(&self) -> usize {
        self.lock().store.len()
    }

    /// Whether the queue is empty at this moment.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the store out.
    pub(super) fn into_store(self) -> S {
        unpoisoned(self.state.into_inner()).store
    }

    /// Lets other threads have the lock, and this core, before the next check.
    fn check_again<'a>(
        &'a self,
        state: MutexGuard<'a, State<S>>,
    ) -> MutexGuard<'a, State<S>> {
        drop(state);
        std::thread::yield_now();
        self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        for _ in 0..SPINS {
            if let Ok(state) = self.state.try_lock() {
                return state;
            }
            std::thread::yield_now();
        }
        lock(&self.state)
    }
}

/// The values of a queue until it is closed. Made by [`BlockingQueue::iter`].
#[derive(Debug)]
pub struct QueueIter<'a, T, S> {
    queue: &'a BlockingQueue<T, S>,
    values: PhantomData<T>,
}

impl<T, S: Store<T>> Iterator for QueueIter<'_, T, S> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.get().ok()
    }
}

/// What is left of `limit`. The clock is first read when a thread has to wait.
fn left(deadline: &mut Option<Instant>, limit: Duration) -> Option<Duration> {
    if limit.is_zero() {
        return None;
    }
    let now = Instant::now();
    let end = *deadline.get_or_insert(now + limit.min(Duration::from_hours(24)));
    Some(end.saturating_duration_since(now)).filter(|left| !left.is_zero())
}

fn sleep<'a, S>(
    condition: &Condvar,
    state: MutexGuard<'a, State<S>>,
    limit: Duration,
) -> MutexGuard<'a, State<S>> {
    unpoisoned(condition.wait_timeout(state, limit)).0
}

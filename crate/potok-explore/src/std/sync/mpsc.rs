//! [`std::sync::mpsc`], made of an explored mutex and two explored condition variables.
//!
//! ```
//! use potok::explore::{explore, std::sync::mpsc, std::thread};
//! let report = explore(|| {
//!     let (sender, receiver) = mpsc::channel();
//!     let kept = sender.clone();                // one too many: the loop never ends
//!     thread::spawn(move || sender.send(1).unwrap());
//!     let sum: u32 = receiver.iter().sum();
//!     drop(kept);
//!     sum
//! });
//! assert_eq!(report.worst().unwrap().ending.word(), "deadlock");
//! ```
//!
//! *What to notice*: a sender that was forgotten is a deadlock with a name, not a frozen
//! notebook. Missing are the waits with a time-out.

use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::words;
use ::std::collections::VecDeque;
use ::std::fmt;
use ::std::sync::Arc;
use potok_base::sync::unpoisoned;

pub use ::std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError};

struct State<T> {
    queue: VecDeque<T>,
    senders: usize,
    receiver: bool,
    /// The receiver sleeps: only then has it to be woken.
    hungry: bool,
    /// Values put in and taken out so far: a rendezvous waits for its own.
    sent: usize,
    taken: usize,
}

struct Channel<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    emptied: Condvar,
    bound: Option<usize>,
}

/// A channel without a bound; see [`std::sync::mpsc::channel`].
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Channel::new(None);
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

/// A channel that holds at most `bound` values; see [`std::sync::mpsc::sync_channel`].
///
/// # Examples
/// ```
/// use potok::explore::{explore, std::sync::mpsc::sync_channel, std::thread};
/// let report = explore(|| {
///     let (sender, receiver) = sync_channel(0);     // each send waits for its receive
///     thread::spawn(move || (1..=2).for_each(|n| sender.send(n).unwrap()));
///     receiver.iter().collect::<Vec<_>>()
/// });
/// assert!(report.passed());
/// assert_eq!(report.outcomes[0].ending.detail(), "[1, 2]");
/// ```
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = Channel::new(Some(bound));
    (SyncSender(Arc::clone(&channel)), Receiver(channel))
}

impl<T> Channel<T> {
    fn new(bound: Option<usize>) -> Arc<Self> {
        let state = State {
            queue: VecDeque::new(),
            senders: 1,
            receiver: true,
            hungry: false,
            sent: 0,
            taken: 0,
        };
        Arc::new(Channel {
            state: Mutex::new(state).named("channel"),
            filled: Condvar::new().named("filled"),
            emptied: Condvar::new().named("emptied"),
            bound,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        unpoisoned(self.state.lock())
    }

    fn is_full(&self, state: &State<T>) -> bool {
        self.bound.is_some_and(|bound| state.queue.len() >= bound.max(1))
    }

    fn put(&self, state: &mut State<T>, value: T) {
        state.queue.push_back(value);
        state.sent += 1;
        if state.hungry {
            self.filled.notify_one();
        }
    }

    fn send(&self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.lock();
        while state.receiver && self.is_full(&state) {
            state = unpoisoned(self.emptied.wait(state));
        }
        if !state.receiver {
            return Err(SendError(value));
        }
        self.put(&mut state, value);
        let mine = state.sent;
        while self.bound == Some(0) && state.receiver && state.taken < mine {
            state = unpoisoned(self.emptied.wait(state));
        }
        Ok(())
    }

    fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.lock();
        if !state.receiver {
            return Err(TrySendError::Disconnected(value));
        }
        if self.is_full(&state) || self.bound == Some(0) && !state.hungry {
            return Err(TrySendError::Full(value));
        }
        self.put(&mut state, value);
        Ok(())
    }

    fn take(&self, state: &mut State<T>) -> Option<T> {
        let value = state.queue.pop_front()?;
        state.taken += 1;
        if self.bound.is_some() {
            self.emptied.notify_all();
        }
        Some(value)
    }

    fn come(&self) {
        self.lock().senders += 1;
    }

    fn leave(&self) {
        let mut state = self.lock();
        state.senders -= 1;
        if state.senders == 0 && state.hungry {
            self.filled.notify_one();
        }
    }
}

macro_rules! sender {
    ($name:ident) => {
        #[doc = concat!("See [`std::sync::mpsc::", stringify!($name), "`].")]
        pub struct $name<T>(Arc<Channel<T>>);

        impl<T> $name<T> {
            /// Sends a value; waits while the channel is full.
            ///
            /// # Errors
            /// The receiver is gone; the value is inside the error.
            pub fn send(&self, value: T) -> Result<(), SendError<T>> {
                self.0.send(value)
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                self.0.come();
                Self(Arc::clone(&self.0))
            }
        }

        impl<T> Drop for $name<T> {
            fn drop(&mut self) {
                self.0.leave();
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

sender!(Sender);
sender!(SyncSender);

impl<T> SyncSender<T> {
    /// Sends a value if there is room for it.
    ///
    /// # Errors
    /// There is none, or the receiver is gone; the value is inside the error.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.0.try_send(value)
    }
}

/// See [`std::sync::mpsc::Receiver`].
pub struct Receiver<T>(Arc<Channel<T>>);

impl<T> Receiver<T> {
    /// Waits for a value.
    ///
    /// # Errors
    /// Nothing is there, and all senders are gone.
    pub fn recv(&self) -> Result<T, RecvError> {
        let channel = &*self.0;
        let mut state = channel.lock();
        loop {
            if let Some(value) = channel.take(&mut state) {
                return Ok(value);
            }
            if state.senders == 0 {
                return Err(RecvError);
            }
            state.hungry = true;
            state = unpoisoned(channel.filled.wait(state));
            state.hungry = false;
        }
    }

    /// Takes a value if one is there.
    ///
    /// # Errors
    /// Nothing is there; whether something can still come is in the error.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.0.lock();
        match self.0.take(&mut state) {
            Some(value) => Ok(value),
            None if state.senders == 0 => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    /// The values that come until all senders are gone.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// The values that are there.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let left = {
            let mut state = self.0.lock();
            state.receiver = false;
            if self.0.bound.is_some() {
                self.0.emptied.notify_all();
            }
            ::std::mem::take(&mut state.queue)
        };
        // Their own ends may take steps: not under the lock.
        drop(left);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}

/// What [`Receiver::iter`] returns.
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// What [`Receiver::try_iter`] returns.
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// The values of a receiver that was given away.
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

/// How many values wait, and which end is gone: what pictures show of the lock.
impl<T> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gone = match (self.senders, self.receiver) {
            (_, false) => words::no_receiver(),
            (0, true) => words::no_sender(),
            _ => "",
        };
        f.write_str(&words::waiting_in_channel(self.queue.len(), gone))
    }
}

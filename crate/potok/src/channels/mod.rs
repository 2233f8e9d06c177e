//! Thread-safe queues and channels: threads that share nothing but messages.
//!
//! The slide's `queue.Queue(maxsize=2)`:
//!
//! ```
//! use potok::prelude::*;
//!
//! let orders = Queue::bounded(2);
//! let total: u32 = thread::scope(|s| {
//!     s.spawn(|| {
//!         (1..=10).try_for_each(|cup| orders.put(cup)).unwrap();   // waits when full
//!         orders.close();
//!     });
//!     orders.iter().sum()                           // waits when empty, ends when closed
//! });
//! assert_eq!(total, 55);
//! ```
//!
//! *What to notice*: no thread takes a lock here. The queue is the only thing that the
//! threads share, and a value in it belongs to no thread until one takes it out.
//!
//! # Why the obvious thing fails
//! A `VecDeque` as the queue, shared by two threads:
//!
//! ```compile_fail,E0502
//! let mut orders = std::collections::VecDeque::new();
//! std::thread::scope(|s| {
//!     s.spawn(|| orders.push_back(1));
//!     while orders.is_empty() {}
//! });
//! ```
//!
//! "Cannot borrow `orders` as immutable because it is also borrowed as mutable". With a
//! `Mutex` around it this compiles, and the second thread uses a whole core to wait. Hence
//! the two condition variables in `queue`.
//!
//! # How it works
//! | Python | here |
//! |---|---|
//! | `queue.SimpleQueue()` | [`unbounded`], crossbeam's channel |
//! | `queue.Queue(maxsize=n)` | [`Queue::bounded`](BlockingQueue::bounded), or [`bounded`], crossbeam's channel |
//! | `queue.LifoQueue()` | [`LifoQueue`] |
//! | `queue.PriorityQueue()` | [`PriorityQueue`] |
//! | `task_done()`, `join()` | [`Queue::task_done`](BlockingQueue::task_done), [`Queue::join`](BlockingQueue::join) |
//! | `put_nowait`, `put(timeout=…)` | [`Queue::try_put`](BlockingQueue::try_put), [`Queue::put_timeout`](BlockingQueue::put_timeout) |
//! | `shutdown()` | [`Queue::close`](BlockingQueue::close) |
//!
//! A plain channel is crossbeam's own, and costs what crossbeam costs. A [`Queue`] has one
//! lock, and what channels lack: other orders, `task_done` and `join`, and closing from
//! either side.
//!
//! # The files, in reading order
//! * `store`: the orders: FIFO, LIFO, by priority.
//! * `queue`: the thread-safe queue, one implementation for all orders. `error`: why a
//!   value was not put in or taken out.
//! * `pipeline`: stages with a queue between each two, and the queues' lengths over time.
//!
//! # Read on
//! Mara Bos, "Rust Atomics and Locks", chapter 5; Rob Pike and Sameer Ajmani on pipelines
//! in Go.

mod error;
#[cfg(test)]
mod laws;
mod pipeline;
mod queue;
mod store;

pub use crossbeam::channel::{
    Receiver, Sender, after, bounded, select, tick, unbounded,
};
pub use error::{GetError, PutError};
pub use pipeline::{Pipeline, PipelineRun};
pub use queue::{BlockingQueue, LifoQueue, PriorityQueue, Queue, QueueIter};
pub use store::Store;

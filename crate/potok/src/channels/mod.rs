//! Values that go from thread to thread: queues, channels, pipelines.
//!
//! ```
//! use potok::channels::Queue;
//! use std::thread;
//!
//! let orders = Queue::bounded(2);                   // Python: queue.Queue(maxsize=2)
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
//! *What to notice*: nobody locks anything here. The queue is the only thing the threads
//! share, and a value in it belongs to nobody until somebody takes it out.
//!
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
//! A plain channel is crossbeam's own, so it costs what crossbeam costs. A [`Queue`] has
//! one lock, and what channels lack: other orders, `task_done` and `join`, and closing
//! from either side.
//!
//! * `queue`: the thread-safe queue, one for all orders.
//! * `store`: the orders: FIFO, LIFO, by priority.
//! * `pipeline`: stages with a queue between each two, and their lengths over time.

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
pub use queue::{BlockingQueue, Iter, LifoQueue, PriorityQueue, Queue};
pub use store::Store;

//! Asynchronous events: request → processing → response, on a real TCP server.
//!
//! ```
//! use potok::prelude::*;
//!
//! let load = Load::new(4).wait(ms(10));         // four clients at once
//! let one = server::one_thread(load)?;
//! let each = server::thread_per_request(load)?;
//! let events = server::event_loop(load)?;
//! assert_eq!(one.latency.runs().len(), 4);
//! assert_eq!((one.threads, each.threads, events.threads), (1, 5, 1));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: with one thread a client waits for all clients before it. A thread for
//! each, or a loop that does something else while one request waits, answers all of them
//! in the time of one. Only if the processing *computes* does the loop block every client.
//!
//! The server listens on the loopback interface, on a port that the system chooses, and
//! has always stopped when its function returns.
//!
//! The files, in reading order:
//! * `blocking`: one thread for all, and a thread for each request.
//! * `event_loop`: `async` functions and the few lines that run them.
//! * `load`: the clients, and what the three servers share.

mod blocking;
mod event_loop;
mod load;
#[cfg(test)]
mod tests;

pub use blocking::{one_thread, thread_per_request};
pub use event_loop::event_loop;
pub use load::{Load, Served};

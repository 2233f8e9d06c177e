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
//! *What to notice*: with one thread a client waits for all who came before it. Threads
//! of their own, or a loop that does something else while one request waits, answer all
//! of them in the time of one. Only where the processing *computes* does the loop hold
//! everybody up.
//!
//! The server listens on the loopback interface, on a port that the system chooses, and
//! has stopped when its function returns, whatever happened.
//!
//! * `load`: the clients and what they ask for.
//! * `blocking`: one thread for all, and a thread for each request.
//! * `event_loop`: `async` functions and the few lines that run them.

mod blocking;
mod event_loop;
mod load;
#[cfg(test)]
mod tests;

pub use blocking::{one_thread, thread_per_request};
pub use event_loop::event_loop;
pub use load::{Load, Served};

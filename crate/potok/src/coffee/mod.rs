//! Concurrent: two queues, one coffee machine. Parallel: two queues, two machines.
//!
//! ```
//! use potok::coffee::Shop;
//! use potok::prelude::*;
//!
//! let shop = Shop::queues(2).customers(4).brew(ms(2));
//! let concurrent = shop.machines(1).run()?;
//! let parallel = shop.machines(2).run()?;
//!
//! assert_eq!(concurrent.overlap(), ms(0));      // one machine: never two cups at a time
//! assert_eq!(parallel.visits.len(), 4);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the queues are the *structure* of the program and the same in both
//! days; how many machines there are is only how it is *executed*. Each queue is a thread
//! which serves its customers one after the other. The machines are what the threads
//! share, handed out in the order in which the threads ask.
//!
//! The picture is Joe Armstrong's, "Concurrent and Parallel Programming" (2013).
//!
//! * `shop`: a day at the shop, on real threads.
//! * `book`: who has come how far, while the day goes on.
//! * `day`: what came of it: visits, timeline, queue lengths.
//! * `scene`: the shop as a drawing, at one moment or while the day goes on.
//! * `little`: Little's law on the day's own numbers.

mod book;
mod day;
mod little;
mod machines;
mod scene;
mod shop;

pub use day::{Day, Visit};
pub use little::Little;
pub use shop::Shop;

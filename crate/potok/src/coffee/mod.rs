//! CONCURRENCY | PARALLELISM: two queues and one coffee machine, two queues and two.
//!
//! The slide's picture is Joe Armstrong's, "Concurrent and Parallel Programming" (2013).
//!
//! ```
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
//! *What to notice*: the queues are the *structure* of the program and the same on both
//! days; the number of machines is how it is *executed*. Concurrency is dealing with many
//! things at once, parallelism is doing many things at once.
//!
//! # Why the obvious thing fails
//! "Two queues are twice as fast as one" is the obvious guess. With one machine the second
//! queue gains nothing but time to order, and nothing at all where ordering takes no time:
//!
//! ```
//! use potok::prelude::*;
//!
//! let cup = ms(2);
//! let day = Shop::queues(2).machines(1).customers(6).brew(cup).run()?;
//! assert!(day.closed >= 6 * cup);               // six cups, one after the other
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! # How it works
//! Each queue is a thread that serves its customers one after the other. The machines are
//! what the threads share, handed out in the order of the requests.
//!
//! # The files, in reading order
//! * `shop`: a day at the shop, on real threads. `machines`: what they share.
//! * `day`: its record: visits, timeline, queue lengths. `log`: the same while it goes on.
//! * `scene`: the shop drawn at one moment, or while the day goes on.
//! * `little`: Little's law in the day's own numbers.
//!
//! # Read on
//! Rob Pike, "Concurrency is not Parallelism" (2012).

mod day;
mod little;
mod log;
mod machines;
mod scene;
mod shop;

pub use day::{Day, Visit};
pub use little::Little;
pub use shop::Shop;

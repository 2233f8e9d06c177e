//! Threads that are easy to tell apart: named, on lanes of their own, counted.
//!
//! ```
//! use potok::prelude::*;
//!
//! let trace = threads::record(["ann", "bob"], |rec| {
//!     rec.span("compute", || busy(ms(2)));
//!     rec.wait("disk", || wait(ms(2)));
//! })?;
//! assert_eq!(trace.lanes[1].name, "bob");
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: creating, joining and scoping threads is [`std::thread`]'s business,
//! and a notebook uses `std` for it. This module is for looking at what they do.
//!
//! * `named`: one job on several named threads, as a timeline.
//! * `orders`: in which order they finish, counted over many runs.
//! * [`short_panics`]: one line for a panic instead of twenty.

mod named;
mod orders;
mod picture;

pub use named::{cpu_bound, io_bound, record};
pub use orders::{Orders, orders};
pub use potok_process::short_panics;

//! Why multithreading? The slide's three reasons, each run.
//!
//! ```
//! use potok::prelude::*;
//!
//! let smooth = multitasking::smooth(|| busy(ms(20)))?;
//! assert!(smooth.frames.len() > 8);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: only the first reason is about speed, and it needs several cores. The
//! other two are about waiting, and hold on one core too.
//!
//! * Performance: [`Speedup`](crate::measure::Speedup), which measures any job.
//! * [`multitasking`]: an interface that must draw beside a heavy job.
//! * [`server`]: events that come when they please: request, processing, response.

pub mod multitasking;
mod picture;
pub mod server;

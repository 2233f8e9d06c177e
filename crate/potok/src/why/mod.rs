//! Why multithreading? The slide's three reasons, each run.
//!
//! * Performance: [`Speedup`](crate::measure::Speedup), which measures any job.
//! * Multitasking: [`multitasking`], an interface that must draw beside a heavy job.
//! * Asynchronous events: [`server`], requests that arrive at any time.
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
//! # Why the obvious thing fails
//! The obvious program does one thing after the other, and while the job runs, nothing
//! else does:
//!
//! ```
//! use potok::prelude::*;
//!
//! let frozen = multitasking::frozen(|| busy(ms(50)))?;
//! assert!(frozen.longest_freeze >= ms(50));     // no frame during the job
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! # The files, in reading order
//! * [`multitasking`]: frozen and smooth, the same job on one thread and on two.
//! * [`server`]: three designs of one server: one thread, a thread each, an event loop.
//!
//! # Read on
//! Dan Kegel, "The C10K problem"; "Asynchronous Programming in Rust", its first chapter.

pub mod multitasking;
mod picture;
pub mod server;

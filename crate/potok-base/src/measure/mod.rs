//! Timing that keeps every run and says how it was taken.
//!
//! ```
//! use potok::prelude::*;
//!
//! let speedup = Speedup::measure("primes", [1, 2], |n| {
//!     std::thread::scope(|s| {
//!         for part in chunks(0..2_000, n) {
//!             s.spawn(|| count_primes(part));
//!         }
//!     });
//! })?;
//! assert_eq!(speedup.points.len(), 2);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a figure is a median with its range, beside the number of cores and
//! the way the code was compiled. [`Machine`] says the last two.
//!
//! * `samples`: the runs of one thing, and their median and range.
//! * `speedup`: the same job with 1, 2, 4 … workers.
//! * `given`: what the machine gave meanwhile, and what that explains; `calibrate` finds
//!   it out.
//! * `amdahl`: Amdahl's law and the serial fraction that fits a measurement best.

mod amdahl;
mod calibrate;
mod given;
mod machine;
mod samples;
mod speedup;

pub use amdahl::Amdahl;
pub use given::{Given, SpeedupVerdict, Why};
pub use machine::Machine;
pub use samples::{Samples, measure};
pub use speedup::{Plan, Speedup, SpeedupPoint};

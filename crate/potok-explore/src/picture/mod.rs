//! Pictures of what an exploration found.
//!
//! * `outcomes`: what can come out, and how often.
//! * `schedule`: one run, step by step.

mod outcomes;
mod schedule;

pub use outcomes::outcomes;
pub use schedule::schedule;

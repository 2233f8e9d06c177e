//! Pictures of what an exploration found.
//!
//! * `outcomes`: what can come out, and how often.
//! * `schedule`: one run, step by step.
//! * `stepper`: all runs, to be stepped through by hand.

mod outcomes;
mod schedule;
mod stepper;

pub use outcomes::outcomes;
pub use schedule::{schedule, schedule_picture_of};

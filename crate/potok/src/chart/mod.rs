//! Pictures of what a run gave, each with a text that says the same.
//!
//! ```
//! use potok::prelude::*;
//!
//! let trace = record(|rec| rec.span("work", || busy(ms(2))));
//! let picture = chart::timeline("One span", &trace)?;
//! assert!(picture.svg.contains("<title>One span</title>"));
//! assert!(picture.text.contains("work"));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a chart is a function from data to a [`Picture`]. Whatever the data
//! is, it gives a picture or says what keeps it from being drawn. Labels may be anything
//! at all: they are made harmless and cut to the room there is.
//!
//! * `timeline`: who ran and who waited, when.
//! * `speedup`: how much faster with more workers.
//! * `bars`: values side by side.
//! * `flow`: what went where in a map-reduce run.
//! * `outcomes`, `schedule`: what an exploration found, and one run step by step.
//! * `runs`: every run of a measurement.
//! * `sequence`: who sent what to whom.
//! * `lengths`: how many are waiting in each queue.
//! * `results`: which of them the result of each section has.
//!
//! Below them, for all charts: `card` (the frame), `canvas` (drawing, by plotters),
//! `glyph` (signs), `legend`, `axis`, `units`, `label`, `palette`, `table`.

mod axis;
mod bars;
mod canvas;
mod card;
mod flow;
mod glyph;
mod label;
mod legend;
mod lengths;
mod outcomes;
mod palette;
mod results;
mod runs;
mod schedule;
mod sequence;
mod speedup;
mod table;
mod timeline;
mod units;
mod wrap;

pub use crate::display::Picture;
pub use bars::{Axis, Bar, bars};
pub use flow::flow;
pub use lengths::lengths;
pub use outcomes::outcomes;
pub use runs::runs;
pub use schedule::schedule;
pub use sequence::sequence;
pub use speedup::{speedup, speedups};
pub use timeline::timeline;

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
//! # The charts
//! * `timeline`: who ran and who waited, when. `told`: the same with a result's own words.
//! * `speedup`: how much faster with more workers.
//! * `bars`: values side by side.
//! * `runs`: every run of a measurement.
//! * `lengths`: how many are waiting in each queue.
//! * `together`: several of these on one scale.
//! * `each`: a picture for each of several values, behind a slider.
//! * `draw`: a chart of your own, by plotters.
//!
//! A picture stands with its data: that of messages is in `potok-process`, those of an
//! exploration are in `potok-explore`, that of a map-reduce run is in `potok-mapreduce`.
//!
//! # What all of them are drawn with
//! [`card`] (the frame), [`legend`], [`units`], [`label`], [`palette`], [`table`] (the text
//! form), [`wrap`]. Values along an axis are drawn with plotters' `ChartBuilder`, as a cell
//! would; what is set alike on it is in `plot`. Pictures with a layout of their own are
//! drawn on a [`canvas`] with [`glyph`]s; a timeline's `axis` is there too.
//!
//! # What it does not do
//! It knows no engine and no section: whoever has data of another kind brings its picture. It
//! writes SVG and text, and answers no mouse.
//!
//! # What it costs to build
//! About 11 s of one core's time in the release profile, and the crates below it (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).
//!
//! # How a picture reaches the page
//! [`display`]: the trait [`Show`], and everything that writes to a cell's output. The
//! trait stands here and not with the data, since here it can be implemented for the
//! data of `potok-base`, and by the crates above for theirs.

mod axis;
mod bars;
pub mod canvas;
pub mod card;
pub mod display;
mod draw;
mod each;
pub mod glyph;
pub mod label;
pub mod legend;
mod lengths;
pub mod palette;
mod plot;
mod runs;
mod speedup;
pub mod table;
mod timeline;
mod together;
mod told;
mod words;
pub mod wrap;

pub use bars::{Axis, Bar, Bars, IntoBar, bars};
pub use display::{Picture, Piece, Show, show};
pub use draw::draw;
pub use each::{Each, Setting, each, each_together};
pub use lengths::lengths;
pub use runs::runs;
pub use speedup::{speedup, speedups};
pub use timeline::timeline;
pub use together::{Together, together};
pub use told::timeline_with_words;
// For pictures of the crates above, and for a cell that draws with plotters itself.
pub use plotters;
pub use potok_base::units;

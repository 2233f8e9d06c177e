//! How much faster a job gets with more workers, beside what would be ideal.
//!
//! * `draw`: the chart, by plotters.
//! * `text`: the same in words.

mod draw;
mod text;

use super::card::{Card, HIGHEST};
use super::label;
use crate::display::{Picture, Show};
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::measure::{Amdahl, Speedup};

/// The most series that a chart has room for.
const MOST: usize = 8;

/// Draws how much faster a job got with more workers.
///
/// Medians with a whisker from the slowest to the fastest run, the line of an ideal job,
/// Amdahl's law fitted to the medians, a mark at the number of cores, and what the machine
/// gave to threads that only compute. The words say which it was that kept a curve flat:
/// the program did not share out its work, or the cores were not there.
///
/// # Errors
/// A `Speedup` without points, or with one for zero workers.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let speedup = Speedup::measure("waiting", [1, 2], |n| wait(ms(4) / n as u32))?;
/// let picture = chart::speedup(&speedup)?;
/// assert!(picture.text.contains("workers"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn speedup(speedup: &Speedup) -> Result<Picture> {
    let one = std::slice::from_ref(speedup);
    speedups(&words::speedup_of(label::clean(&speedup.label)), one)
}

/// Draws several speed-ups in one chart, each with a marker and a colour of its own.
///
/// Each is relative to its own run with one worker. Amdahl's law is drawn for a single
/// one only; the text has it for all.
///
/// # Errors
/// No series, or more than eight; a series without points or with zero workers.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let steps = |label| Speedup::measure(label, [1, 2], |n| wait(ms(4) / n as u32));
/// let picture = chart::speedups("Two of a kind", &[steps("ann")?, steps("bob")?])?;
/// assert!(picture.text.contains("ann") && picture.text.contains("bob"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn speedups(title: &str, series: &[Speedup]) -> Result<Picture> {
    check(title, series)?;
    let card = Card {
        title: title.to_owned(),
        facts: text::facts(series),
        legend: draw::legend(series),
        description: text::describe(series),
        text: text::table(series),
    };
    let height = HIGHEST - card.top();
    card.plot(height.floor(), |area| draw::draw(area, series))
}

impl Show for Speedup {
    fn picture(&self) -> Result<Picture> {
        speedup(self)
    }
}

fn check(title: &str, series: &[Speedup]) -> Result<()> {
    let title = label::short(title, 60);
    if series.is_empty() || series.len() > MOST {
        let n = series.len();
        return Err(Error::invalid(words::too_many_series(title, n, MOST)));
    }
    for one in series {
        let name = label::short(&one.label, 60);
        if one.points.is_empty() {
            return Err(Error::invalid(words::no_points(name)));
        }
        if one.points.iter().any(|point| point.workers == 0) {
            return Err(Error::invalid(words::zero_workers(name)));
        }
    }
    Ok(())
}

/// The law, if there is a single series and it can be fitted.
fn law(series: &[Speedup]) -> Option<Amdahl> {
    match series {
        [one] => one.amdahl(),
        _ => None,
    }
}

//! Who ran and who waited, when: a lane for each thread, time to the right.
//!
//! * `layout`: which spans become a bar, and which are merged since they are narrower
//!   than a pixel.
//! * `colours`: which labels share a colour.
//! * `draw`: the rows, the axis and the legend.
//! * `bar`, `marks`: what stands on a row.
//! * `text`: the same as a table.
//! * `title`: what a trace is called that nobody gave a title.

mod bar;
mod colours;
mod draw;
mod layout;
mod marks;
mod text;
mod title;

use super::card::{Card, HIGHEST, MARGIN};
use super::units::{count, duration};
use super::words;
use crate::display::{Picture, Show};
use crate::together::{Together, alone};
use colours::Colours;
use layout::{Common, Layout};
use potok_base::error::{Error, Result};
use potok_base::language::noun::{LANE, MARK, SPAN};
use potok_base::trace::{Activity, Trace};
use std::time::Duration;

/// More lanes than these are summed up in a line of text.
const MOST_LANES: usize = 64;

/// Draws who ran and who waited, when.
///
/// A lane for each thread, grouped by process where there is more than one. A running
/// span is a bar of full height, filled as high as the part of its time in which its thread
/// was on a core; a waiting one is thin and hollow with a dashed middle. A span inside
/// another is inset. A span that had not ended has a torn end.
/// Spans narrower than a pixel are merged into a striped bar, so that thousands of them
/// still give a readable picture. Marks are small triangles.
///
/// Of more than 64 lanes, the first 64 are drawn and the picture says so.
///
/// # Errors
/// An empty trace; a span or mark on a lane that is not in the trace.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let trace = record(|rec| {
///     rec.span("compute", || busy(ms(2)));
///     rec.wait("disk", || wait(ms(2)));
/// });
/// let picture = chart::timeline("Compute, then wait", &trace)?;
/// assert!(picture.text.contains("disk"));
///
/// let empty = chart::timeline("Nothing", &record(|_| ())).unwrap_err();
/// assert!(empty.to_string().contains("no span"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn timeline(title: &str, trace: &Trace) -> Result<Picture> {
    alone(title, trace)
}

/// What timelines have in common that are drawn together.
#[derive(Debug)]
pub struct TimelineScale {
    common: Common,
    colours: Colours,
}

/// Timelines drawn together: one scale of time, one colour for one label.
impl Together for Trace {
    type Scale = TimelineScale;

    fn scale(all: &[&Self]) -> TimelineScale {
        TimelineScale { common: Common::of(all), colours: Colours::of(all) }
    }

    fn draw_on(&self, title: &str, scale: &TimelineScale) -> Result<Picture> {
        drawn(title, self, scale)
    }
}

fn drawn(title: &str, trace: &Trace, scale: &TimelineScale) -> Result<Picture> {
    check(trace)?;
    let TimelineScale { common, colours } = scale;
    let layout = Layout::of(trace, common);
    let facts = facts(trace, &layout);
    let mut rows = draw::Rows::of(trace, &layout, draw::BODY);
    let mut card = Card {
        title: title.to_owned(),
        description: words::timeline_described(&facts),
        facts,
        legend: draw::legend(trace, &layout, colours, &rows),
        text: text::table(trace),
    };
    // What a head of several lines takes, the rows give.
    let over = card.top() + rows.bottom() + MARGIN - HIGHEST;
    if over > 0.0 {
        rows = rows.lower(trace, &layout, over);
        card.legend = draw::legend(trace, &layout, colours, &rows);
    }
    let rows = rows.below(card.top());
    card.draw(rows.bottom(), |canvas| {
        draw::body(canvas, trace, &layout, colours, &rows);
    })
}

impl Show for Trace {
    fn picture(&self) -> Result<Picture> {
        match &*self.title {
            "" => timeline(&title::of(self), self),
            title => timeline(title, self),
        }
    }
}

fn check(trace: &Trace) -> Result<()> {
    if trace.spans.is_empty() && trace.marks.is_empty() {
        return Err(Error::invalid(words::empty_trace()));
    }
    let lanes = trace.lanes.len();
    let spans = trace.spans.iter().map(|span| (span.lane, &span.label));
    let marks = trace.marks.iter().map(|mark| (mark.lane, &mark.label));
    match spans.chain(marks).find(|(lane, _)| *lane >= lanes) {
        None => Ok(()),
        Some((lane, label)) => Err(Error::invalid(words::no_such_lane(
            super::label::short(label, 40),
            lane,
            count(lanes, LANE),
        ))),
    }
}

/// What the whole trace adds up to, in a line.
fn facts(trace: &Trace, layout: &Layout) -> String {
    let mut facts = format!("{}, ", count(trace.lanes.len(), LANE));
    facts += &match trace.spans.len() {
        0 => count(trace.marks.len(), MARK),
        n => words::spans_in(count(n, SPAN), duration(trace.makespan())),
    };
    let overlap = trace.overlap();
    // Of lanes that only wait there is nothing to say.
    let runs = trace.spans.iter().any(|span| span.activity == Activity::Running);
    if trace.lanes.len() > 1 && runs {
        facts += &match overlap.is_zero() {
            true => words::never_together().to_owned(),
            false if layout.shows_parts() => {
                words::together_or_ready(duration(overlap))
            }
            false => words::together(duration(overlap)),
        };
    }
    let used: Option<Duration> =
        (0..trace.lanes.len()).map(|lane| trace.cpu_time(lane)).sum();
    if let Some(used) = used
        && layout.shows_parts()
    {
        facts += &words::on_core_in_all(duration(used));
    }
    let open = trace.spans.iter().filter(|span| span.end.is_none()).count();
    if open > 0 {
        facts += &words::open_spans(count(open, SPAN));
    }
    if trace.lanes.len() > MOST_LANES {
        facts += &words::first_lanes(MOST_LANES);
    }
    facts
}

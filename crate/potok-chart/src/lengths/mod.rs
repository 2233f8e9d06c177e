//! How many are waiting in each queue, over time.
//!
//! * `draw`: a chart for each queue, by plotters.
//! * `text`: the same in words.

mod draw;
mod text;

use super::card::{Card, HIGHEST, MEDIUM, SMALL};
use super::label;
use super::together::{Together, alone};
use crate::display::{Picture, Show};
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::trace::QueueLength;
use std::time::Duration;

/// More queues than these are summed up in a line of text.
const MOST: usize = 12;

/// Draws the length of each queue over time as a step line, one below the other, with
/// time and length on the same scales.
///
/// Changes closer than a pixel are drawn as the greatest and the last of them. Of more
/// than twelve queues, the first twelve are drawn and the picture says so.
///
/// # Errors
/// No queues; a queue whose changes go back in time.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use potok::trace::QueueLength;
/// let till = QueueLength::new("till", [ms(0), ms(1), ms(2)], [ms(3), ms(6)], ms(9));
/// let picture = chart::lengths("At the till", &[till])?;
/// assert!(picture.text.contains("till"));
/// assert!(chart::lengths("No queue", &[]).is_err());
/// # Ok::<(), potok::Error>(())
/// ```
pub fn lengths(title: &str, queues: &[QueueLength]) -> Result<Picture> {
    alone(title, queues)
}

/// What the pictures of several lists of queues have in common.
#[derive(Debug)]
pub struct LengthScale {
    longest: usize,
    end: Duration,
    names: f64,
}

impl Together for [QueueLength] {
    type Scale = LengthScale;

    fn scale(all: &[&Self]) -> LengthScale {
        let drawn = || all.iter().flat_map(|queues| queues.iter().take(MOST));
        let wide = |q: &QueueLength| {
            let name = label::width(&label::clean(&q.name), MEDIUM);
            name.max(1.1 * label::width(&text::told(q), SMALL))
        };
        LengthScale {
            longest: drawn().map(QueueLength::max).max().unwrap_or(0).max(1),
            end: drawn().map(end_of).max().unwrap_or_default(),
            names: drawn().map(wide).fold(0.0, f64::max),
        }
    }

    fn draw_on(&self, title: &str, scale: &LengthScale) -> Result<Picture> {
        picture(title, self, scale)
    }
}

impl Together for Vec<QueueLength> {
    type Scale = LengthScale;

    fn scale(all: &[&Self]) -> LengthScale {
        let all: Vec<&[QueueLength]> =
            all.iter().map(|queues| queues.as_slice()).collect();
        <[QueueLength]>::scale(&all)
    }

    fn draw_on(&self, title: &str, scale: &LengthScale) -> Result<Picture> {
        picture(title, self, scale)
    }
}

fn picture(
    title: &str,
    queues: &[QueueLength],
    scale: &LengthScale,
) -> Result<Picture> {
    check(title, queues)?;
    let facts = text::facts(queues);
    let card = Card {
        title: title.to_owned(),
        description: words::lengths_described(&facts),
        facts,
        legend: vec![],
        text: text::table(queues),
    };
    let queues = &queues[..queues.len().min(MOST)];
    let strip = draw::strip(queues.len(), HIGHEST - card.top()).floor();
    let height = strip * queues.len() as f64 + draw::BELOW;
    card.plot(height, |area| draw::strips(area, queues, scale, strip))
}

impl Show for QueueLength {
    fn picture(&self) -> Result<Picture> {
        lengths(words::how_many_waited(), std::slice::from_ref(self))
    }
}

fn check(title: &str, queues: &[QueueLength]) -> Result<()> {
    if queues.is_empty() {
        let title = label::short(title, 60);
        return Err(Error::invalid(words::no_queues(title)));
    }
    for queue in queues {
        if !queue.changes.is_sorted_by_key(|change| change.0) {
            let name = label::short(&queue.name, 60);
            return Err(Error::invalid(words::back_in_time(name)));
        }
    }
    Ok(())
}

/// When a queue was seen for the last time.
fn end_of(queue: &QueueLength) -> Duration {
    let last = queue.changes.last().map_or(Duration::ZERO, |change| change.0);
    queue.until.max(last)
}

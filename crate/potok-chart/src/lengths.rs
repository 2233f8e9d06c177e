//! How many are waiting in each queue, over time.

use super::axis;
use super::canvas::{Anchor, Canvas, Font, Point};
use super::card::{Card, MARGIN, MEDIUM, SMALL, WIDTH};
use super::label;
use super::palette::{BAND, BLUE, HAIRLINE, INK, MUTED, SKY};
use super::table::Table;
use super::together::{Together, alone};
use super::units::{count, duration, number};
use crate::display::{Picture, Show};
use potok_base::error::{Error, Result};
use potok_base::trace::QueueLength;
use std::time::Duration;

/// More queues than these are summed up in a line of text.
const MOST: usize = 12;
const GAP: f64 = 14.0;

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
pub struct Scale {
    longest: usize,
    end: Duration,
    names: f64,
}

impl Together for [QueueLength] {
    type Scale = Scale;

    fn scale(all: &[&Self]) -> Scale {
        let drawn = || all.iter().flat_map(|queues| queues.iter().take(MOST));
        let wide = |q: &QueueLength| {
            let name = label::width(&label::clean(&q.name), MEDIUM);
            name.max(1.1 * label::width(&told(q), SMALL))
        };
        Scale {
            longest: drawn().map(QueueLength::max).max().unwrap_or(0).max(1),
            end: drawn().map(end_of).max().unwrap_or_default(),
            names: drawn().map(wide).fold(0.0, f64::max),
        }
    }

    fn draw_on(&self, title: &str, scale: &Scale) -> Result<Picture> {
        picture(title, self, scale)
    }
}

impl Together for Vec<QueueLength> {
    type Scale = Scale;

    fn scale(all: &[&Self]) -> Scale {
        let all: Vec<&[QueueLength]> =
            all.iter().map(|queues| queues.as_slice()).collect();
        <[QueueLength]>::scale(&all)
    }

    fn draw_on(&self, title: &str, scale: &Scale) -> Result<Picture> {
        picture(title, self, scale)
    }
}

fn picture(title: &str, queues: &[QueueLength], scale: &Scale) -> Result<Picture> {
    check(title, queues)?;
    let facts = facts(queues);
    let card = Card {
        title: title.to_owned(),
        description: format!("The length of each queue over time. {facts}."),
        facts,
        legend: vec![],
        text: table(queues),
    };
    let strips = Strips::new(queues, scale, card.top() + 4.0);
    card.draw(strips.bottom() + 20.0, |canvas| strips.draw(canvas))
}

impl Show for QueueLength {
    fn picture(&self) -> Result<Picture> {
        lengths("How many were waiting", std::slice::from_ref(self))
    }
}

fn check(title: &str, queues: &[QueueLength]) -> Result<()> {
    if queues.is_empty() {
        let title = label::short(title, 60);
        return Err(Error::invalid(format!(
            "`{title}` has no queues; give it at least one"
        )));
    }
    for queue in queues {
        if !queue.changes.is_sorted_by_key(|change| change.0) {
            let name = label::short(&queue.name, 60);
            return Err(Error::invalid(format!(
                "the changes of queue `{name}` go back in time; sort them"
            )));
        }
    }
    Ok(())
}

fn facts(queues: &[QueueLength]) -> String {
    let mut facts = count(queues.len(), "queue");
    match queues.iter().max_by_key(|queue| queue.max()) {
        Some(longest) if longest.max() > 0 => {
            let name = label::short(&longest.name, 40);
            facts += &format!("; the longest was {name} with {}", longest.max());
        }
        _ => facts += "; nobody ever waited",
    }
    if queues.len() > MOST {
        facts += &format!("; the first {MOST} drawn");
    }
    facts
}

fn table(queues: &[QueueLength]) -> String {
    let mut table = Table::new(["queue", "longest", "first at", "mean", "at the end"]);
    for queue in queues.iter().take(MOST) {
        let longest = queue.max();
        let first = queue.changes.iter().find(|change| change.1 == longest);
        let first = first.map_or_else(|| "-".to_owned(), |change| duration(change.0));
        let last = queue.changes.last().map_or(0, |change| change.1);
        table.row([
            &queue.name,
            &longest.to_string(),
            &first,
            &mean(queue),
            &last.to_string(),
        ]);
    }
    table.lines()
}

/// The mean length: nobody cares for less than the hundredth part of somebody who waits.
fn mean(queue: &QueueLength) -> String {
    match queue.mean() {
        mean if mean < 1.0 => format!("{mean:.2}"),
        mean => number(mean),
    }
}

fn told(queue: &QueueLength) -> String {
    format!("mean {}, most {}", mean(queue), queue.max())
}

/// A strip for each queue.
struct Strips<'a> {
    queues: &'a [QueueLength],
    time: axis::Scale,
    longest: usize,
    left: f64,
    right: f64,
    top: f64,
    high: f64,
}

impl<'a> Strips<'a> {
    fn new(queues: &'a [QueueLength], scale: &Scale, top: f64) -> Self {
        let queues = &queues[..queues.len().min(MOST)];
        let left = MARGIN + scale.names.clamp(110.0, 190.0) + 34.0;
        let right = WIDTH - MARGIN - 10.0;
        let high = match queues.len() {
            1 => 150.0,
            2..=4 => 76.0,
            _ => 46.0,
        };
        let time = axis::Scale::linear((0.0, scale.end.as_secs_f64()), (left, right));
        Strips { queues, time, longest: scale.longest, left, right, top, high }
    }

    fn bottom(&self) -> f64 {
        self.top + self.queues.len() as f64 * (self.high + GAP)
    }

    fn draw(&self, canvas: &mut Canvas<'_>) {
        let (ticks, unit) = self.time.labelled_times(8);
        let muted = Font::new(SMALL, MUTED);
        for (i, queue) in self.queues.iter().enumerate() {
            let top = self.top + i as f64 * (self.high + GAP);
            let size = (self.right - self.left, self.high);
            canvas.rect((self.left, top), size, BAND);
            for (tick, _) in &ticks {
                let x = self.time.at(*tick);
                canvas.line((x, top), (x, top + self.high), HAIRLINE, 1.0);
            }
            self.draw_queue(canvas, queue, top);
        }
        let bottom = self.bottom();
        for (tick, text) in &ticks {
            let font = muted.anchor(Anchor::Middle);
            canvas.text((self.time.at(*tick), bottom + 2.0), text, font);
        }
        let place = (self.left - 12.0, bottom + 2.0);
        let unit = format!("time, {}", unit.name);
        canvas.text(place, &unit, muted.anchor(Anchor::End));
    }

    fn draw_queue(&self, canvas: &mut Canvas<'_>, queue: &QueueLength, top: f64) {
        let bottom = top + self.high;
        let most = self.longest as f64;
        let length = axis::Scale::linear((0.0, most * 1.1), (bottom, top));
        for (tick, _) in length.labelled((self.high / 25.0) as usize) {
            if tick.fract() == 0.0 {
                let text = number(tick);
                let y = length.at(tick);
                canvas.line((self.left, y), (self.right, y), HAIRLINE, 1.0);
                let font = Font::new(SMALL, MUTED).anchor(Anchor::End);
                canvas.text((self.left - 6.0, y), &text, font);
            }
        }
        let line = steps(
            queue,
            &self.time,
            &length,
            self.time.at(end_of(queue).as_secs_f64()),
        );
        if let (Some(first), Some(last)) = (line.first(), line.last()) {
            let mut area = line.clone();
            area.extend([(last.0, bottom), (first.0, bottom)]);
            canvas.shape(&area, SKY);
            // A line of thousands of corners would only make the document larger.
            if line.len() < 500 {
                canvas.path(&line, BLUE, 1.5);
            }
        }
        canvas.line((self.left, bottom), (self.right, bottom), MUTED, 1.0);

        let room = self.left - MARGIN - 34.0;
        let middle = f64::midpoint(top, bottom);
        let name = label::fit(&queue.name, MEDIUM, room);
        canvas.text((MARGIN, middle - 8.0), &name, Font::new(MEDIUM, INK));
        canvas.text((MARGIN, middle + 9.0), &told(queue), Font::new(SMALL, MUTED));
    }
}

fn end_of(queue: &QueueLength) -> Duration {
    let last = queue.changes.last().map_or(Duration::ZERO, |change| change.0);
    queue.until.max(last)
}

/// The corners of a step line. All changes on the same pixel become the greatest and the
/// last of them.
fn steps(
    queue: &QueueLength,
    time: &axis::Scale,
    length: &axis::Scale,
    end: f64,
) -> Vec<Point> {
    let pixel = |change: &(Duration, usize)| time.at(change.0.as_secs_f64());
    let mut line: Vec<Point> = vec![];
    let mut before = 0;
    for same in queue.changes.chunk_by(|a, b| pixel(a).floor() == pixel(b).floor()) {
        let x = pixel(&same[0]);
        let greatest = same.iter().map(|change| change.1).max().unwrap_or(0);
        let last = same[same.len() - 1].1;
        line.push((x, length.at(before as f64)));
        line.push((x, length.at(greatest as f64)));
        if greatest != last {
            line.push((x, length.at(last as f64)));
        }
        before = last;
    }
    if !line.is_empty() {
        line.push((end, length.at(before as f64)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_base::workload::ms;

    #[test]
    fn changes_on_one_pixel_keep_the_greatest_and_the_last() {
        let scale = axis::Scale::linear((0.0, 1.0), (0.0, 10.0));
        let length = axis::Scale::linear((0.0, 10.0), (0.0, 10.0));
        let changes = vec![(ms(110), 1), (ms(120), 7), (ms(130), 2), (ms(500), 0)];
        let queue = QueueLength { name: "x".into(), changes, until: ms(1_000) };
        let line = steps(&queue, &scale, &length, 10.0);
        let ys: Vec<f64> = line.iter().map(|point| point.1).collect();
        assert_eq!(ys, [0.0, 7.0, 2.0, 2.0, 0.0, 0.0]);
    }
}

//! The signs that pictures are made of. Each differs from the others in shape, not only
//! in colour.

use super::canvas::{Canvas, Point};
use super::palette::{CARD, INK, MUTED, tint};
use plotters::style::RGBColor as Rgb;

/// A wait: a hollow bar with a dashed middle. `text` is the part of the middle, from
/// left to right, that is left free for a label.
pub fn wait(canvas: &mut Canvas<'_>, at: Point, size: Point, text: Option<(f64, f64)>) {
    hollow(canvas, at, size, text, (3.0, 1.0, (4.0, 4.0)));
}

/// A wait of another kind: a hollow bar with upright lines.
pub(crate) fn other_wait(
    canvas: &mut Canvas<'_>,
    at: Point,
    size: Point,
    text: Option<(f64, f64)>,
) {
    hollow(canvas, at, size, text, (2.0, size.1 - 4.0, (1.0, 4.0)));
}

/// A bar with dashes in its middle: how far from its right end they stop, how thick they are,
/// and how long they and their gaps.
fn hollow(
    canvas: &mut Canvas<'_>,
    (x, y): Point,
    (w, h): Point,
    text: Option<(f64, f64)>,
    (margin, thick, dashes): (f64, f64, Point),
) {
    canvas.rect((x, y), (w, h), CARD);
    canvas.frame((x, y), (w, h), MUTED, 1.0);
    let middle = y + h / 2.0;
    let (left, right) = text.unwrap_or((x + w, x + w));
    for (from, to) in [(x + 3.0, left - 2.0), (right + 2.0, x + w - margin)] {
        if to > from {
            canvas.dashes((from, middle), (to, middle), MUTED, thick, dashes);
        }
    }
}

/// A wait of a third kind: a hollow bar with nothing in it but the label.
pub(crate) fn plain_wait(
    canvas: &mut Canvas<'_>,
    place: Point,
    size: Point,
    _text: Option<(f64, f64)>,
) {
    canvas.rect(place, size, CARD);
    canvas.frame(place, size, MUTED, 1.0);
}

/// A bar that is filled from below to this part of its height.
pub fn part(
    canvas: &mut Canvas<'_>,
    (x, y): Point,
    (w, h): Point,
    colour: Rgb,
    part: f64,
) {
    canvas.rect((x, y), (w, h), tint(colour));
    let filled = h * part.clamp(0.0, 1.0);
    canvas.rect((x, y + h - filled), (w, filled), colour);
    if w >= 3.0 {
        canvas.frame((x, y), (w, h), colour, 1.0);
    }
}

/// A wait on a line that goes down.
pub fn wait_down(canvas: &mut Canvas<'_>, (x, y): Point, (w, h): Point) {
    canvas.rect((x, y), (w, h), CARD);
    canvas.frame((x, y), (w, h), MUTED, 1.0);
    let middle = x + w / 2.0;
    canvas.dashes((middle, y + 2.0), (middle, y + h - 2.0), MUTED, 1.0, (4.0, 4.0));
}

/// Many spans that are too short to be told apart: stripes `period` apart, which fill
/// this share of the room: its width, its height and where the last stripe must end.
pub(crate) fn stripes(
    canvas: &mut Canvas<'_>,
    (x, y): Point,
    (w, h, limit): (f64, f64, f64),
    colour: Rgb,
    (period, share): (f64, f64),
) {
    // Stripes stand on a grid of their own, so that neighbours make one pattern, also
    // where a gap narrower than a pixel is between them.
    let first = ((x - 1.0) / period).ceil() * period;
    if first >= x + w {
        return canvas.rect((x, y), (w, h), colour);
    }
    let middle = y + h / 2.0;
    let stripe = period * share.clamp(0.12, 0.85);
    let last = first + ((x + w - first) / period).floor() * period;
    let end = (last + stripe).min(limit);
    canvas.dashes((first, middle), (end, middle), colour, h, (stripe, period - stripe));
}

/// Tears the right side of a bar: takes teeth out of it.
pub(crate) fn tear(
    canvas: &mut Canvas<'_>,
    (x, y): Point,
    (w, h): Point,
    background: Rgb,
) {
    let teeth = (h / 5.0).round().max(2.0);
    let (right, deep) = (x + w, (w / 3.0).min(5.0));
    let mut corners = vec![(right + 1.0, y - 1.0)];
    for tooth in 0..teeth as usize {
        let tooth = tooth as f64;
        corners.push((right - deep, y + h * tooth / teeth));
        corners.push((right, y + h * (tooth + 0.5) / teeth));
    }
    corners.extend([(right - deep, y + h), (right + 1.0, y + h + 1.0)]);
    canvas.shape(&corners, background);
    canvas.path(&corners[1..=2 * teeth as usize + 1], INK, 0.8);
}

/// A mark: a triangle that points down at `tip`.
pub fn triangle(canvas: &mut Canvas<'_>, (x, y): Point, colour: Rgb) {
    canvas.shape(&[(x, y), (x - 4.5, y - 8.0), (x + 4.5, y - 8.0)], colour);
}

/// The marker of the n-th series: a circle, a square, a triangle, a diamond.
pub fn marker(canvas: &mut Canvas<'_>, n: usize, (x, y): Point, colour: Rgb) {
    // A rim of the card's colour keeps it apart from lines that cross.
    match n % 4 {
        0 => {
            canvas.dot((x, y), 6.0, CARD);
            canvas.dot((x, y), 5.0, colour);
        }
        1 => {
            canvas.rect((x - 5.5, y - 5.5), (11.0, 11.0), CARD);
            canvas.rect((x - 4.5, y - 4.5), (9.0, 9.0), colour);
        }
        n => {
            let corners = |r: f64| match n {
                2 => vec![(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)],
                _ => vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)],
            };
            canvas.shape(&corners(7.5), CARD);
            canvas.shape(&corners(6.0), colour);
        }
    }
}

/// From the smallest to the largest, with a cap at each end.
pub(crate) fn whisker(canvas: &mut Canvas<'_>, from: Point, to: Point, colour: Rgb) {
    canvas.line(from, to, colour, 1.5);
    let upright = (from.0 - to.0).abs() < (from.1 - to.1).abs();
    let (dx, dy) = if upright { (4.0, 0.0) } else { (0.0, 4.0) };
    for (x, y) in [from, to] {
        canvas.line((x - dx, y - dy), (x + dx, y + dy), colour, 1.5);
    }
}

/// An arrow from one point to another, with its head at the end.
pub fn arrow(canvas: &mut Canvas<'_>, from: Point, to: Point) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1e-6);
    let (dx, dy) = (dx / length, dy / length);
    let back = |along: f64, aside: f64| {
        (to.0 - along * dx - aside * dy, to.1 - along * dy + aside * dx)
    };
    canvas.line(from, back(6.0, 0.0), INK, 1.5);
    canvas.shape(&[to, back(9.0, 4.0), back(9.0, -4.0)], INK);
}

//! The line that explains shapes and colours.

use super::canvas::{Canvas, Font, Point};
use super::card::{MARGIN, SMALL, WIDTH};
use super::glyph;
use super::label;
use super::palette::{CARD, MUTED};
use plotters::style::RGBColor as Rgb;

/// A sign and what it means.
#[derive(Debug)]
pub struct LegendKey {
    sign: Sign,
    label: String,
}

/// What stands before the words.
#[derive(Clone, Copy, Debug)]
pub enum Sign {
    /// A filled bar.
    Bar(Rgb),
    /// A bar that is filled in part.
    Part(Rgb),
    /// The thin hollow bar of a wait.
    Wait,
    /// The thin hollow bar of a wait of another kind.
    OtherWait,
    /// The thin hollow bar of a wait of a third kind.
    PlainWait,
    /// Many spans too short to be told apart.
    Striped(Rgb),
    /// A bar whose end is torn off.
    Torn(Rgb),
    /// A point in time.
    Mark(Rgb),
    /// A dot.
    Dot(Rgb),
    /// A line.
    Line(Rgb),
    /// A line of dashes.
    Dashes(Rgb),
    /// The marker of the n-th series.
    Marker(usize, Rgb),
    /// The marker of the n-th series on its line.
    Series(usize, Rgb),
    /// From the smallest to the largest.
    Whisker(Rgb),
    /// Something on its way.
    Arrow,
}

const SIGN: f64 = 24.0;
const GAP: f64 = 20.0;
const ROW: f64 = 20.0;

impl LegendKey {
    /// A sign with its meaning, which is cut where it is longer than a line.
    pub fn new(sign: Sign, label: &str) -> Self {
        let room = WIDTH - 2.0 * MARGIN - SIGN - 6.0;
        LegendKey { sign, label: label::fit(label, SMALL, room) }
    }

    fn width(&self) -> f64 {
        SIGN + 6.0 + label::width(&self.label, SMALL)
    }
}

/// How high the legend is.
pub fn height(keys: &[LegendKey]) -> f64 {
    places(keys).last().map_or(0.0, |&(_, y)| y + ROW + 2.0)
}

/// Draws the legend, its first row around `top`.
pub fn draw(canvas: &mut Canvas<'_>, top: f64, keys: &[LegendKey]) {
    for (key, (x, y)) in keys.iter().zip(places(keys)) {
        let y = top + y;
        sign(canvas, key.sign, (x, y));
        canvas.text((x + SIGN + 6.0, y), &key.label, Font::new(SMALL, MUTED));
    }
}

/// Left to right, then on the next row.
fn places(keys: &[LegendKey]) -> Vec<Point> {
    let (mut x, mut y) = (MARGIN, 0.0);
    let place = |key: &LegendKey| {
        if x > MARGIN && x + key.width() > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + ROW);
        }
        let place = (x, y);
        x += key.width() + GAP;
        place
    };
    keys.iter().map(place).collect()
}

fn sign(canvas: &mut Canvas<'_>, sign: Sign, (x, y): Point) {
    let middle = (x + SIGN / 2.0, y);
    match sign {
        Sign::Bar(colour) => canvas.rect((x, y - 6.0), (SIGN, 12.0), colour),
        Sign::Part(colour) => {
            glyph::part(canvas, (x, y - 6.0), (SIGN, 12.0), colour, 0.5);
        }
        Sign::Wait => glyph::wait(canvas, (x, y - 4.0), (SIGN, 8.0), None),
        Sign::OtherWait => glyph::other_wait(canvas, (x, y - 4.0), (SIGN, 8.0), None),
        Sign::PlainWait => glyph::plain_wait(canvas, (x, y - 4.0), (SIGN, 8.0), None),
        Sign::Striped(colour) => {
            let (left, right) = ((x, y - 6.0), (middle.0, y - 6.0));
            let room = (SIGN / 2.0, 12.0, x + SIGN);
            glyph::stripes(canvas, left, room, colour, (4.0, 0.25));
            glyph::stripes(canvas, right, room, colour, (4.0, 0.75));
        }
        Sign::Torn(colour) => {
            canvas.rect((x, y - 6.0), (SIGN, 12.0), colour);
            glyph::tear(canvas, (x, y - 6.0), (SIGN, 12.0), CARD);
        }
        Sign::Mark(colour) => glyph::triangle(canvas, (middle.0, y + 4.0), colour),
        Sign::Dot(colour) => canvas.dot(middle, 4.0, colour),
        Sign::Line(colour) => canvas.line((x, y), (x + SIGN, y), colour, 2.0),
        Sign::Dashes(colour) => {
            canvas.dashes((x, y), (x + SIGN, y), colour, 1.5, (5.0, 3.0));
        }
        Sign::Marker(n, colour) => glyph::marker(canvas, n, middle, colour),
        Sign::Series(n, colour) => {
            canvas.line((x, y), (x + SIGN, y), colour, 2.0);
            glyph::marker(canvas, n, middle, colour);
        }
        Sign::Arrow => glyph::arrow(canvas, (x, y), (x + SIGN, y)),
        Sign::Whisker(colour) => {
            glyph::whisker(canvas, (x + 3.0, y), (x + SIGN - 3.0, y), colour);
        }
    }
}

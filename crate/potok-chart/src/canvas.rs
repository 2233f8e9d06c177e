//! Drawing on a card: plotters' SVG backend, in pixels that may be fractions.

use super::label;
use super::palette::CARD;
use crate::words;
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, RGBColor as Rgb, ShapeStyle, TextStyle};
use potok_base::error::{Error, ErrorKind, Result};
use std::fmt::Display;

/// Units of the document to a pixel: plotters counts in whole units only.
pub const UNITS: f64 = 10.0;

/// Where text stands against its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// How a line of text looks.
#[derive(Clone, Copy, Debug)]
pub struct Font {
    /// Height in pixels.
    pub size: f64,
    /// Colour of the letters.
    pub colour: Rgb,
    /// Where the text stands against its position.
    pub anchor: Anchor,
    /// Whether the letters are bold.
    pub bold: bool,
}

impl Font {
    /// Plain text that begins at its position.
    pub fn new(size: f64, colour: Rgb) -> Self {
        Font { size, colour, anchor: Anchor::Start, bold: false }
    }

    /// The same at another side of its position.
    #[must_use]
    pub fn anchor(self, anchor: Anchor) -> Self {
        Font { anchor, ..self }
    }

    /// The same in bold letters.
    #[must_use]
    pub fn bold(self) -> Self {
        Font { bold: true, ..self }
    }
}

/// A place to draw on. What cannot be drawn is reported at the end, by `finish`.
#[expect(missing_debug_implementations, reason = "plotters' backend has none")]
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
    failed: Option<String>,
    tips: Vec<Tip>,
}

/// A part of the picture that says more when the mouse rests on it.
#[derive(Debug)]
pub(crate) struct Tip {
    pub(crate) place: Point,
    pub(crate) size: Point,
    pub(crate) text: String,
}

/// More than these would outweigh the picture.
const MOST_TIPS: usize = 300;

/// A point in pixels.
pub type Point = (f64, f64);

impl<'a> Canvas<'a> {
    /// A canvas of this size in pixels, written to `svg`.
    pub fn new(svg: &'a mut String, width: f64, height: f64) -> Self {
        let (w, h) = units((width, height));
        let size = (w.unsigned_abs(), h.unsigned_abs());
        Canvas {
            backend: SVGBackend::with_string(svg, size),
            failed: None,
            tips: vec![],
        }
    }

    /// Ends the drawing; the tooltips it asked for.
    ///
    /// # Errors
    /// What the backend could not draw.
    pub(crate) fn finish(mut self) -> Result<Vec<Tip>> {
        let done = self.backend.present();
        self.note(done);
        match self.failed {
            None => Ok(self.tips),
            Some(why) => Err(Error::new(ErrorKind::Io, words::cannot_draw(why))),
        }
    }

    /// Says this where the mouse rests on the rectangle. It must be cleaned.
    ///
    /// Of more than 300, the first 300 are kept.
    pub fn tip(&mut self, place: Point, size: Point, text: impl Into<String>) {
        if self.tips.len() < MOST_TIPS {
            self.tips.push(Tip { place, size, text: text.into() });
        }
    }

    /// Text that is cut to `room` pixels; what is cut says all of it as a tooltip.
    pub fn text_in(&mut self, (x, y): Point, text: &str, font: Font, room: f64) {
        let whole = label::clean(text);
        // Bold letters are wider by about this much.
        let size = if font.bold { font.size * 1.1 } else { font.size };
        let short = label::fit(&whole, size, room);
        if short != whole {
            let left = match font.anchor {
                Anchor::Start => x,
                Anchor::Middle => x - room / 2.0,
                Anchor::End => x - room,
            };
            self.tip((left, y - size * 0.7), (room, size * 1.4), whole);
        }
        self.text((x, y), &short, font);
    }

    /// A filled rectangle.
    pub fn rect(&mut self, (x, y): Point, (w, h): Point, colour: Rgb) {
        let done =
            self.backend.draw_rect(units((x, y)), units((x + w, y + h)), &colour, true);
        self.note(done);
    }

    /// The border of a rectangle, inside it.
    pub fn frame(&mut self, (x, y): Point, (w, h): Point, colour: Rgb, line: f64) {
        let half = line / 2.0;
        let (left, top, right, bottom) =
            (x + half, y + half, x + w - half, y + h - half);
        // Begun in the middle of an edge, so that all corners are closed.
        let middle = f64::midpoint(left, right);
        self.path(
            &[
                (middle, top),
                (right, top),
                (right, bottom),
                (left, bottom),
                (left, top),
                (middle, top),
            ],
            colour,
            line,
        );
    }

    /// A line through all points.
    pub fn path(&mut self, points: &[Point], colour: Rgb, line: f64) {
        let style = stroke(colour, line);
        let done = self.backend.draw_path(points.iter().map(|&p| units(p)), &style);
        self.note(done);
    }

    /// A filled shape with these corners.
    pub fn shape(&mut self, corners: &[Point], colour: Rgb) {
        let done =
            self.backend.fill_polygon(corners.iter().map(|&p| units(p)), &colour);
        self.note(done);
    }

    /// A straight line.
    pub fn line(&mut self, from: Point, to: Point, colour: Rgb, line: f64) {
        let style = stroke(colour, line);
        let done = self.backend.draw_line(units(from), units(to), &style);
        self.note(done);
    }

    /// A straight line of dashes and gaps of these lengths: one element, however many.
    pub(crate) fn dashes(
        &mut self,
        from: Point,
        to: Point,
        colour: Rgb,
        line: f64,
        (dash, gap): (f64, f64),
    ) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if length < 0.1 {
            return;
        }
        let (dx, dy) = (dx / length, dy / length);
        let at = |along: f64, aside: f64| {
            (from.0 + along * dx - aside * dy, from.1 + along * dy + aside * dx)
        };
        // A comb without a back: its teeth are the dashes, and what joins them has no
        // area. The last dash may be cut.
        let half = line / 2.0;
        let mut corners = vec![];
        let mut along = 0.0;
        while along < length {
            let end = f64::min(along + dash, length);
            corners.extend([
                at(along, -half),
                at(along, half),
                at(end, half),
                at(end, -half),
            ]);
            along += dash + gap;
        }
        self.shape(&corners, colour);
    }

    /// A filled circle.
    pub fn dot(&mut self, centre: Point, radius: f64, colour: Rgb) {
        let radius = (radius * UNITS).round() as u32;
        let done = self.backend.draw_circle(units(centre), radius, &colour, true);
        self.note(done);
    }

    /// A line of text whose small letters are centred on `y`. It must be cleaned.
    pub fn text(&mut self, (x, y): Point, text: &str, font: Font) {
        if text.is_empty() {
            return;
        }
        let anchor = match font.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // plotters divides by 1.24.
        let family = ("inherit", font.size * UNITS * 1.24).into_font();
        let family = if font.bold { family.style(FontStyle::Bold) } else { family };
        let style = TextStyle::from(family)
            .color(&font.colour)
            .pos(Pos::new(anchor, VPos::Center));
        let done = self.backend.draw_text(text, &style, units((x, y)));
        self.note(done);
    }

    /// Text on a patch of the card's colour, so that lines below do not cross it.
    pub fn text_on_patch(&mut self, at: Point, text: &str, font: Font) {
        self.text_on(at, text, font, CARD);
    }

    /// Text on a patch of this colour.
    pub(crate) fn text_on(
        &mut self,
        (x, y): Point,
        text: &str,
        font: Font,
        patch: Rgb,
    ) {
        let width = label::width(text, font.size);
        let left = match font.anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let half = font.size * 0.62;
        self.rect((left - 2.0, y - half), (width + 4.0, 2.0 * half), patch);
        self.text((x, y), text, font);
    }

    fn note<E: Display>(&mut self, done: std::result::Result<(), E>) {
        if let Err(error) = done {
            self.failed.get_or_insert_with(|| error.to_string());
        }
    }
}

fn stroke(colour: Rgb, line: f64) -> ShapeStyle {
    let width = (line * UNITS).round() as u32;
    ShapeStyle { color: colour.into(), filled: false, stroke_width: width }
}

/// Whole units of the document. Far outside of any card is as good as farther.
fn units((x, y): Point) -> (i32, i32) {
    let whole = |v: f64| (v * UNITS).round().clamp(-1e6, 1e6) as i32;
    (whole(x), whole(y))
}

//! How our charts look: what is set alike on plotters' parts, each with a name.
//!
//! A cell that draws with plotters itself has all of this but the colours by default.

use crate::canvas::Tip;
use crate::card::{MEDIUM, SMALL};
use crate::label;
use crate::palette::{CARD, HAIRLINE, MUTED};
use crate::words;
use plotters::chart::{ChartContext, MeshStyle};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::EmptyElement;
use plotters::prelude::{
    Circle, DrawingArea, IntoDrawingArea, Polygon, SVGBackend, TRANSPARENT,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor as Rgb, TextStyle};
use potok_base::error::{Error, ErrorKind, Result};

/// What a chart is drawn on.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What drawing gives: nothing, or what plotters could not do.
pub(crate) type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// What `body` draws on an area of this size, as elements of an SVG document, and the
/// tooltips of its labels, `top` pixels farther down.
pub(crate) fn on_area(
    (width, height): (f64, f64),
    top: f64,
    body: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<(String, Vec<Tip>)> {
    let mut svg = String::new();
    {
        let size = (width as u32, height as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = body(&area).and_then(|()| Ok(area.present()?));
        drawn.map_err(|why| Error::new(ErrorKind::Io, words::cannot_draw(why)))?;
    }
    let elements = svg.split_once('>').map_or("", |(_, elements)| elements);
    let elements = elements.trim_end().trim_end_matches("</svg>").trim_start();
    Ok(with_tips(elements, top))
}

/// Takes the whole text of each cut label out of a drawing, and makes a tooltip of it.
fn with_tips(drawing: &str, top: f64) -> (String, Vec<Tip>) {
    let mut tips = vec![];
    let mut tag = "";
    let mut lines = String::with_capacity(drawing.len());
    for line in drawing.lines() {
        let (shown, whole) = label::without_whole(line);
        lines += shown;
        lines.push('\n');
        let attribute = |name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        let number = |name| attribute(name)?.parse::<f64>().ok();
        if let (Some(whole), Some(x), Some(y)) = (whole, number("x"), number("y")) {
            let size = number("font-size").unwrap_or(SMALL);
            let width = label::width(shown, size);
            let left = match attribute("text-anchor") {
                Some("end") => x - width,
                Some("middle") => x - width / 2.0,
                _ => x,
            };
            let place = (left, top + y - size * 0.7);
            // plotters has escaped it, as the card will.
            let text = unescape(whole);
            tips.push(Tip { place, size: (width, size * 1.4), text });
        }
        tag = line;
    }
    (lines, tips)
}

/// The text that plotters wrote into a document as this.
pub(crate) fn unescape(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")];
    let text =
        signs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

/// Most text, in this colour; its small letters are centred on its place.
pub(crate) fn small(colour: Rgb) -> TextStyle<'static> {
    text(SMALL, colour)
}

/// Names.
pub(crate) fn medium(colour: Rgb) -> TextStyle<'static> {
    text(MEDIUM, colour)
}

/// Headings.
pub(crate) fn bold(colour: Rgb) -> TextStyle<'static> {
    let font = ("inherit", SMALL * 1.24).into_font().style(FontStyle::Bold);
    let style = TextStyle { color: colour.to_backend_color(), ..font.into() };
    style.pos(Pos::new(HPos::Left, VPos::Center))
}

fn text(size: f64, colour: Rgb) -> TextStyle<'static> {
    // plotters divides the size by 1.24.
    let font = ("inherit", size * 1.24).into_font();
    let style = TextStyle { color: colour.to_backend_color(), ..font.into() };
    style.pos(Pos::new(HPos::Left, VPos::Center))
}

/// Lines that only guide the eye, and labels that are read from the last row.
pub(crate) fn quiet<X: Ranged, Y: Ranged>(
    mesh: &mut MeshStyle<'_, '_, X, Y, SVGBackend<'_>>,
) {
    mesh.axis_style(MUTED)
        .bold_line_style(HAIRLINE)
        .light_line_style(TRANSPARENT)
        .label_style(small(MUTED))
        .set_all_tick_mark_size(4);
}

/// A chart of numbers by numbers.
pub(crate) type Numbers<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws the markers of the n-th series: circles, squares, triangles, diamonds. A rim of the
/// card's colour keeps them apart from lines that cross.
pub(crate) fn markers(
    chart: &mut Numbers<'_, '_>,
    n: usize,
    points: impl Iterator<Item = (f64, f64)>,
    colour: Rgb,
) -> Drawn {
    let corners: [(i32, i32); 4] = match n % 4 {
        0 => {
            for at in points {
                chart.draw_series([Circle::new(at, 6, CARD.filled())])?;
                chart.draw_series([Circle::new(at, 5, colour.filled())])?;
            }
            return Ok(());
        }
        1 => [(-5, -5), (5, -5), (5, 5), (-5, 5)],
        2 => [(0, -6), (0, -6), (7, 6), (-7, 6)],
        _ => [(0, -7), (7, 0), (0, 7), (-7, 0)],
    };
    let rim = corners.map(|(x, y)| (x + x.signum(), y + y.signum()));
    chart.draw_series(points.map(|at| {
        EmptyElement::at(at)
            + Polygon::new(rim.to_vec(), CARD)
            + Polygon::new(corners.to_vec(), colour)
    }))?;
    Ok(())
}

//! The frame that all pictures share: a light card with a title, a line of facts below
//! it, a legend, and room for a body.

use super::canvas::{Canvas, Font, Tip, UNITS};
use super::label;
use super::legend::{self, Key};
use super::palette::{CARD, HAIRLINE, INK, MUTED};
use crate::display::Picture;
use crate::wrap::wrap;
use potok_base::error::Result;

/// The width of every picture in pixels: it fits a notebook and fills a projector.
pub const WIDTH: f64 = 760.0;
/// Free room along the border.
pub const MARGIN: f64 = 16.0;
/// The size of most text.
pub const SMALL: f64 = 14.0;
/// The size of names.
pub const MEDIUM: f64 = 15.0;
/// The height of a line of facts, and the most of them.
const LINE: f64 = 18.0;
const MOST_LINES: usize = 3;
const LARGE: f64 = 17.0;

/// Fonts that have Cyrillic; the first of them look alike and are equally wide.
const FONTS: &str = "Arial, Helvetica, Liberation Sans, Arimo, Noto Sans, sans-serif";

/// What a picture says in words, and how its parts are told apart.
#[derive(Debug)]
pub struct Card {
    /// What the picture shows.
    pub title: String,
    /// A line of facts below the title; empty for none.
    pub facts: String,
    /// The signs that are explained, in their order.
    pub legend: Vec<Key>,
    /// What there is to see, in a sentence or two.
    pub description: String,
    /// The text form without the title.
    pub text: String,
}

impl Card {
    /// Where the body begins.
    pub fn top(&self) -> f64 {
        let facts = LINE * self.facts_in_lines().len() as f64;
        let air = if facts > 0.0 { 2.0 } else { 0.0 };
        44.0 + facts + air + legend::height(&self.legend)
    }

    /// The facts, cut into lines rather than cut off.
    fn facts_in_lines(&self) -> Vec<String> {
        if self.facts.is_empty() {
            return vec![];
        }
        let mut lines = wrap(&self.facts, SMALL, WIDTH - 2.0 * MARGIN);
        lines.truncate(MOST_LINES);
        lines
    }

    /// Draws the card and on it the body, which ends at `bottom`.
    ///
    /// # Errors
    /// The backend's own.
    pub fn draw(
        self,
        bottom: f64,
        body: impl FnOnce(&mut Canvas<'_>),
    ) -> Result<Picture> {
        let title = label::clean(&self.title);
        let facts = label::clean(&self.facts);
        let lines = self.facts_in_lines();
        let description = label::clean(&self.description);
        let height = (bottom + MARGIN).ceil();
        let mut svg = String::new();
        let mut canvas = Canvas::new(&mut svg, WIDTH, height);
        canvas.rect((0.0, 0.0), (WIDTH, height), CARD);
        canvas.frame((0.0, 0.0), (WIDTH, height), HAIRLINE, 1.0);
        let room = WIDTH - 2.0 * MARGIN;
        canvas.text_in((MARGIN, 24.0), &title, Font::new(LARGE, INK).bold(), room);
        let mut y = 46.0;
        for line in &lines {
            canvas.text((MARGIN, y), line, Font::new(SMALL, MUTED));
            y += LINE;
        }
        let legend_top = if facts.is_empty() { y } else { y + 4.0 };
        legend::draw(&mut canvas, legend_top, &self.legend);
        body(&mut canvas);
        let tips = canvas.finish()?;

        let svg = with_head(&svg, height, &title, &description);
        let svg = with_tips(&svg, &tips);
        let facts = if facts.is_empty() { facts } else { facts + "\n" };
        let text = format!("{title}\n{facts}\n{}", self.text);
        Ok(Picture { title, description, svg, text })
    }
}

/// Puts our own start tag, title and description in the place of plotters' start tag,
/// and leaves out what every element has by default anyway.
fn with_head(svg: &str, height: f64, title: &str, description: &str) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    // A label cannot be hit: its quotes are escaped.
    let body = body.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
    let body = body.replace(" stroke-width=\"1\"/>", "/>");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {} {}\" \
         font-family=\"{FONTS}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n{DARK}{body}",
        WIDTH * UNITS,
        height * UNITS,
        label::escape(title),
        label::escape(description),
    )
}

/// In a dark page the picture is dark: lightness is turned round, hues stay.
///
/// An image follows the `color-scheme` of the element that it stands in, and JupyterLab
/// sets that by its theme. So one image serves both, in notebooks that are not trusted too.
pub(crate) const DARK: &str = "<style>@media (prefers-color-scheme: dark) \
     {svg {filter: invert(0.88) hue-rotate(180deg)}}</style>";

/// Adds rectangles that are not seen and have a title.
fn with_tips(svg: &str, tips: &[Tip]) -> String {
    let Some(body) = svg.trim_end().strip_suffix("</svg>") else {
        return svg.to_owned();
    };
    let mut svg = body.to_owned();
    let whole = |v: f64| (v * UNITS).round();
    for Tip { place: (x, y), size: (w, h), text } in tips {
        svg += &format!(
            "<rect class=\"tip\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" \
             fill-opacity=\"0\"><title>{}</title></rect>\n",
            whole(*x),
            whole(*y),
            whole(*w).max(10.0),
            whole(*h),
            label::escape(text),
        );
    }
    svg + "</svg>\n"
}

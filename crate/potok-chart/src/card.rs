//! The frame that all pictures share: a light card with a title, a line of facts below
//! it, a legend, and room for a body.

use super::canvas::{Canvas, Font, Tip, UNITS};
use super::label;
use super::legend::{self, LegendKey};
use super::palette::{CARD, HAIRLINE, INK, MUTED, ON_A_DARK_PAGE};
use super::plot::{self, Area, Drawn};
use super::wrap::wrap;
use crate::display::Picture;
use plotters::style::RGBColor as Rgb;
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

/// A picture is not higher than this unless there is much to see: the code above it
/// shall be on the same screen.
pub const HIGHEST: f64 = 420.0;

/// Fonts that have Cyrillic; the first of them look alike and are equally wide.
const FONTS: &str = "Arial, Helvetica, Liberation Sans, Arimo, Noto Sans, sans-serif";

/// What a picture says in words, and how its parts are told apart.
#[derive(Debug)]
pub struct Card {
    /// What the picture shows.
    pub title: String,
    /// Facts below the title, each on a line, or on several where it is long; empty for
    /// none.
    pub facts: String,
    /// The signs that are explained, in their order.
    pub legend: Vec<LegendKey>,
    /// What there is to see, in a sentence or two.
    pub description: String,
    /// The text form without the title.
    pub text: String,
}

impl Card {
    /// Where the body begins.
    pub fn top(&self) -> f64 {
        let facts = LINE * self.facts().len() as f64;
        let air = if facts > 0.0 { 2.0 } else { 0.0 };
        44.0 + facts + air + legend::height(&self.legend)
    }

    /// The lines of facts. Of more than three, the third has the rest, cut.
    fn facts(&self) -> Vec<String> {
        let room = WIDTH - 2.0 * MARGIN;
        let lines = self.facts.lines().flat_map(|line| wrap(line, SMALL, room));
        let mut lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        if lines.len() > MOST_LINES {
            let rest = lines.split_off(MOST_LINES - 1);
            lines.push(rest.join(" "));
        }
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
        let mut svg = String::new();
        let height = (bottom + MARGIN).ceil();
        let mut canvas = Canvas::new(&mut svg, WIDTH, height);
        self.draw_head(&mut canvas, height);
        body(&mut canvas);
        let tips = canvas.finish()?;
        Ok(self.finish(&svg, height, &tips))
    }

    /// Draws the card and below its head a chart, `height` pixels high, by plotters.
    ///
    /// # Errors
    /// What plotters cannot draw.
    pub(crate) fn plot(
        self,
        height: f64,
        body: impl FnOnce(&Area<'_>) -> Drawn,
    ) -> Result<Picture> {
        let top = self.top().ceil();
        let (chart, more) = plot::on_area((WIDTH, height), top, body)?;
        let mut svg = String::new();
        let mut canvas = Canvas::new(&mut svg, WIDTH, top + height);
        self.draw_head(&mut canvas, top + height);
        let mut tips = canvas.finish()?;
        tips.extend(more);
        // plotters counts in whole pixels, the card in smaller units: a document in it.
        let (y, width, high) = (top * UNITS, WIDTH * UNITS, height * UNITS);
        let chart = format!(
            "<svg y=\"{y}\" width=\"{width}\" height=\"{high}\" \
             viewBox=\"0 0 {WIDTH} {height}\">\n{chart}</svg>\n</svg>\n"
        );
        let svg = svg.trim_end().trim_end_matches("</svg>").to_owned() + &chart;
        Ok(self.finish(&svg, top + height, &tips))
    }

    fn draw_head(&self, canvas: &mut Canvas<'_>, height: f64) {
        canvas.rect((0.0, 0.0), (WIDTH, height), CARD);
        canvas.frame((0.0, 0.0), (WIDTH, height), HAIRLINE, 1.0);
        let room = WIDTH - 2.0 * MARGIN;
        let title = Font::new(LARGE, INK).bold();
        canvas.text_in((MARGIN, 24.0), &self.title, title, room);
        let facts = self.facts();
        let mut y = 46.0;
        for line in &facts {
            canvas.text_in((MARGIN, y), line, Font::new(SMALL, MUTED), room);
            y += LINE;
        }
        let legend_top = if facts.is_empty() { y } else { y + 4.0 };
        legend::draw(canvas, legend_top, &self.legend);
    }

    /// The picture, with what it says in words.
    fn finish(self, svg: &str, height: f64, tips: &[Tip]) -> Picture {
        // What sets off names in messages is for text that is set.
        let words = |text: &str| label::clean(&text.replace('`', ""));
        let title = words(&self.title);
        let facts: Vec<String> = self.facts.lines().map(words).collect();
        let facts: String = facts.iter().map(|fact| format!("{fact}\n")).collect();
        let description = words(&self.description);
        let svg = with_tips(&with_head(svg, height, &title, &description), tips);
        let svg = svg.replace('`', "");
        let text = format!("{title}\n{facts}\n{}", self.text);
        Picture { title, description, svg, text }
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
         <title>{}</title>\n<desc>{}</desc>\n{}{body}",
        WIDTH * UNITS,
        height * UNITS,
        label::escape(title),
        label::escape(description),
        dark(),
    )
}

/// In a dark page the picture is dark: lightness is turned round, hues stay.
///
/// An image follows the `color-scheme` of the element that it stands in, and JupyterLab
/// sets that by its theme. So one image serves both, in notebooks that are not trusted too.
pub(crate) fn dark() -> String {
    let hex = |Rgb(r, g, b): Rgb| format!("#{r:02X}{g:02X}{b:02X}");
    let instead = |(light, dark): (Rgb, Rgb)| {
        let (light, dark) = (hex(light), hex(dark));
        format!(
            "[fill='{light}'] {{fill: {dark}}} [stroke='{light}'] {{stroke: {dark}}} "
        )
    };
    let colours: String = ON_A_DARK_PAGE.into_iter().map(instead).collect();
    format!(
        "<style>@media (prefers-color-scheme: dark) \
         {{{colours}svg:root {{filter: invert(0.88) hue-rotate(180deg)}}}}</style>"
    )
}

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

//! A picture that somebody draws with plotters: a student's own chart, shown as ours are.

use crate::card::dark;
use crate::display::Picture;
use crate::label;
use crate::plot::unescape;
use crate::words;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend, WHITE};
use potok_base::error::{Error, ErrorKind, Result};
use std::fmt::Display;

/// More pixels than these in one direction are a slip of the pen.
const MOST: u32 = 4_000;

/// Gives a white area of `width` × `height` pixels to `drawing` and makes a picture of what
/// is drawn there. Its text form is the title and all words that stand in the picture.
///
/// # Errors
/// A size of zero or of more than 4000 pixels; what plotters or `drawing` could not do.
///
/// # Examples
/// ```
/// use potok::plotters::prelude::*;
/// use potok::prelude::*;
///
/// let squares = chart::draw("Squares", (400, 240), |area| {
///     let mut chart = ChartBuilder::on(area)
///         .margin(8)
///         .x_label_area_size(24)
///         .y_label_area_size(32)
///         .build_cartesian_2d(0..10, 0..100)?;
///     chart.configure_mesh().y_desc("n²").draw()?;
///     chart.draw_series(LineSeries::new((0..=10).map(|n| (n, n * n)), &BLUE))?;
///     Ok::<_, Box<dyn std::error::Error>>(())
/// })?;
/// assert!(squares.svg.contains("polyline"));
/// assert!(squares.text.starts_with("Squares\n") && squares.text.contains("n²"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn draw<E: Display>(
    title: &str,
    (width, height): (u32, u32),
    drawing: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> std::result::Result<(), E>,
) -> Result<Picture> {
    if !(1..=MOST).contains(&width) || !(1..=MOST).contains(&height) {
        return Err(Error::invalid(words::no_pixels(width, height, MOST)));
    }
    let cannot = |why: &dyn Display| Error::new(ErrorKind::Io, words::cannot_draw(why));
    let mut svg = String::new();
    {
        let area =
            SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        area.fill(&WHITE).map_err(|error| cannot(&error))?;
        drawing(&area).map_err(|error| cannot(&error))?;
        area.present().map_err(|error| cannot(&error))?;
    }
    let title = label::clean(title);
    let told = texts_of(&svg);
    let description = match &*told {
        [] => words::no_words().to_owned(),
        told => words::words_in_it(told.join(", ")),
    };
    let svg = with_title(&svg, &title, &description);
    let text = format!("{title}\n\n{}\n", told.join("\n"));
    Ok(Picture { title, description, svg, text })
}

/// What stands between `<text …>` and `</text>`, as plotters writes it.
fn texts_of(svg: &str) -> Vec<String> {
    let texts = svg.split("<text").skip(1).filter_map(|rest| {
        let (_, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</text>")?;
        let text = text.trim();
        Some(label::clean(&unescape(text)))
    });
    texts.filter(|text| !text.is_empty()).collect()
}

/// The document with a title and a description for those who cannot see it.
fn with_title(svg: &str, title: &str, description: &str) -> String {
    let (head, body) = svg.split_once('>').unwrap_or((svg, ""));
    let (title, description) = (label::escape(title), label::escape(description));
    let dark = dark();
    format!(
        "{head} role=\"img\">\n<title>{title}</title>\n<desc>{description}</desc>\n{dark}{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::{BLACK, IntoFont, Text};

    fn picture(words: &'static str) -> Picture {
        let style = ("sans-serif", 14).into_font().color(&BLACK);
        draw("a <title>", (200, 100), |area| {
            area.draw(&Text::new(words, (10, 10), style))
        })
        .unwrap()
    }

    #[test]
    fn words_of_the_drawing_are_its_text() {
        let picture = picture("5 < 7 & \"поток\"");
        assert_eq!(picture.text, "a <title>\n\n5 < 7 & \"поток\"\n");
        let svg = roxmltree::Document::parse(&picture.svg).unwrap();
        let title = svg.descendants().find(|node| node.has_tag_name("title")).unwrap();
        assert_eq!(title.text(), Some("a <title>"));
    }

    #[test]
    fn an_error_of_the_drawing_is_told() {
        let error = draw("x", (10, 10), |_| Err("no data")).unwrap_err();
        assert_eq!(error.to_string(), "cannot draw: no data");
    }

    #[test]
    fn a_size_that_is_none_is_refused() {
        for size in [(0, 10), (10, 0), (5_000, 10)] {
            let error = draw("x", size, |_| Ok::<_, Error>(())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
    }
}

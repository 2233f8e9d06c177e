//! A picture as a piece of a page: an image, what it says under the mouse, and its text.
//!
//! *What to notice*: all of it passes the filter that JupyterLab puts before notebooks that
//! are not trusted: no script, no style sheet of the page, no inline SVG. An image has no
//! tooltips of its own, so the page gets an image map.

use super::picture::Picture;
use crate::words;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A higher picture scrolls, so that a cell and its picture fit a projector's page.
const HIGHEST: u32 = 460;
const WINDOW: u32 = 420;

/// One line, however long.
pub(super) fn of(picture: &Picture) -> String {
    let alt = escape(&format!("{}. {}", picture.title, picture.description));
    let source = source(&picture.svg);
    let (using, map) = map(&picture.svg);
    let image = format!(
        r#"<img alt="{alt}" src="data:image/svg+xml;charset=utf-8,{source}"{using}>{map}"#
    );
    let image = match height(&picture.svg) {
        Some(high) if high > HIGHEST => format!(
            r#"<div role="group" aria-label="{}" tabindex="0" style="max-height: {WINDOW}px; overflow-y: auto">{image}</div>"#,
            escape(&picture.title)
        ),
        _ => image,
    };
    // Its lines stay lines, without breaking ours.
    let lines: Vec<String> = picture.text.trim_end().lines().map(escape).collect();
    let text = lines.join("&#10;");
    format!(
        r#"<div style="display: inline-block; vertical-align: top">{image}<details><summary>{}</summary><pre>{text}</pre></details></div>"#,
        words::in_numbers()
    )
}

/// The document as a part of an address.
fn source(svg: &str) -> String {
    let mut source = String::with_capacity(svg.len() * 5 / 4);
    for c in svg.chars() {
        match c {
            '\n' => source.push(' '),
            '"' | '#' | '%' | '&' | '<' | '>' => {
                let _ = write!(source, "%{:02X}", u32::from(c));
            }
            c => source.push(c),
        }
    }
    source
}

/// The tooltips of a document as an image map, and the attribute that uses it.
fn map(svg: &str) -> (String, String) {
    let mut areas = String::new();
    // Of two that lie over each other, a page takes the first; the picture, the last.
    for tip in
        svg.split(r#"<rect class="tip" "#).skip(1).collect::<Vec<_>>().iter().rev()
    {
        let number = |name: &str| {
            let (_, rest) = tip.split_once(&format!("{name}=\""))?;
            let units: f64 = rest.split_once('"')?.0.parse().ok()?;
            Some((units / crate::canvas::UNITS).round() as i64)
        };
        let place = (number("x"), number(" y"), number("width"), number("height"));
        let (Some(x), Some(y), Some(w), Some(h)) = place else { continue };
        let Some((_, title)) = tip.split_once("<title>") else { continue };
        let Some((title, _)) = title.split_once("</title>") else { continue };
        // It is escaped for a text; in an attribute quotes count too.
        let title = title.replace('"', "&quot;");
        let _ = write!(
            areas,
            r#"<area shape="rect" coords="{x},{y},{},{}" alt="" title="{title}">"#,
            x + w,
            y + h
        );
    }
    if areas.is_empty() {
        return (String::new(), String::new());
    }
    let mut hasher = DefaultHasher::new();
    svg.hash(&mut hasher);
    let name = format!("potok-{:016x}", hasher.finish());
    (format!(r##" usemap="#{name}""##), format!(r#"<map name="{name}">{areas}</map>"#))
}

/// How high the document says it is.
fn height(svg: &str) -> Option<u32> {
    let (tag, _) = svg.split_once('>')?;
    let (_, rest) = tag.split_once(" height=\"")?;
    let high: f64 = rest.split_once('"')?.0.parse().ok()?;
    Some(high as u32)
}

/// Text made safe for HTML and for an attribute; a line break becomes a space.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(svg: &str) -> Picture {
        Picture {
            title: "a <b> \"c\"".into(),
            description: "two\nlines".into(),
            svg: svg.into(),
            text: "x <1>\ny\n".into(),
        }
    }

    #[test]
    fn a_page_gets_one_line_that_nothing_can_break_out_of() {
        let html = of(&picture(
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>50 % #1 поток</text></svg>",
        ));
        assert!(!html.contains('\n'));
        // div, img, details, summary, pre, and the ends of all but the image.
        assert_eq!(html.matches('<').count(), 9);
        assert!(html.contains("a &lt;b&gt; &quot;c&quot;. two lines"));
        assert!(html.contains("50 %25 %231 поток"));
        assert!(html.contains("<pre>x &lt;1&gt;&#10;y</pre>"));
        assert!(!html.contains("<map"));
    }

    #[test]
    fn a_tooltip_is_an_area_of_the_page() {
        let html = of(&picture(
            "<svg width=\"760\" height=\"90\"><rect class=\"tip\" x=\"10\" y=\"204\" \
             width=\"100\" height=\"50\" fill-opacity=\"0\"><title>a \"b\" &lt;c&gt;\
             </title></rect></svg>",
        ));
        let area = r#"coords="1,20,11,25" alt="" title="a &quot;b&quot; &lt;c&gt;""#;
        assert!(html.contains(area), "{html}");
        let name = html.split_once("usemap=\"#").unwrap().1.split_once('"').unwrap().0;
        assert!(html.contains(&format!("<map name=\"{name}\">")));
    }

    #[test]
    fn a_high_picture_scrolls() {
        let high = of(&picture("<svg width=\"760\" height=\"900\"></svg>"));
        assert!(high.contains("max-height: 420px; overflow-y: auto"));
        // The keyboard reaches what scrolls, and a screen reader says what it is.
        let named =
            r#"role="group" aria-label="a &lt;b&gt; &quot;c&quot;" tabindex="0""#;
        assert!(high.contains(named), "{high}");
        let low = of(&picture("<svg width=\"760\" height=\"400\"></svg>"));
        assert!(!low.contains("overflow") && !low.contains("tabindex"));
    }
}

//! The slider as a piece of a page, and as a text.
//!
//! *What to notice*: without its script the page is whole: the first picture, a middle one
//! and the last, and the numbers of the others. A page that is not trusted drops the
//! script, and nothing else is missed. The script brings the other pictures and the
//! slider, and so a slider is never there that moves nothing.

use super::{Each, Frame, caption};
use crate::display::{Piece, escape, script_list, script_text, scripted};

/// A function that is called with what differs.
const SCRIPT: &str = include_str!("slider.js");

/// Both forms.
pub(super) fn of(each: &Each) -> Piece {
    let frames: Vec<Drawn> =
        each.frames.iter().map(|frame| drawn(&each.label, frame)).collect();
    let texts: Vec<&str> = frames.iter().map(|frame| frame.text.as_str()).collect();
    Piece { html: html(&each.label, &frames), text: texts.join("\n\n") + "\n" }
}

/// What is seen at one value.
struct Drawn {
    value: String,
    html: String,
    /// With the value in the first line.
    text: String,
}

fn drawn(label: &str, frame: &Frame) -> Drawn {
    let pieces: Vec<Piece> = frame.pictures.iter().map(Piece::of).collect();
    let html = pieces.iter().map(|piece| piece.html.as_str()).collect();
    let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.trim_end()).collect();
    let text = texts.join("\n\n");
    let caption = caption(label, &frame.value);
    // A title may be the value itself.
    let text = match text.lines().next() == Some(&caption) {
        true => text,
        false => format!("{caption}\n\n{text}"),
    };
    Drawn { value: frame.value.clone(), html, text }
}

fn html(label: &str, frames: &[Drawn]) -> String {
    let last = frames.len() - 1;
    let (stills, others): (Vec<usize>, Vec<usize>) =
        (0..=last).partition(|at| [0, last / 2, last].contains(at));
    let captioned = |value: &str| escape(&caption(label, value));
    let shown = stills.iter().map(|&at| {
        let Drawn { value, html, .. } = &frames[at];
        format!(
            r#"<div data-at="{at}" style="display: inline-block; vertical-align: top"><p style="margin: 6px 0"><strong>{}</strong></p>{html}</div>"#,
            captioned(value)
        )
    });
    let mut page: String = shown.collect();
    if !others.is_empty() {
        let of = |part: fn(&Drawn) -> &str, between: &str| {
            let parts: Vec<&str> = others.iter().map(|&at| part(&frames[at])).collect();
            parts.join(between)
        };
        let lines = of(|frame| &frame.text, "\n\n");
        let lines: Vec<String> = lines.lines().map(escape).collect();
        page += &format!(
            "<details><summary>{}</summary><pre>{}</pre></details>",
            captioned(&of(|frame| &frame.value, "; ")),
            lines.join("&#10;")
        );
    }
    if last == 0 {
        return format!("<div>{page}</div>");
    }
    let names = script_list(frames.iter().map(|frame| frame.value.as_str()));
    let htmls = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| if stills.contains(&at) { "" } else { frame.html.as_str() });
    let data = [script_text(label), names, script_list(htmls)];
    scripted("each", &page, SCRIPT, &data)
}

//! The marks of a lane.

use super::layout::Layout;
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::SMALL;
use crate::palette::INK;
use crate::{glyph, label};
use potok_base::trace::Mark;

/// Triangles whose tips touch `y`, with labels where there is room.
pub(super) fn draw(canvas: &mut Canvas<'_>, layout: &Layout, marks: &[&Mark], y: f64) {
    // Marks closer than a triangle is wide are one triangle.
    let mut places: Vec<(f64, usize, &Mark)> = vec![];
    for mark in marks {
        let x = layout.scale.at(mark.at.as_secs_f64());
        match places.last_mut() {
            Some((last, n, _)) if x - *last < 5.0 => *n += 1,
            _ => places.push((x, 1, mark)),
        }
    }
    let mut free = layout.left;
    for (i, &(x, n, mark)) in places.iter().enumerate() {
        glyph::triangle(canvas, (x, y), INK);
        let next = places.get(i + 1).map_or(layout.right + 8.0, |next| next.0 - 6.0);
        let more = if n > 1 { format!(" (+{})", n - 1) } else { String::new() };
        let text = format!("{}{more}", label::short(&mark.label, 60));
        let (left, right) = (x - 6.0 - free - 4.0, next - x - 6.0);
        let font = Font::new(SMALL, INK);
        let wide = label::width(&text, SMALL);
        if wide > right && wide <= left {
            canvas.text((x - 6.0, y - 5.5), &text, font.anchor(Anchor::End));
            free = x + 5.0;
            continue;
        }
        let text =
            if right > 24.0 { label::fit(&text, SMALL, right) } else { String::new() };
        canvas.text((x + 6.0, y - 5.5), &text, font);
        free = x + 6.0 + label::width(&text, SMALL);
    }
}

//! One bar of a timeline and its label.

use super::colours::Colours;
use super::layout::{Layout, TimelineBar};
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::SMALL;
use crate::palette::{BAND, CARD, GREY, INK, MUTED, ink_on};
use crate::units::fixed;
use crate::{glyph, label};
use potok_base::trace::{Activity, Trace};

/// What a bar needs to know of the picture that it is a part of.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub trace: &'a Trace,
    pub layout: &'a Layout,
    pub colours: &'a Colours,
    /// How high a running bar is.
    pub full: f64,
}

impl Context<'_> {
    /// How high a bar is: full for running, thin for waiting, less for each level within.
    fn height(&self, bar: &TimelineBar) -> f64 {
        let inset = f64::from(bar.depth.min(2)) * self.full / 6.0;
        match bar.activity {
            Some(Activity::Waiting) => {
                (self.full * 0.62).min(self.full - inset).round()
            }
            _ => self.full - inset,
        }
    }

    /// Draws a bar around `y`.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, bar: &TimelineBar, y: f64) {
        let span = &self.trace.spans[bar.span];
        let waits = bar.activity == Some(Activity::Waiting);
        let high = self.height(bar);
        let (x, top) = (bar.left, y - high / 2.0);
        let wide = bar.right - bar.left;
        if bar.depth > 0 && (waits || bar.count > 1) {
            // The bar around it does nothing else meanwhile: cut it.
            let half = self.full / 2.0 + 1.0;
            canvas.rect((x, y - half), (wide, 2.0 * half), BAND);
        } else if bar.depth > 0 {
            let out = 0.75_f64.min(wide / 4.0);
            let size = (wide + 2.0 * out, high + 2.0);
            canvas.rect((x - out, top - 1.0), size, CARD);
        }
        // A sliver of space keeps neighbours of the same colour apart.
        let wide = if wide > 4.0 && bar.count == 1 { wide - 0.8 } else { wide };
        let colour = match waits {
            true => MUTED,
            false if bar.same_label => self.colours.of_span(span),
            false => GREY,
        };
        if bar.count > 1 {
            // Many lanes of fine stripes would make a large document.
            let period = 4.0 + self.layout.lanes.len() as f64 / 8.0;
            let share = bar.filled / wide;
            let room = (wide, high, self.layout.right);
            glyph::stripes(canvas, (x, top), room, colour, (period, share));
        } else if waits && wide >= 3.0 {
            let text = self.label(bar);
            let half = label::width(&text, SMALL) / 2.0;
            let (left, right) = self.free_part(bar);
            let middle = f64::midpoint(left, right);
            let hole = (!text.is_empty()).then_some((middle - half, middle + half));
            glyph::wait(canvas, (x, top), (wide, high), hole);
        } else {
            canvas.rect((x, top), (wide, high), colour);
        }
    }

    /// Draws the torn end of a span that did not end, over the bars within it.
    pub(super) fn draw_end(&self, canvas: &mut Canvas<'_>, bar: &TimelineBar, y: f64) {
        if self.trace.spans[bar.span].end.is_none() && bar.count == 1 {
            let high = self.height(bar);
            let wide = bar.right - bar.left;
            glyph::tear(canvas, (bar.left, y - high / 2.0), (wide, high), BAND);
        }
    }

    /// Writes what a bar is called, in its longest part that no inner bar covers.
    pub(super) fn draw_label(
        &self,
        canvas: &mut Canvas<'_>,
        bar: &TimelineBar,
        y: f64,
    ) {
        let (left, right) = self.free_part(bar);
        let colour = match bar.activity {
            Some(Activity::Waiting) => INK,
            _ => ink_on(self.colours.of_span(&self.trace.spans[bar.span])),
        };
        let font = Font::new(SMALL, colour).anchor(Anchor::Middle);
        canvas.text((f64::midpoint(left, right), y), &self.label(bar), font);
    }

    /// The label of a bar of one span, as far as there is room.
    pub(super) fn label(&self, bar: &TimelineBar) -> String {
        let (left, right) = self.free_part(bar);
        let waits = bar.activity == Some(Activity::Waiting);
        let room = right - left - if waits { 16.0 } else { 8.0 };
        if self.height(bar) < 12.0 || bar.count > 1 || room < 10.0 {
            return String::new();
        }
        let whole = label::clean(&self.trace.spans[bar.span].label);
        let text = label::fit(&whole, SMALL, room);
        // A letter or two with an ellipsis tell nothing.
        let told = text == whole || text.chars().count() > 5;
        if told { text } else { String::new() }
    }

    /// Writes how many spans are merged, in the middle of a row of merged bars.
    pub(super) fn draw_counts(
        &self,
        canvas: &mut Canvas<'_>,
        bars: &[&TimelineBar],
        y: f64,
    ) {
        let merged: Vec<_> = bars.iter().filter(|bar| bar.count > 1).collect();
        let rows = merged.chunk_by(|a, b| a.depth == b.depth && b.left - a.right < 4.0);
        for row in rows {
            let (left, right) = (row[0].left, row[row.len() - 1].right);
            let count: usize = row.iter().map(|bar| bar.count).sum();
            let text = format!("{} spans", fixed(count as f64, 0));
            if self.height(row[0]) >= 12.0
                && label::width(&text, SMALL) + 40.0 < right - left
            {
                let font = Font::new(SMALL, INK).anchor(Anchor::Middle);
                canvas.text_on_patch((f64::midpoint(left, right), y), &text, font);
            }
        }
    }

    /// The longest stretch of a bar on which no bar within it is drawn.
    fn free_part(&self, bar: &TimelineBar) -> (f64, f64) {
        let inner = self.layout.bars.iter().filter(|other| {
            other.lane == bar.lane
                && other.depth > bar.depth
                && other.left < bar.right
                && other.right > bar.left
        });
        let mut covered: Vec<(f64, f64)> =
            inner.map(|inner| (inner.left, inner.right)).collect();
        covered.push((bar.right, bar.right));
        covered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut best, mut from) = ((bar.left, bar.left), bar.left);
        for (left, right) in covered {
            if left - from > best.1 - best.0 {
                best = (from, left);
            }
            from = from.max(right);
        }
        best
    }
}

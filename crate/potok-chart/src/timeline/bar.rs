//! One bar of a timeline and its label.

use super::colours::Colours;
use super::layout::{Layout, TimelineBar};
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::SMALL;
use crate::palette::{BAND, CARD, GREY, INK, MUTED, ink_on, tint};
use crate::units::{count, decimal, duration, fixed};
use crate::words;
use crate::{glyph, label};
use potok_base::language::noun::{SHORT_SPAN, SPAN};
use potok_base::language::{Language, current};
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

/// What is written of a bar, and where.
enum Label {
    Inside(String),
    Behind(String),
}

/// `2 spans`; a stretch of merged ones never has a single one.
fn several(spans: usize) -> String {
    match current() {
        Language::English => format!("{} spans", fixed(spans as f64, 0)),
        Language::Russian => count(spans, SPAN),
    }
}

/// How much of its time a thread had a core.
fn percent(on_core: f64) -> String {
    words::on_a_core(decimal(100.0 * on_core, 0))
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
        if bar.is_part() {
            glyph::part(canvas, (x, top), (wide, high), colour, bar.on_core);
        } else if bar.count > 1 {
            // Many lanes of fine stripes would make a large document.
            let period = 4.0 + self.layout.lanes.len() as f64 / 8.0;
            let share = bar.filled / wide;
            let room = (wide, high, self.layout.right);
            glyph::stripes(canvas, (x, top), room, colour, (period, share));
        } else if waits && wide >= 3.0 {
            let text = self.label_inside(bar);
            let half = label::width(&text, SMALL) / 2.0;
            let (left, right) = self.free_part(bar);
            let middle = f64::midpoint(left, right);
            let hole = (!text.is_empty()).then_some((middle - half, middle + half));
            let draw = [glyph::wait, glyph::other_wait, glyph::plain_wait];
            draw[self.colours.wait(span)](canvas, (x, top), (wide, high), hole);
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

    /// Writes what a bar is called: in its longest part that no inner bar covers, or behind
    /// it.
    pub(super) fn draw_label(
        &self,
        canvas: &mut Canvas<'_>,
        bar: &TimelineBar,
        y: f64,
    ) {
        let (left, right) = self.free_part(bar);
        let colour = self.colours.of_span(&self.trace.spans[bar.span]);
        let font = Font::new(SMALL, INK);
        match self.label(bar) {
            None => {}
            Some(Label::Behind(text)) => canvas.text((bar.right + 4.0, y), &text, font),
            Some(Label::Inside(text)) => {
                let middle = (f64::midpoint(left, right), y);
                let font = font.anchor(Anchor::Middle);
                if bar.is_part() {
                    canvas.text_on(middle, &text, font, tint(colour));
                } else if bar.activity == Some(Activity::Waiting) {
                    canvas.text(middle, &text, font);
                } else {
                    canvas.text(middle, &text, Font { colour: ink_on(colour), ..font });
                }
            }
        }
    }

    /// What to say of a bar of one span, and where there is room for it.
    fn label(&self, bar: &TimelineBar) -> Option<Label> {
        if self.height(bar) < 12.0 || bar.count > 1 {
            return None;
        }
        let whole = label::clean(&self.trace.spans[bar.span].label);
        let (left, right) = self.free_part(bar);
        let waits = bar.activity == Some(Activity::Waiting);
        let fits = |text: &str, room: f64| label::width(text, SMALL) <= room;
        let inside = right - left - if waits { 16.0 } else { 8.0 };
        if fits(&whole, inside) {
            let more = format!("{whole}, {}", percent(bar.on_core));
            let text = if bar.is_part() && fits(&more, inside) { more } else { whole };
            return Some(Label::Inside(text));
        }
        if bar.depth == 0 && fits(&whole, self.free_behind(bar) - 8.0) {
            return Some(Label::Behind(whole));
        }
        // Whole words, and most of them, or nothing: less tells nothing.
        let ends = whole.match_indices(' ').map(|(at, _)| at).rev();
        let most = ends.take_while(|at| 5 * at > 3 * whole.len());
        let mut shorter =
            most.map(|at| format!("{} …", whole[..at].trim_end_matches(',')));
        shorter.find(|text| fits(text, inside)).map(Label::Inside)
    }

    /// The label that is written in the middle of a bar; empty for none.
    fn label_inside(&self, bar: &TimelineBar) -> String {
        match self.label(bar) {
            Some(Label::Inside(text)) => text,
            _ => String::new(),
        }
    }

    /// Whether a reader can see what the bar is called.
    pub(super) fn is_told(&self, bar: &TimelineBar) -> bool {
        let whole = label::clean(&self.trace.spans[bar.span].label);
        match self.label(bar) {
            Some(Label::Inside(text)) => text.starts_with(&whole),
            Some(Label::Behind(_)) => true,
            None => false,
        }
    }

    /// All there is to say of a bar, for when the mouse rests on it.
    pub(super) fn draw_tip(&self, canvas: &mut Canvas<'_>, bar: &TimelineBar, y: f64) {
        let (place, size) =
            ((bar.left, y - self.full / 2.0), (bar.right - bar.left, self.full));
        let span = &self.trace.spans[bar.span];
        if bar.count > 1 {
            return canvas.tip(place, size, count(bar.count, SHORT_SPAN));
        }
        let lane = label::clean(&self.trace.lanes[span.lane].name);
        let verb = match span.activity {
            Activity::Running => words::ran(),
            Activity::Waiting => words::waited(),
        };
        let lasted = duration(self.trace.end_of(span) - span.start);
        let mut rest = String::new();
        if span.end.is_none() {
            rest += &format!(", {}", words::not_ended());
        }
        if bar.is_part() {
            rest += &format!(", {}", percent(bar.on_core));
        }
        let from = duration(span.start);
        let text =
            words::tip(label::clean(&span.label), lane, verb, lasted, rest, from);
        canvas.tip(place, size, label::clean(&text));
    }

    /// How much room there is behind a bar before the next of its lane.
    fn free_behind(&self, bar: &TimelineBar) -> f64 {
        let others = self.layout.bars.iter().filter(|other| {
            (other.lane, other.depth) == (bar.lane, bar.depth) && other.span != bar.span
        });
        let next = others
            .filter(|other| other.left >= bar.left)
            .map(|other| other.left)
            .fold(self.layout.right, f64::min);
        next - bar.right
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
            let text = several(count);
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

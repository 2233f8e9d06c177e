//! The bars, the marks and the axis of a timeline.

use super::colours::Colours;
use super::layout::{Layout, TimelineBar};
use super::text::cpus;
use crate::chart::canvas::{Anchor, Canvas, Font};
use crate::chart::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use crate::chart::legend::{Key, Sign};
use crate::chart::palette::{BAND, BLUE, CARD, GREY, HAIRLINE, INK, MUTED, ink_on};
use crate::chart::units::fixed;
use crate::chart::{glyph, label};
use crate::trace::{Activity, Mark, Trace};

/// Where the lanes stand from top to bottom.
pub(super) struct Rows {
    /// The middle of each drawn lane's bar, in the order of `Layout::lanes`.
    middles: Vec<f64>,
    /// Where a process begins, and its id.
    processes: Vec<(f64, u32)>,
    bar: f64,
    top: f64,
    bottom: f64,
}

impl Rows {
    pub(super) fn of(trace: &Trace, layout: &Layout, top: f64) -> Self {
        let (bar, gap) = match layout.lanes.len() {
            0..=12 => (26.0, 10.0),
            13..=24 => (20.0, 7.0),
            25..=40 => (14.0, 5.0),
            _ => (11.0, 4.0),
        };
        let several = trace.lanes.iter().any(|lane| lane.pid != trace.lanes[0].pid);
        let mut rows = Rows {
            middles: vec![],
            processes: vec![],
            bar,
            top: top + 4.0,
            bottom: 0.0,
        };
        let mut y = rows.top;
        let mut process = None;
        for &lane in &layout.lanes {
            let pid = trace.lanes[lane].pid;
            if several && process != Some(pid) {
                process = Some(pid);
                rows.processes.push((y, pid));
                y += 24.0;
            }
            if trace.marks.iter().any(|mark| mark.lane == lane) {
                y += 16.0;
            }
            rows.middles.push(y + (gap + bar) / 2.0);
            y += bar + gap;
        }
        rows.bottom = y + 4.0;
        rows
    }

    /// Where the picture ends, below the axis.
    pub(super) fn bottom(&self) -> f64 {
        self.bottom + 20.0
    }
}

/// What the shapes and colours of this very picture mean.
pub(super) fn legend(trace: &Trace, layout: &Layout, colours: &Colours) -> Vec<Key> {
    let any = |f: &dyn Fn(&TimelineBar) -> bool| layout.bars.iter().any(f);
    let first = colours.keys().first().map_or(BLUE, |key| key.0);
    let mut keys = vec![];
    if any(&|bar| bar.activity == Some(Activity::Running)) {
        keys.push(Key::new(Sign::Bar(first), "running"));
    }
    if any(&|bar| bar.activity != Some(Activity::Running)) {
        keys.push(Key::new(Sign::Wait, "waiting"));
    }
    if any(&|bar| bar.count > 1) {
        keys.push(Key::new(Sign::Striped(GREY), "many short spans"));
    }
    if trace.spans.iter().any(|span| span.end.is_none()) {
        keys.push(Key::new(Sign::Torn(GREY), "not ended"));
    }
    if !trace.marks.is_empty() {
        keys.push(Key::new(Sign::Mark(INK), "mark"));
    }
    for (colour, kind) in colours.keys() {
        keys.push(Key::new(Sign::Bar(colour), &kind));
    }
    keys
}

pub(super) fn body(
    canvas: &mut Canvas<'_>,
    trace: &Trace,
    layout: &Layout,
    colours: &Colours,
    rows: &Rows,
) {
    axis(canvas, layout, rows);
    for &(y, pid) in &rows.processes {
        canvas.line((MARGIN, y + 1.0), (WIDTH - MARGIN, y + 1.0), GREY, 1.0);
        let font = Font::new(SMALL, INK).bold();
        canvas.text_on_patch((MARGIN, y + 13.0), &format!("process {pid}"), font);
    }
    for (&lane, &y) in layout.lanes.iter().zip(&rows.middles) {
        name(canvas, trace, lane, y, layout.left, rows.bar);
        for bar in layout.bars.iter().filter(|bar| bar.lane == lane) {
            draw_bar(canvas, trace, bar, colours, y, rows.bar);
        }
        for bar in layout.bars.iter().filter(|bar| bar.lane == lane) {
            bar_label(canvas, trace, layout, bar, colours, y, rows.bar);
        }
        let marks: Vec<&Mark> =
            trace.marks.iter().filter(|mark| mark.lane == lane).collect();
        draw_marks(canvas, layout, &marks, y - rows.bar / 2.0 - 1.0);
    }
}

/// Ticks with their lines, and the unit of time.
fn axis(canvas: &mut Canvas<'_>, layout: &Layout, rows: &Rows) {
    let (ticks, unit) = layout.scale.labelled_times(8);
    canvas.rect(
        (layout.left, rows.top),
        (layout.right - layout.left, rows.bottom - rows.top),
        BAND,
    );
    let font = Font::new(SMALL, MUTED).anchor(Anchor::Middle);
    for (tick, label) in ticks {
        let x = layout.scale.at(tick);
        canvas.line((x, rows.top), (x, rows.bottom), HAIRLINE, 1.0);
        canvas.text((x, rows.bottom + 13.0), &label, font);
    }
    canvas.line((layout.left, rows.bottom), (layout.right, rows.bottom), MUTED, 1.0);
    let font = Font::new(SMALL, MUTED).anchor(Anchor::End);
    let unit = format!("time, {}", unit.name);
    canvas.text((layout.left - 12.0, rows.bottom + 13.0), &unit, font);
}

/// A lane's name and, where there is room, the processors it ran on.
fn name(
    canvas: &mut Canvas<'_>,
    trace: &Trace,
    lane: usize,
    y: f64,
    left: f64,
    bar: f64,
) {
    let size = if bar >= 20.0 { MEDIUM } else { SMALL };
    let room = left - MARGIN - 10.0;
    let name = label::fit(&trace.lanes[lane].name, size, room);
    let font = Font::new(size, INK).anchor(Anchor::End);
    let cpus = cpus(trace, lane);
    // A lane that is no thread runs on no processor of its own.
    if bar < 26.0 || cpus == "-" || trace.lanes[lane].tid == 0 {
        return canvas.text((left - 10.0, y), &name, font);
    }
    canvas.text((left - 10.0, y - 7.0), &name, font);
    let font = Font::new(SMALL, MUTED).anchor(Anchor::End);
    canvas.text((left - 10.0, y + 9.0), &format!("CPU {cpus}"), font);
}

/// How high a bar is: full for running, thin for waiting, less for each level within.
fn height(bar: &TimelineBar, full: f64) -> f64 {
    let inset = f64::from(bar.depth.min(2)) * full / 6.0;
    match bar.activity {
        Some(Activity::Waiting) => (full * 0.62).min(full - inset).round(),
        _ => full - inset,
    }
}

fn draw_bar(
    canvas: &mut Canvas<'_>,
    trace: &Trace,
    bar: &TimelineBar,
    colours: &Colours,
    y: f64,
    full: f64,
) {
    let span = &trace.spans[bar.span];
    let high = height(bar, full);
    let (x, top) = (bar.left, y - high / 2.0);
    let wide = bar.right - bar.left;
    let colour = if bar.same_label { colours.of_span(span) } else { GREY };
    if bar.depth > 0 {
        // Cut it out of the bar around it: that one does nothing else meanwhile.
        let (margin, out) = match bar.activity {
            Some(Activity::Waiting) => (full / 2.0, 0.0),
            _ => (high / 2.0 + 1.0, 0.75_f64.min(wide / 4.0)),
        };
        canvas.rect(
            (x - out, y - margin),
            (wide + 2.0 * out, 2.0 * margin),
            if out > 0.0 { CARD } else { BAND },
        );
    }
    // A sliver of space keeps neighbours of the same colour apart.
    let wide = if wide > 4.0 { wide - 0.8 } else { wide };
    match (bar.count, bar.activity) {
        (2.., _) => glyph::stripes(canvas, (x, top), (wide, high), colour),
        (_, Some(Activity::Waiting)) => {
            let text = label::fit(&span.label, SMALL, wide - 16.0);
            let half = label::width(&text, SMALL) / 2.0;
            let middle = x + wide / 2.0;
            let hole = (!text.is_empty()).then_some((middle - half, middle + half));
            if wide < 3.0 {
                canvas.rect((x, top), (wide, high), MUTED);
            } else {
                glyph::wait(canvas, (x, top), (wide, high), hole);
            }
        }
        _ if span.end.is_none() => {
            glyph::torn(canvas, (x, top), (wide, high), colour);
        }
        _ => canvas.rect((x, top), (wide, high), colour),
    }
    if span.end.is_none() && bar.activity == Some(Activity::Waiting) {
        // The torn end of a hollow bar: what is beyond the teeth is taken away.
        glyph::tear(canvas, (x + wide, top), high);
    }
}

/// The label of a bar, in its longest part that no inner bar covers.
fn bar_label(
    canvas: &mut Canvas<'_>,
    trace: &Trace,
    layout: &Layout,
    bar: &TimelineBar,
    colours: &Colours,
    y: f64,
    full: f64,
) {
    let span = &trace.spans[bar.span];
    let wide = bar.right - bar.left;
    if height(bar, full) < 11.0 || wide < 14.0 {
        return;
    }
    let (left, right) = free_part(layout, bar);
    let middle = f64::midpoint(left, right);
    if bar.count > 1 {
        let text = format!("{} spans", fixed(bar.count as f64, 0));
        if label::width(&text, SMALL) < wide - 12.0 {
            let font = Font::new(SMALL, INK).anchor(Anchor::Middle);
            canvas.text_on_patch((middle, y), &text, font);
        }
        return;
    }
    let waits = bar.activity == Some(Activity::Waiting);
    let room = right - left - if waits { 16.0 } else { 8.0 };
    let text = label::fit(&span.label, SMALL, room);
    let colour = if waits { INK } else { ink_on(colours.of_span(span)) };
    let font = Font::new(SMALL, colour).anchor(Anchor::Middle);
    canvas.text((middle, y), &text, font);
}

/// The longest stretch of a bar on which no bar within it is drawn.
fn free_part(layout: &Layout, bar: &TimelineBar) -> (f64, f64) {
    let inner = layout.bars.iter().filter(|other| {
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

/// Triangles whose tips touch `y`, with labels where there is room.
fn draw_marks(canvas: &mut Canvas<'_>, layout: &Layout, marks: &[&Mark], y: f64) {
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
            canvas.text((x - 6.0, y - 4.0), &text, font.anchor(Anchor::End));
            free = x + 5.0;
            continue;
        }
        let text =
            if right > 24.0 { label::fit(&text, SMALL, right) } else { String::new() };
        canvas.text((x + 6.0, y - 4.0), &text, font);
        free = x + 6.0 + label::width(&text, SMALL);
    }
}

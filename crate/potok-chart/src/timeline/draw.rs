//! The rows, the axis and the legend of a timeline.

use super::bar::Context;
use super::colours::Colours;
use super::layout::{Layout, TimelineBar};
use super::marks;
use super::text::cpus;
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use crate::label;
use crate::legend::{Key, Sign};
use crate::palette::{BAND, BLUE, GREY, HAIRLINE, INK, MUTED};
use potok_base::trace::{Activity, Mark, Trace};

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
    pub(super) fn of(trace: &Trace, layout: &Layout) -> Self {
        let (bar, gap) = match layout.lanes.len() {
            0..=12 => (26.0, 10.0),
            13..=24 => (20.0, 7.0),
            25..=40 => (14.0, 5.0),
            _ => (13.0, 3.0),
        };
        let several = trace.lanes.iter().any(|lane| lane.pid != trace.lanes[0].pid);
        let mut rows =
            Rows { middles: vec![], processes: vec![], bar, top: 4.0, bottom: 0.0 };
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
                y += 18.0;
            }
            rows.middles.push(y + (gap + bar) / 2.0);
            y += bar + gap;
        }
        rows.bottom = y + 4.0;
        rows
    }

    /// The same rows further down.
    pub(super) fn below(mut self, top: f64) -> Self {
        self.middles.iter_mut().for_each(|y| *y += top);
        self.processes.iter_mut().for_each(|(y, _)| *y += top);
        (self.top, self.bottom) = (self.top + top, self.bottom + top);
        self
    }

    /// Where the picture ends, below the axis.
    pub(super) fn bottom(&self) -> f64 {
        self.bottom + 20.0
    }
}

/// What the shapes and colours of this very picture mean.
pub(super) fn legend(
    trace: &Trace,
    layout: &Layout,
    colours: &Colours,
    rows: &Rows,
) -> Vec<Key> {
    let any = |f: &dyn Fn(&TimelineBar) -> bool| layout.bars.iter().any(f);
    let kinds = colours.keys();
    let first = kinds.first().map_or(BLUE, |key| key.0);
    let mut keys = vec![];
    if any(&|bar| bar.activity != Some(Activity::Waiting)) {
        keys.push(Key::new(Sign::Bar(first), "running"));
    }
    if any(&|bar| bar.activity == Some(Activity::Waiting)) {
        keys.push(Key::new(Sign::Wait, "waiting"));
    }
    if any(&|bar| bar.count > 1) {
        keys.push(Key::new(
            Sign::Striped(GREY),
            "many short spans, the denser the busier",
        ));
    }
    if any(&|bar| bar.count == 1 && trace.spans[bar.span].end.is_none()) {
        keys.push(Key::new(Sign::Torn(GREY), "not ended"));
    }
    if !trace.marks.is_empty() {
        keys.push(Key::new(Sign::Mark(INK), "mark"));
    }
    // Labels that can be read on the bars need no explanation.
    let context = Context { trace, layout, colours, full: rows.bar };
    let readable = |bar: &TimelineBar| {
        bar.activity == Some(Activity::Waiting)
            || context.label(bar) == label::clean(&trace.spans[bar.span].label)
    };
    if layout.bars.len() > 40 || !layout.bars.iter().all(readable) {
        for (colour, kind) in kinds {
            keys.push(Key::new(Sign::Bar(colour), &kind));
        }
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
    let context = Context { trace, layout, colours, full: rows.bar };
    for (&lane, &y) in layout.lanes.iter().zip(&rows.middles) {
        name(canvas, trace, lane, y, layout.left, rows.bar);
        let bars: Vec<&TimelineBar> =
            layout.bars.iter().filter(|bar| bar.lane == lane).collect();
        for bar in &bars {
            context.draw(canvas, bar, y);
        }
        for bar in &bars {
            context.draw_end(canvas, bar, y);
            context.draw_label(canvas, bar, y);
        }
        context.draw_counts(canvas, &bars, y);
        let marks: Vec<&Mark> =
            trace.marks.iter().filter(|mark| mark.lane == lane).collect();
        marks::draw(canvas, layout, &marks, y - rows.bar / 2.0 - 1.0);
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
    let this = &trace.lanes[lane];
    let several = trace.lanes.iter().any(|other| other.pid != this.pid);
    // Below the name of its process there is no need to say it again.
    let twice = several && this.is_named_after_process();
    let name = label::fit(if twice { "main" } else { &this.name }, size, room);
    let font = Font::new(size, INK).anchor(Anchor::End);
    let cpus = cpus(trace, lane);
    // A lane that is no thread runs on no processor of its own.
    if bar < 26.0 || cpus == "-" || this.tid == 0 {
        return canvas.text((left - 10.0, y), &name, font);
    }
    canvas.text((left - 10.0, y - 7.0), &name, font);
    let font = Font::new(SMALL, MUTED).anchor(Anchor::End);
    canvas.text((left - 10.0, y + 9.0), &format!("CPU {cpus}"), font);
}

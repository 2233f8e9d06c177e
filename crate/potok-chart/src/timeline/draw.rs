//! The rows, the axis and the legend of a timeline.

use super::bar::Context;
use super::colours::Colours;
use super::layout::{Layout, TimelineBar};
use super::marks;
use super::text::cpus;
use crate::canvas::{Anchor, Canvas, Font};
use crate::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use crate::label;
use crate::legend::{LegendKey, Sign};
use crate::palette::{BAND, BLUE, GREY, HAIRLINE, INK, MUTED};
use crate::words;
use potok_base::trace::{Activity, Mark, Trace};

/// How high all rows are at most, unless there are more than 16 lanes.
pub(super) const BODY: f64 = 280.0;
/// The room for the name of a process, a line between two, and the marks of a lane.
const HEAD: f64 = 24.0;
const LINE: f64 = 6.0;
const MARKS: f64 = 18.0;

/// The processes whose name stands above their lanes: those of several lanes, where there
/// are several processes.
fn processes(trace: &Trace, layout: &Layout) -> Vec<u32> {
    let pids: Vec<u32> =
        layout.lanes.iter().map(|&lane| trace.lanes[lane].pid).collect();
    let mut heads: Vec<u32> = pids.clone();
    heads.dedup();
    if heads.len() > 1 {
        heads.retain(|pid| pids.iter().filter(|other| *other == pid).count() > 1);
        return heads;
    }
    vec![]
}

/// Where the lanes stand from top to bottom.
pub(super) struct Rows {
    /// The middle of each drawn lane's bar, in the order of `Layout::lanes`.
    middles: Vec<f64>,
    /// Where a process begins, and its id.
    processes: Vec<(f64, u32)>,
    /// Where a process ends and one of a single lane begins.
    lines: Vec<f64>,
    bar: f64,
    top: f64,
    bottom: f64,
}

impl Rows {
    /// The rows of a picture, `most` pixels high together, as far as they can be read then.
    pub(super) fn of(trace: &Trace, layout: &Layout, most: f64) -> Self {
        let heads = processes(trace, layout);
        let marked = |lane: &&usize| trace.marks.iter().any(|mark| mark.lane == **lane);
        let n_marked = layout.lanes.iter().filter(marked).count();
        let room = most - HEAD * heads.len() as f64 - MARKS * n_marked as f64;
        let pitch = (room / layout.lanes.len().max(1) as f64).floor().clamp(17.0, 36.0);
        let gap = (pitch * 0.28).round();
        let bar = pitch - gap;
        let mut rows = Rows {
            middles: vec![],
            processes: vec![],
            lines: vec![],
            bar,
            top: 4.0,
            bottom: 0.0,
        };
        let mut y = rows.top;
        let mut process = None;
        for &lane in &layout.lanes {
            let pid = trace.lanes[lane].pid;
            if process != Some(pid) && heads.contains(&pid) {
                rows.processes.push((y, pid));
                y += HEAD;
            } else if process.is_some_and(|last| last != pid && heads.contains(&last)) {
                y += LINE;
                rows.lines.push(y - LINE);
            }
            process = Some(pid);
            if marked(&&lane) {
                y += MARKS;
            }
            rows.middles.push(y + (gap + bar) / 2.0);
            y += bar + gap;
        }
        rows.bottom = y + 4.0;
        rows
    }

    /// The same rows, lower by as much as this, where they are not as low as can be.
    pub(super) fn lower(self, trace: &Trace, layout: &Layout, by: f64) -> Self {
        let rows = self.bottom - 4.0 - self.top - LINE * self.lines.len() as f64;
        Rows::of(trace, layout, rows - by)
    }

    /// The same rows further down.
    pub(super) fn below(mut self, top: f64) -> Self {
        self.middles.iter_mut().for_each(|y| *y += top);
        self.processes.iter_mut().for_each(|(y, _)| *y += top);
        self.lines.iter_mut().for_each(|y| *y += top);
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
) -> Vec<LegendKey> {
    let any = |f: &dyn Fn(&TimelineBar) -> bool| layout.bars.iter().any(f);
    let kinds = colours.keys(trace);
    let first = kinds.first().map_or(BLUE, |key| key.0);
    // Labels that can be read on the bars need no explanation.
    let context = Context { trace, layout, colours, full: rows.bar };
    let readable = |bar: &TimelineBar| {
        bar.activity == Some(Activity::Waiting) || context.is_told(bar)
    };
    let mut keys = vec![];
    let named = layout.bars.len() > 40 || !layout.bars.iter().all(readable);
    let named = kinds.len() > 1 && (named || colours.of_stems());
    // Where colours have names, none of them alone means running.
    if any(&|bar| bar.activity != Some(Activity::Waiting)) && !named {
        let words = match colours.only() {
            Some(only) if !layout.bars.iter().all(readable) => {
                words::running_only(label::clean(only))
            }
            _ if kinds.len() > 1 => words::running_each().to_owned(),
            _ => words::running().to_owned(),
        };
        keys.push(LegendKey::new(Sign::Bar(first), &words));
    }
    if layout.shows_parts() {
        let words = words::filled_part();
        keys.push(LegendKey::new(Sign::Part(first), words));
    }
    let waits = |kind: usize| {
        any(&|bar| {
            bar.activity == Some(Activity::Waiting)
                && colours.wait(&trace.spans[bar.span]) == kind
        })
    };
    for (kind, sign) in
        [Sign::Wait, Sign::OtherWait, Sign::PlainWait].into_iter().enumerate()
    {
        if waits(kind) {
            let name =
                colours.waits().get(kind).map_or(words::waiting(), String::as_str);
            keys.push(LegendKey::new(sign, name));
        }
    }
    if any(&|bar| bar.count > 1) {
        keys.push(LegendKey::new(Sign::Striped(GREY), words::many_spans()));
    }
    if any(&|bar| bar.count == 1 && trace.spans[bar.span].end.is_none()) {
        keys.push(LegendKey::new(Sign::Torn(GREY), words::not_ended()));
    }
    if !trace.marks.is_empty() {
        keys.push(LegendKey::new(Sign::Mark(INK), words::mark()));
    }
    if named {
        for (colour, kind) in kinds {
            keys.push(LegendKey::new(Sign::Bar(colour), &kind));
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
        canvas.text_on_patch((MARGIN, y + 13.0), &words::process(pid), font);
    }
    for &y in &rows.lines {
        canvas.line((MARGIN, y + 1.0), (WIDTH - MARGIN, y + 1.0), GREY, 1.0);
    }
    let heads = rows.processes.iter().map(|&(_, pid)| pid).collect::<Vec<_>>();
    let context = Context { trace, layout, colours, full: rows.bar };
    for (&lane, &y) in layout.lanes.iter().zip(&rows.middles) {
        name(canvas, trace, lane, y, (layout.left, rows.bar, &heads));
        let bars: Vec<&TimelineBar> =
            layout.bars.iter().filter(|bar| bar.lane == lane).collect();
        for bar in &bars {
            context.draw(canvas, bar, y);
        }
        for bar in &bars {
            context.draw_end(canvas, bar, y);
            context.draw_label(canvas, bar, y);
            context.draw_tip(canvas, bar, y);
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
    let unit = words::time_in(unit.name);
    canvas.text((layout.left - 12.0, rows.bottom + 13.0), &unit, font);
}

/// A lane's name and, where there is room, its process or the processors it ran on.
fn name(
    canvas: &mut Canvas<'_>,
    trace: &Trace,
    lane: usize,
    y: f64,
    (left, bar, heads): (f64, f64, &[u32]),
) {
    let size = if bar >= 20.0 { MEDIUM } else { SMALL };
    let room = left - MARGIN - 10.0;
    let this = &trace.lanes[lane];
    // Below the name of its process there is no need to say it again.
    let twice = heads.contains(&this.pid) && this.is_named_after_process();
    let name = if twice { words::main_thread() } else { &this.name };
    let font = Font::new(size, INK).anchor(Anchor::End);
    let several = trace.lanes.iter().any(|other| other.pid != this.pid);
    let cpus = cpus(trace, lane);
    let below =
        if several && !heads.contains(&this.pid) && !this.is_named_after_process() {
            words::process(this.pid)
        } else if cpus == "-" || this.tid == 0 {
            // A lane that is no thread runs on no processor of its own.
            String::new()
        } else {
            words::cpu(cpus)
        };
    if bar < 26.0 || below.is_empty() {
        return canvas.text_in((left - 10.0, y), name, font, room);
    }
    canvas.text_in((left - 10.0, y - 8.0), name, font, room);
    let font = Font::new(SMALL, MUTED).anchor(Anchor::End);
    canvas.text_in((left - 10.0, y + 9.0), &below, font, room);
}

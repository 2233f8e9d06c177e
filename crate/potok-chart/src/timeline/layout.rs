//! Which spans become a bar of their own, and which are merged.

use super::MOST_LANES;
use crate::axis::Scale;
use crate::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use crate::label;
use crate::units::time_unit;
use crate::words;
use potok_base::trace::{Activity, Span, Trace};

/// About how many bytes of the document the bars may take.
const MOST_BYTES: f64 = 200_000.0;
/// A longer row of merged spans is cut into several bars, each with its own density.
const LONGEST_MERGED: f64 = 32.0;
/// Interrupts and the recording itself take a little of every span.
const ALL: f64 = 0.9;
/// What is tried until they fit: bars narrower than so many pixels are merged, spans
/// inside more than so many others are left out.
const COARSER: [(f64, u16); 7] =
    [(1.0, 8), (2.0, 8), (4.0, 4), (8.0, 2), (16.0, 1), (64.0, 1), (1e4, 0)];

/// What is drawn, in pixels from left to right.
pub(super) struct Layout {
    /// Indices of the drawn lanes, those of the same process together.
    pub lanes: Vec<usize>,
    pub left: f64,
    pub right: f64,
    /// Time in seconds.
    pub scale: Scale,
    /// Outer bars before the ones within them.
    pub bars: Vec<TimelineBar>,
}

/// A bar of one or more spans.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimelineBar {
    pub lane: usize,
    pub depth: u16,
    pub left: f64,
    pub right: f64,
    /// The first of its spans; the first running one, if they differ in that.
    pub span: usize,
    /// How many it stands for.
    pub count: usize,
    /// What they do; `None` if they differ in that.
    pub activity: Option<Activity>,
    /// Whether all that do the same as the first have its label.
    pub same_label: bool,
    /// How many of its pixels are filled by running; by waiting, if that is all it does.
    pub filled: f64,
    /// The part of its time in which its thread was on a core; 1 where nobody knows.
    pub on_core: f64,
}

/// What timelines that are to be compared have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    /// How many seconds the width of the picture is.
    length: f64,
    /// Where the names end and time begins.
    left: f64,
}

impl Common {
    pub(super) fn of(traces: &[&Trace]) -> Self {
        let length = |trace: &&Trace| {
            let (start, end) = range(trace);
            end - start
        };
        let room = |trace: &&Trace| room_for_names(trace);
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        Common {
            length: most(&mut traces.iter().map(length)),
            left: most(&mut traces.iter().map(room)),
        }
    }
}

impl Layout {
    /// Whether a running bar is drawn whose thread was not on a core all the time.
    pub(super) fn shows_parts(&self) -> bool {
        self.bars.iter().any(TimelineBar::is_part)
    }

    pub(super) fn of(trace: &Trace, common: &Common) -> Self {
        let (lanes, left) = (lanes_by_process(trace), common.left);
        let right = WIDTH - MARGIN - 10.0;
        let (start, _) = range(trace);
        let scale = Scale::linear((start, start + common.length), (left, right));
        let mut layout = Layout { lanes, left, right, scale, bars: vec![] };
        let on_core = trace.on_core();
        for (finest, deepest) in COARSER {
            layout.bars = bars(trace, &on_core, &layout, finest, deepest);
            if layout.bars.iter().map(bytes).sum::<f64>() <= MOST_BYTES {
                break;
            }
        }
        layout
    }
}

/// Where the names of the lanes end.
fn room_for_names(trace: &Trace) -> f64 {
    let units = [1e-3, 1e-6]
        .map(|time| label::width(&words::time_in(time_unit(time).name), SMALL));
    let widest = trace
        .lanes
        .iter()
        .take(MOST_LANES)
        .map(|lane| label::width(&label::clean(&lane.name), MEDIUM))
        .chain(units)
        .fold(0.0, f64::max);
    let process = label::width(&words::process(1_234_567), SMALL);
    let several = trace.lanes.iter().any(|lane| lane.pid != trace.lanes[0].pid);
    let widest = if several { widest.max(process) } else { widest };
    MARGIN + widest.clamp(56.0, 190.0) + 12.0
}

/// The drawn lanes, ordered by the first appearance of their process.
fn lanes_by_process(trace: &Trace) -> Vec<usize> {
    let mut pids: Vec<u32> = vec![];
    for lane in &trace.lanes {
        if !pids.contains(&lane.pid) {
            pids.push(lane.pid);
        }
    }
    let process = |lane: &usize| {
        let pid = trace.lanes[*lane].pid;
        pids.iter().position(|other| *other == pid)
    };
    let mut lanes: Vec<usize> = (0..trace.lanes.len().min(MOST_LANES)).collect();
    lanes.sort_by_key(process);
    lanes
}

/// The stretch of time that is drawn, in seconds. It begins with the recording, unless
/// nothing happened for most of that time.
fn range(trace: &Trace) -> (f64, f64) {
    let ends = trace.spans.iter().map(|span| trace.end_of(span));
    let end = ends.chain(trace.marks.iter().map(|mark| mark.at)).max();
    let starts = trace.spans.iter().map(|span| span.start);
    let start = starts.chain(trace.marks.iter().map(|mark| mark.at)).min();
    let end = end.unwrap_or_default().as_secs_f64();
    let start = start.unwrap_or_default().as_secs_f64();
    if start > end / 2.0 { (start, end) } else { (0.0, end) }
}

/// About how many bytes a bar takes: dashes and stripes are paid by their length.
fn bytes(bar: &TimelineBar) -> f64 {
    let each = match (bar.count, bar.activity) {
        (2.., _) => 45.0 / 4.0,
        (_, Some(Activity::Waiting)) => 5.0,
        _ => 0.0,
    };
    300.0 + each * (bar.right - bar.left)
}

fn bars(
    trace: &Trace,
    on_core: &[Option<f64>],
    Layout { lanes, scale, .. }: &Layout,
    finest: f64,
    deepest: u16,
) -> Vec<TimelineBar> {
    let drawn = |span: &Span| lanes.contains(&span.lane) && span.depth <= deepest;
    let mut spans: Vec<usize> =
        (0..trace.spans.len()).filter(|&i| drawn(&trace.spans[i])).collect();
    spans.sort_by_key(|&i| {
        let span = &trace.spans[i];
        (span.depth, span.lane, span.start)
    });
    let mut bars: Vec<TimelineBar> = vec![];
    for i in spans {
        let span = &trace.spans[i];
        let left = scale.at(span.start.as_secs_f64());
        let right = scale.at(trace.end_of(span).as_secs_f64());
        let part = match span.activity {
            Activity::Running => on_core[i].unwrap_or(1.0),
            Activity::Waiting => 1.0,
        };
        let bar = TimelineBar {
            lane: span.lane,
            depth: span.depth,
            left,
            right: right.max(left + finest),
            span: i,
            count: 1,
            activity: Some(span.activity),
            same_label: true,
            filled: (right - left) * part,
            on_core: part,
        };
        let narrow = |b: &TimelineBar| b.count > 1 || b.right - b.left < finest * 1.5;
        let may_join = narrow(&bar) && (span.end.is_some() || finest > 50.0);
        // What lies within a bar that is narrow itself is a part of that.
        if may_join
            && let Some(outer) = around(&mut bars, &bar)
            && narrow(outer)
        {
            outer.take_in(&bar, trace);
            continue;
        }
        // A narrow bar joins the one to its left if that is narrow or merged too.
        match bars.last_mut() {
            Some(last)
                if (last.lane, last.depth) == (bar.lane, bar.depth)
                    && may_join
                    && narrow(last)
                    && left - last.right < finest
                    && last.right - last.left < LONGEST_MERGED.max(finest) =>
            {
                last.take_next(&bar, trace);
            }
            _ => bars.push(bar),
        }
    }
    bars
}

/// The bar that `inner` lies within. Bars are in the order of depth, lane and left side.
fn around<'a>(
    bars: &'a mut [TimelineBar],
    inner: &TimelineBar,
) -> Option<&'a mut TimelineBar> {
    let outer = (inner.depth.checked_sub(1)?, inner.lane);
    let after = bars.partition_point(|bar| {
        let place = (bar.depth, bar.lane);
        place < outer || (place == outer && bar.left <= inner.left)
    });
    let bar = bars[..after].last_mut()?;
    ((bar.depth, bar.lane) == outer && inner.left < bar.right).then_some(bar)
}

impl TimelineBar {
    /// Whether its thread was on a core for so little of it that it has to be seen.
    pub(super) fn is_part(&self) -> bool {
        self.count == 1
            && self.activity == Some(Activity::Running)
            && self.on_core < ALL
    }

    /// Merges a narrow bar to the right.
    fn take_next(&mut self, next: &TimelineBar, trace: &Trace) {
        let filled = match (self.activity, next.activity) {
            (Some(Activity::Waiting), Some(Activity::Running)) => next.filled,
            (Some(Activity::Running) | None, Some(Activity::Waiting)) => self.filled,
            _ => self.filled + next.filled,
        };
        self.right = self.right.max(next.right);
        self.mix(next, trace);
        self.filled = filled;
    }

    /// Merges a narrow bar within this one.
    fn take_in(&mut self, inner: &TimelineBar, trace: &Trace) {
        let filled = match (self.activity, inner.activity) {
            (Some(Activity::Waiting), Some(Activity::Running)) => inner.filled,
            (Some(Activity::Running) | None, Some(Activity::Waiting)) => {
                self.filled - inner.filled
            }
            (None, _) => self.filled + inner.filled,
            _ => self.filled,
        };
        self.mix(inner, trace);
        self.filled = filled;
    }

    fn mix(&mut self, other: &TimelineBar, trace: &Trace) {
        let runs = |bar: &TimelineBar| bar.activity != Some(Activity::Waiting);
        match (runs(self), runs(other)) {
            (false, true) => {
                (self.span, self.same_label) = (other.span, other.same_label);
            }
            (true, false) => {}
            _ => {
                let label = |bar: &TimelineBar| &trace.spans[bar.span].label;
                self.same_label &= label(self) == label(other);
            }
        }
        self.activity = self.activity.filter(|_| self.activity == other.activity);
        self.count += other.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_base::trace::Lane;
    use std::time::Duration;

    fn trace(n: u64, long: u64) -> Trace {
        let span = |i| Span {
            lane: 0,
            label: "x".into(),
            activity: Activity::Running,
            start: Duration::from_micros(i * 2 * long),
            end: Some(Duration::from_micros(i * 2 * long + long)),
            cpu_start: None,
            cpu_end: None,
            depth: 0,
            cpu_time: None,
        };
        Trace {
            lanes: vec![Lane { name: "a".into(), pid: 1, tid: 1 }],
            spans: (0..n).map(span).collect(),
            ..Trace::default()
        }
    }

    fn alone(trace: &Trace) -> Layout {
        Layout::of(trace, &Common::of(&[trace]))
    }

    #[test]
    fn few_spans_stay_apart() {
        let bars = alone(&trace(10, 500)).bars;
        assert_eq!(bars.len(), 10);
        assert!(bars.iter().all(|bar| bar.count == 1));
    }

    #[test]
    fn thousands_of_spans_are_merged_and_none_is_lost() {
        let bars = alone(&trace(3_000, 1)).bars;
        assert!(bars.len() < 30, "{}", bars.len());
        // Each is followed by a pause of the same length.
        let filled: f64 = bars.iter().map(|bar| bar.filled).sum();
        let wide: f64 = bars.iter().map(|bar| bar.right - bar.left).sum();
        assert!((filled / wide - 0.5).abs() < 0.05, "{filled} of {wide}");
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), 3_000);
    }
}

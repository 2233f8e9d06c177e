//! Sums over a trace. Where spans nest, the innermost one says what the lane did.

use super::{Activity, Span, Trace};
use std::time::Duration;

/// A stretch of a lane during which the same span was the innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index into [`Trace::spans`].
    pub span: usize,
    /// When it began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// What the lane did.
    pub activity: Activity,
}

impl Trace {
    /// The time from the first start to the last end; zero for an empty trace.
    ///
    /// A span that never ended counts up to the end of the recording.
    pub fn makespan(&self) -> Duration {
        let start = self.spans.iter().map(|span| span.start).min();
        let end = self.spans.iter().map(|span| self.end_of(span)).max();
        start.zip(end).map_or(Duration::ZERO, |(start, end)| end.saturating_sub(start))
    }

    /// How long each lane ran (waiting left out), in the order of [`Trace::lanes`].
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let trace = record(|rec| {
    ///     rec.span("work", || busy(ms(4)));
    ///     rec.wait("disk", || wait(ms(8)));
    /// });
    /// let busy = trace.busy_time()[0];
    /// assert!(busy >= ms(4) && busy <= trace.makespan() - ms(8));
    /// ```
    pub fn busy_time(&self) -> Vec<Duration> {
        (0..self.lanes.len())
            .map(|lane| self.running(lane).map(|(start, end)| end - start).sum())
            .collect()
    }

    /// How long two or more lanes ran at the same time.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// use std::{sync::Barrier, thread};
    /// let both = Barrier::new(2);
    /// let trace = record(|rec| {
    ///     thread::scope(|s| {
    ///         for _ in 0..2 {
    ///             s.spawn(|| {
    ///                 rec.span("a", || {
    ///                     both.wait();
    ///                     busy(ms(1));
    ///                     both.wait();
    ///                 })
    ///             });
    ///         }
    ///     });
    /// });
    /// assert!(trace.overlap() >= ms(1));
    /// ```
    pub fn overlap(&self) -> Duration {
        self.running_together().iter().skip(2).sum()
    }

    /// Element *k* is how long exactly *k* lanes ran at the same time, within the
    /// makespan. Element 0 is the time in which none did.
    fn running_together(&self) -> Vec<Duration> {
        let mut edges = vec![];
        for lane in 0..self.lanes.len() {
            for (start, end) in self.running(lane) {
                edges.extend([(start, 1_i32), (end, -1)]);
            }
        }
        // An end sorts before a start at the same instant: touching is not overlapping.
        edges.sort_unstable();
        let mut together = vec![Duration::ZERO; self.lanes.len() + 1];
        let mut now = 0;
        for pair in edges.windows(2) {
            now += pair[0].1;
            together[now as usize] += pair[1].0 - pair[0].0;
        }
        let ran: Duration = together.iter().skip(1).sum();
        together[0] = self.makespan().saturating_sub(ran);
        together
    }

    /// What a lane did at each moment, in time order, without overlaps.
    pub fn segments(&self, lane: usize) -> Vec<Segment> {
        let mine: Vec<usize> =
            (0..self.spans.len()).filter(|&i| self.spans[i].lane == lane).collect();
        let mut edges: Vec<(Duration, bool, usize)> = mine
            .iter()
            .flat_map(|&i| {
                let span = &self.spans[i];
                [(span.start, true, i), (self.end_of(span), false, i)]
            })
            // An end sorts before a start: a span of no length would never be closed.
            .filter(|&(_, _, i)| self.end_of(&self.spans[i]) > self.spans[i].start)
            .collect();
        edges.sort_unstable_by_key(|&(at, opens, _)| (at, opens));

        let mut open: Vec<usize> = vec![];
        let mut segments: Vec<Segment> = vec![];
        let mut since = Duration::ZERO;
        for (at, opens, i) in edges {
            // The innermost of the open spans; of two equals, the later one.
            if let Some(&span) = open.iter().max_by_key(|&&i| (self.spans[i].depth, i))
                && at > since
            {
                push_segment(&mut segments, span, since, at, self.spans[span].activity);
            }
            since = at;
            if opens {
                open.push(i);
            } else {
                open.retain(|&other| other != i);
            }
        }
        segments
    }

    /// When `span` ended, or the end of the recording if it had not.
    pub fn end_of(&self, span: &Span) -> Duration {
        span.end.unwrap_or(self.recorded).max(span.start)
    }

    fn running(&self, lane: usize) -> impl Iterator<Item = (Duration, Duration)> {
        self.segments(lane)
            .into_iter()
            .filter(|segment| segment.activity == Activity::Running)
            .map(|segment| (segment.start, segment.end))
    }
}

fn push_segment(
    segments: &mut Vec<Segment>,
    span: usize,
    start: Duration,
    end: Duration,
    activity: Activity,
) {
    match segments.last_mut() {
        Some(last) if last.span == span && last.end == start => last.end = end,
        _ => segments.push(Segment { span, start, end, activity }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Lane;
    use super::*;
    use crate::workload::ms;
    use Activity::{Running, Waiting};

    fn trace(spans: &[(usize, Activity, u64, Option<u64>, u16)]) -> Trace {
        let lanes = spans.iter().map(|s| s.0 + 1).max().unwrap_or(0);
        let lane = |i| Lane { name: format!("thread {i}"), pid: 1, tid: i };
        Trace {
            lanes: (0..lanes as u64).map(lane).collect(),
            spans: spans
                .iter()
                .map(|&(lane, activity, start, end, depth)| Span {
                    lane,
                    label: "x".into(),
                    activity,
                    start: ms(start),
                    end: end.map(ms),
                    cpu_start: None,
                    cpu_end: None,
                    depth,
                    cpu_time: None,
                })
                .collect(),
            recorded: ms(100),
            ..Trace::default()
        }
    }

    #[test]
    fn a_span_of_no_length_takes_no_time() {
        let trace =
            trace(&[(0, Running, 10, Some(10), 0), (0, Running, 50, Some(60), 0)]);
        assert_eq!(trace.busy_time(), [ms(10)]);
    }

    #[test]
    fn the_sums_of_an_empty_trace_are_zero() {
        let empty = Trace::default();
        assert_eq!(empty.makespan(), ms(0));
        assert_eq!(empty.overlap(), ms(0));
        assert!(empty.busy_time().is_empty());
    }

    #[test]
    fn overlap_counts_only_the_common_part() {
        let trace =
            trace(&[(0, Running, 0, Some(30), 0), (1, Running, 20, Some(50), 0)]);
        assert_eq!(trace.overlap(), ms(10));
        assert_eq!(trace.makespan(), ms(50));
        assert_eq!(trace.running_together(), [ms(0), ms(40), ms(10)]);
    }

    #[test]
    fn touching_is_not_overlapping() {
        let trace =
            trace(&[(0, Running, 0, Some(30), 0), (1, Running, 30, Some(50), 0)]);
        assert_eq!(trace.overlap(), ms(0));
    }

    #[test]
    fn a_nested_wait_is_not_busy() {
        let trace =
            trace(&[(0, Running, 0, Some(30), 0), (0, Waiting, 10, Some(20), 1)]);
        assert_eq!(trace.busy_time(), [ms(20)]);
        let activities: Vec<_> = trace.segments(0).iter().map(|s| s.activity).collect();
        assert_eq!(activities, [Running, Waiting, Running]);
    }

    #[test]
    fn a_span_that_never_ends_lasts_to_the_end_of_the_recording() {
        let trace = trace(&[(0, Running, 60, None, 0)]);
        assert_eq!(trace.makespan(), ms(40));
        assert_eq!(trace.spans[0].duration(), None);
    }

    proptest::proptest! {
        #[test]
        fn times_together_add_up_to_the_makespan(
            spans in proptest::collection::vec((0usize..4, 0u64..80, 0u64..20), 1..40)
        ) {
            let spans: Vec<_> = spans
                .into_iter()
                .map(|(lane, start, len)| (lane, Running, start, Some(start + len), 0))
                .collect();
            let trace = trace(&spans);
            let total: Duration = trace.running_together().iter().sum();
            assert_eq!(total, trace.makespan());
            let weighted: Duration = trace
                .running_together()
                .iter()
                .zip(0u32..)
                .map(|(&time, k)| time * k)
                .sum();
            assert_eq!(weighted, trace.busy_time().iter().sum());
        }
    }
}

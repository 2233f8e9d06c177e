//! Which part of a span its thread was really on a core.
//!
//! *What to notice*: a thread that is ready but has to wait for a core is told nothing, so
//! its span goes on. The system counts the processor time of each thread; less of it than
//! the span lasted means that another had the core, or that the thread slept.
//!
//! How much, and not when: the system tells the moments of its switches to tracers alone,
//! which need rights that a notebook has not. A thread that looked at the others' clocks every
//! millisecond would itself wait for a core whenever there is something to see, and it would
//! be a thread beside each fork. `scheduling::take_turns` shows the moments, of threads that do
//! nothing but read the clock.

use super::{Activity, Trace};
use std::time::Duration;

/// What of a span is its own: without the spans within it.
#[derive(Clone, Copy, Debug)]
struct Own {
    wall: Duration,
    /// `None` where it is not known.
    cpu: Option<Duration>,
}

impl Trace {
    /// For each span, the part of its own time, between 0 and 1, in which its thread was on
    /// a core. The time of nested spans is theirs. `None` where the system's count is not
    /// known: of a process that was killed, in a trace that was not recorded but computed.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let trace = record(|rec| rec.span("sleeps, says it runs", || wait(ms(20))));
    /// assert!(trace.on_core()[0].is_some_and(|part| part < 0.5));
    /// ```
    pub fn on_core(&self) -> Vec<Option<f64>> {
        let part = |own: Own| {
            let wall = own.wall.as_secs_f64();
            own.cpu
                .filter(|_| wall > 0.0)
                .map(|cpu| (cpu.as_secs_f64() / wall).min(1.0))
        };
        self.own_times().into_iter().map(part).collect()
    }

    /// The processor time of a lane's running spans; `None` where one is not known.
    pub fn cpu_time(&self, lane: usize) -> Option<Duration> {
        let own = self.own_times();
        let runs = self.spans.iter().zip(own).filter(|(span, _)| {
            span.lane == lane && span.activity == Activity::Running
        });
        runs.map(|(_, own)| own.cpu).sum()
    }

    fn own_times(&self) -> Vec<Own> {
        let whole = self.spans.iter().map(|span| Own {
            wall: self.end_of(span) - span.start,
            cpu: span.cpu_time,
        });
        let mut own: Vec<Own> = whole.collect();
        let mut order: Vec<usize> = (0..self.spans.len()).collect();
        order.sort_by_key(|&i| {
            let span = &self.spans[i];
            (span.lane, span.start, span.depth)
        });
        // The spans that the next one may lie within, the innermost last.
        let mut around: Vec<usize> = vec![];
        for i in order {
            let span = &self.spans[i];
            let outer = |o: usize| {
                let outer = &self.spans[o];
                outer.lane == span.lane
                    && outer.depth < span.depth
                    && self.end_of(outer) >= self.end_of(span)
            };
            while around.last().is_some_and(|&o| !outer(o)) {
                around.pop();
            }
            if let Some(&o) = around.last() {
                let wall = self.end_of(span) - span.start;
                own[o].wall = own[o].wall.saturating_sub(wall);
                own[o].cpu = own[o].cpu.and_then(|all| match span.activity {
                    // A wait without a measured time is taken to have used none.
                    Activity::Waiting => {
                        Some(all.saturating_sub(span.cpu_time.unwrap_or_default()))
                    }
                    Activity::Running => Some(all.saturating_sub(span.cpu_time?)),
                });
            }
            around.push(i);
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Recorder, record};
    use crate::workload::{busy, ms, wait};
    use std::sync::mpsc;

    #[test]
    fn the_time_of_inner_spans_is_theirs() {
        let trace = record(|rec| {
            rec.span("outer", || {
                busy(ms(10));
                rec.wait("inner", || wait(ms(30)));
            });
        });
        let spans = &trace.spans;
        let cpu = spans[0].cpu_time.unwrap();
        assert!(cpu >= ms(10) && cpu <= spans[0].duration().unwrap());
        let parts: Vec<f64> = trace.on_core().into_iter().map(Option::unwrap).collect();
        // A quarter at most of the whole, but far more of what is its own.
        let own = spans[0].duration().unwrap() - spans[1].duration().unwrap();
        let least = ms(10).as_secs_f64() / own.as_secs_f64();
        assert!(parts[0] >= least.min(1.0) - 0.05, "{parts:?}, {least}");
        assert!(parts[1] < 0.5, "{parts:?}");
        assert!(trace.cpu_time(0).unwrap() >= ms(10));
    }

    #[test]
    fn a_span_that_goes_on_has_the_time_used_so_far() {
        let rec = Recorder::new();
        let (told, open) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let sleeper = rec.clone();
        let thread = std::thread::spawn(move || {
            sleeper.span("sleeps", || {
                told.send(()).unwrap();
                let _ = ended.recv();
            });
        });
        open.recv().unwrap();
        let _computes = rec.enter("computes");
        busy(ms(20));
        let trace = rec.trace();
        drop(end);
        thread.join().unwrap();
        let of = |label: &str| {
            let at = trace.spans.iter().position(|span| span.label == label).unwrap();
            assert_eq!(trace.spans[at].end, None);
            (trace.on_core()[at].unwrap(), trace.spans[at].cpu_time.unwrap())
        };
        assert!(of("sleeps").0 < 0.5, "{trace:?}");
        assert!(of("computes").1 >= ms(20), "{trace:?}");
    }

    #[test]
    fn a_lane_that_is_no_thread_has_the_processor_time_of_those_who_record_on_it() {
        let trace = record(|rec| {
            let (ann, bob) = (rec.lane("ann"), rec.lane("bob"));
            std::thread::scope(|s| {
                s.spawn(move || ann.span("works", || wait(ms(30))));
                s.spawn(move || bob.span("computes", || busy(ms(10))));
            });
        });
        let of = |label: &str| {
            let at = trace.spans.iter().position(|span| span.label == label).unwrap();
            (trace.on_core()[at].unwrap(), trace.spans[at].cpu_time.unwrap())
        };
        assert!(of("works").0 < 0.5, "{trace:?}");
        assert!(of("computes").1 >= ms(10), "{trace:?}");
    }
}

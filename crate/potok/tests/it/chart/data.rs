//! Fixed traces and measurements to draw.

use potok::measure::{Given, Machine, SpeedupPoint};
use potok::prelude::*;
use potok::trace::{Lane, Mark, Message, QueueLength, Span};
use std::time::Duration;

/// Lane, label, from and to in microseconds, depth; `~` before a label for a wait.
pub(super) type Row<'a> = (usize, &'a str, u64, u64, u16);

pub(super) fn us(n: u64) -> Duration {
    Duration::from_micros(n)
}

pub(super) fn trace(lanes: &[(&str, u32)], rows: &[Row<'_>]) -> Trace {
    let lane = |(i, (name, pid)): (usize, &(&str, u32))| Lane {
        name: (*name).to_owned(),
        pid: *pid,
        tid: 100 + i as u64,
    };
    let span = |&(lane, label, start, end, depth): &Row<'_>| Span {
        lane,
        label: label.trim_start_matches('~').to_owned().into(),
        activity: if label.starts_with('~') {
            Activity::Waiting
        } else {
            Activity::Running
        },
        start: us(start),
        end: (end > start).then_some(us(end)),
        cpu_start: Some(lane as u32 % 2),
        cpu_end: Some(u32::from(lane == 1)),
        depth,
        cpu_time: None,
    };
    Trace {
        lanes: lanes.iter().enumerate().map(lane).collect(),
        spans: rows.iter().map(span).collect(),
        recorded: us(rows.iter().map(|row| row.3.max(row.2 + 500)).max().unwrap_or(0)),
        ..Trace::default()
    }
}

pub(super) fn mark(lane: usize, label: &str, at: u64) -> Mark {
    Mark { lane, label: label.to_owned().into(), at: us(at) }
}

pub(super) fn few() -> Trace {
    let mut trace = trace(
        &[("main", 7), ("ann", 7), ("bob", 7)],
        &[
            (0, "~join", 400, 12_300, 0),
            (1, "compute", 300, 8_200, 0),
            (1, "~lock", 3_000, 4_800, 1),
            (2, "compute", 350, 5_100, 0),
            (2, "parse", 1_000, 3_000, 1),
            (2, "~disk", 5_100, 9_000, 0),
            (2, "write", 9_000, 0, 0),
        ],
    );
    trace.recorded = us(12_400);
    trace.marks = vec![
        mark(1, "got the lock", 4_800),
        mark(2, "tick", 2_000),
        mark(2, "tick", 2_020),
        mark(2, "request sent", 12_300),
    ];
    trace
}

pub(super) fn many() -> Trace {
    let mut rows: Vec<Row<'_>> = vec![];
    for i in 0..750 {
        let at = i * 120;
        rows.push((0, "handle request", at, at + 40, 0));
        rows.push((0, "~socket", at + 40, at + 120, 0));
        let at = i * i / 7;
        rows.push((1, "step", at, at + 1 + i / 5, 0));
        rows.push((
            2,
            if i % 3 == 0 { "map" } else { "reduce" },
            i * 130,
            i * 130 + 5,
            0,
        ));
    }
    trace(&[("server", 1), ("worker 1", 1), ("worker 2", 1)], &rows)
}

pub(super) fn processes() -> Trace {
    let mut rows: Vec<Row<'_>> = vec![(0, "~collect", 100, 9_000, 0)];
    for i in 0..8 {
        let at = 500 + (i / 4) * 3_000 + (i % 4) * 90;
        rows.push((1 + i as usize % 4, "fib", at, at + 2_700 - 100 * i, 0));
    }
    let lanes =
        [("main", 4_100), ("a", 4_117), ("b", 4_117), ("a", 4_118), ("b", 4_118)];
    trace(&lanes, &rows)
}

pub(super) fn samples(label: &str, runs: &[u64]) -> Samples {
    Samples::new(label, runs.iter().copied().map(us).collect()).unwrap()
}

pub(super) fn measured(label: &str, cores: usize, runs: &[(usize, &[u64])]) -> Speedup {
    Speedup {
        label: label.to_owned(),
        points: runs
            .iter()
            .map(|&(workers, runs)| SpeedupPoint {
                workers,
                samples: samples(label, runs),
                given: None,
            })
            .collect(),
        machine: Machine { cores, build: "opt-level 2, debug checks on".to_owned() },
    }
}

pub(super) fn primes(cores: usize) -> Speedup {
    let runs: [(usize, &[u64]); 4] = [
        (1, &[100_000, 101_000, 104_000, 99_000, 100_500]),
        (2, &[53_000, 52_000, 60_000, 51_500, 54_000]),
        (4, &[31_000, 29_000, 36_000, 30_000, 30_500]),
        (8, &[20_000, 19_000, 27_000, 19_500, 20_500]),
    ];
    measured("primes below 2 000 000", cores, &runs)
}

/// The same with what the machine gave: cores, and those that were kept busy.
pub(super) fn with_given(
    speedup: Speedup,
    given: &[(f64, f64)],
    waited: f64,
) -> Speedup {
    let given = given.iter().map(|&(cores, busy)| {
        Some(Given { cores, busy, waited: Some(waited), stolen: Some(0.0) })
    });
    let points = speedup.points.into_iter().zip(given);
    let points = points.map(|(point, given)| SpeedupPoint { given, ..point }).collect();
    Speedup { points, ..speedup }
}

/// Eight workers on two cores.
pub(super) fn two_cores() -> Speedup {
    let runs: [(usize, &[u64]); 4] = [
        (1, &[100_000, 101_000, 104_000, 99_000, 100_500]),
        (2, &[53_000, 52_000, 60_000, 51_500, 54_000]),
        (4, &[53_500, 52_700, 61_000, 52_500, 54_500]),
        (8, &[54_000, 53_000, 64_000, 53_500, 55_000]),
    ];
    measured("primes below 2 000 000", 2, &runs)
}

/// Not faster with more workers.
pub(super) fn flat(cores: usize) -> Speedup {
    let runs: [(usize, &[u64]); 3] = [
        (1, &[100_000, 101_000, 104_000]),
        (2, &[98_000, 99_000, 110_000]),
        (4, &[99_000, 99_700, 121_000]),
    ];
    measured("primes below 2 000 000", cores, &runs)
}

/// From lane, to lane, label, sent and received in microseconds.
pub(super) type Sent<'a> = (usize, usize, &'a str, u64, u64);

pub(super) fn with_messages(trace: Trace, messages: &[Sent<'_>]) -> Trace {
    let message = |&(from, to, label, sent, received): &Sent<'_>| Message {
        from,
        to,
        label: label.to_owned().into(),
        sent: us(sent),
        received: us(received),
    };
    Trace { messages: messages.iter().map(message).collect(), ..trace }
}

pub(super) fn requests() -> Trace {
    let lanes = [("client", 40), ("main", 41), ("worker 1", 41), ("worker 2", 41)];
    let spans = [
        (0, "~response", 120, 9_400, 0),
        (1, "accept", 300, 700, 0),
        (2, "read the page", 900, 5_000, 0),
        (3, "write the log", 1_100, 8_000, 0),
        (3, "~disk", 2_000, 7_000, 1),
    ];
    let messages = [
        (0, 1, "GET /", 100, 300),
        (1, 2, "request 1", 600, 900),
        (1, 3, "log it", 650, 1_100),
        (2, 0, "200 OK, 1 432 bytes", 5_000, 9_400),
        (3, 1, "done", 8_000, 8_100),
        (1, 1, "note to self", 8_200, 8_300),
    ];
    with_messages(trace(&lanes, &spans), &messages)
}

pub(super) fn queue(name: &str, changes: &[(u64, usize)], until: u64) -> QueueLength {
    let changes = changes.iter().map(|&(at, length)| (us(at), length)).collect();
    QueueLength { name: name.to_owned(), changes, until: us(until) }
}

/// Four threads that compute on two cores: each is on one for half of the time.
pub(super) fn shared_cores() -> Trace {
    let lanes = ["ann", "bob", "cid", "dee"].map(|name| (name, 1));
    let mut rows: Vec<Row<'_>> = (0..4)
        .map(|lane| (lane, "compute", 0, 100_000 + 900 * lane as u64, 0))
        .collect();
    rows.push((1, "~disk", 100_900, 130_000, 0));
    let mut trace = trace(&lanes, &rows);
    for (span, cpu) in trace.spans.iter_mut().zip([52_000, 99_900, 31_000, 15_000, 20])
    {
        span.cpu_time = Some(us(cpu));
    }
    trace
}

//! Pictures from fixed data equal the stored ones, whatever the labels they are harmless,
//! and bad data is an error value.
//!
//! `POTOK_BLESS=1 cargo test --test it` stores the pictures anew: look at them then.

use potok::chart::{self, Axis, Bar, Picture};
use potok::measure::{Machine, SpeedupPoint};
use potok::prelude::*;
use potok::trace::{Lane, Mark, Message, QueueLength, Span};
use proptest::prelude::*;
use std::path::Path;
use std::time::Duration;

/// Compares a picture with the stored one and checks what holds for all pictures.
fn golden(name: &str, picture: potok::Result<Picture>) {
    let picture = picture.unwrap();
    well_formed(&picture);
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for (ending, new) in [("svg", &picture.svg), ("txt", &picture.text)] {
        let path = dir.join(format!("{name}.{ending}"));
        if std::env::var_os("POTOK_BLESS").is_some() {
            std::fs::write(&path, new).unwrap();
        }
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            old == *new,
            "{} differs from the picture; if the new one is right, store it with \
             POTOK_BLESS=1",
            path.display()
        );
    }
}

fn well_formed(picture: &Picture) {
    let svg = roxmltree::Document::parse(&picture.svg).unwrap();
    let root = svg.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let text_of = |tag: &str| {
        let mut nodes = root.children().filter(|node| node.has_tag_name(tag));
        nodes.next().and_then(|node| node.text()).unwrap_or_default().to_owned()
    };
    assert_eq!(text_of("title"), picture.title);
    assert_eq!(text_of("desc"), picture.description);
    assert!(!picture.svg.contains("<script"));
    assert!(picture.svg.len() < 300_000, "{} bytes", picture.svg.len());
    assert!(picture.text.lines().count() < 120);
    let tags = [
        "svg", "title", "desc", "rect", "line", "polyline", "polygon", "circle", "text",
    ];
    assert!(
        svg.descendants()
            .all(|n| !n.is_element() || tags.contains(&n.tag_name().name()))
    );
}

/// Lane, label, from and to in microseconds, depth; `~` before a label for a wait.
type Row<'a> = (usize, &'a str, u64, u64, u16);

fn us(n: u64) -> Duration {
    Duration::from_micros(n)
}

fn trace(lanes: &[(&str, u32)], rows: &[Row<'_>]) -> Trace {
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
    };
    Trace {
        lanes: lanes.iter().enumerate().map(lane).collect(),
        spans: rows.iter().map(span).collect(),
        recorded: us(rows.iter().map(|row| row.3.max(row.2 + 500)).max().unwrap_or(0)),
        ..Trace::default()
    }
}

fn mark(lane: usize, label: &str, at: u64) -> Mark {
    Mark { lane, label: label.to_owned().into(), at: us(at) }
}

fn few() -> Trace {
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

fn many() -> Trace {
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

fn processes() -> Trace {
    let mut rows: Vec<Row<'_>> = vec![(0, "~collect", 100, 9_000, 0)];
    for i in 0..8 {
        let at = 500 + (i / 4) * 3_000 + (i % 4) * 90;
        rows.push((1 + i as usize % 4, "fib", at, at + 2_700 - 100 * i, 0));
    }
    let lanes =
        [("main", 4_100), ("a", 4_117), ("b", 4_117), ("a", 4_118), ("b", 4_118)];
    trace(&lanes, &rows)
}

fn samples(label: &str, runs: &[u64]) -> Samples {
    Samples::new(label, runs.iter().copied().map(us).collect()).unwrap()
}

fn measured(label: &str, cores: usize, runs: &[(usize, &[u64])]) -> Speedup {
    Speedup {
        label: label.to_owned(),
        points: runs
            .iter()
            .map(|&(workers, runs)| SpeedupPoint {
                workers,
                samples: samples(label, runs),
            })
            .collect(),
        machine: Machine { cores, build: "opt-level 2, debug checks on".to_owned() },
    }
}

fn primes(cores: usize) -> Speedup {
    let runs: [(usize, &[u64]); 4] = [
        (1, &[100_000, 101_000, 104_000, 99_000, 100_500]),
        (2, &[53_000, 52_000, 60_000, 51_500, 54_000]),
        (4, &[31_000, 29_000, 36_000, 30_000, 30_500]),
        (8, &[20_000, 19_000, 27_000, 19_500, 20_500]),
    ];
    measured("primes below 2 000 000", cores, &runs)
}

#[test]
fn a_timeline_of_few_spans() {
    golden(
        "timeline_few",
        chart::timeline("Ann holds the lock, Bob reads a file", &few()),
    );
}

#[test]
fn a_timeline_of_thousands_of_spans() {
    golden("timeline_many", chart::timeline("3,000 spans on three threads", &many()));
}

#[test]
fn a_timeline_of_processes() {
    golden(
        "timeline_processes",
        chart::timeline("Two processes of two threads", &processes()),
    );
}

#[test]
fn a_timeline_of_many_lanes() {
    let names: Vec<String> = (0..70).map(|i| format!("поток {i}")).collect();
    let lanes: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let labels: Vec<String> = (0..70).map(|i| format!("chunk {i}")).collect();
    let rows: Vec<Row<'_>> = (0..70)
        .map(|i| (i, &*labels[i], 100 * i as u64, 100 * i as u64 + 900, 0))
        .collect();
    golden(
        "timeline_lanes",
        chart::timeline("70 threads in turn", &trace(&lanes, &rows)),
    );
}

#[test]
fn a_speedup_with_more_workers_than_cores() {
    golden(
        "speedup_two_cores",
        chart::speedup(&{
            let runs: [(usize, &[u64]); 4] = [
                (1, &[100_000, 101_000, 104_000, 99_000, 100_500]),
                (2, &[53_000, 52_000, 60_000, 51_500, 54_000]),
                (4, &[53_500, 52_700, 61_000, 52_500, 54_500]),
                (8, &[54_000, 53_000, 64_000, 53_500, 55_000]),
            ];
            measured("primes below 2 000 000", 2, &runs)
        }),
    );
}

#[test]
fn a_speedup_with_enough_cores() {
    golden("speedup", chart::speedup(&primes(8)));
}

#[test]
fn speedups_side_by_side() {
    let threads = measured(
        "CPython threads",
        8,
        &[
            (1, &[100_000, 101_000, 104_000]),
            (2, &[103_000, 102_000, 110_000]),
            (4, &[107_000, 104_000, 121_000]),
            (8, &[110_000, 108_000, 130_000]),
        ],
    );
    let processes = measured(
        "CPython processes",
        8,
        &[
            (1, &[130_000, 131_000, 134_000]),
            (2, &[73_000, 72_000, 80_000]),
            (4, &[43_500, 42_700, 51_000]),
            (8, &[31_000, 30_000, 44_000]),
        ],
    );
    let series =
        [threads, processes, Speedup { label: "Rust threads".into(), ..primes(8) }];
    golden("speedups", chart::speedups("The GIL in one picture", &series));
}

#[test]
fn bars_of_times_and_a_missing_one() {
    let bars = [
        Bar::from(&samples("function call", &[1, 1, 2])),
        Bar::from(&samples("thread", &[28, 31, 95])),
        Bar::from(&samples("process (fork)", &[420, 510, 980])),
        Bar::missing("process (CPython)", "not measured: no python3 on this machine"),
    ];
    let axis = Axis::time("to create one and wait for it");
    golden(
        "bars",
        chart::bars("What a thread and a process cost", axis.clone(), bars.clone()),
    );
    golden(
        "bars_log",
        chart::bars("What a thread and a process cost", axis.log(), bars),
    );
}

#[test]
fn bars_in_groups() {
    let mut bars = vec![];
    for (group, times) in
        [("CPU-bound", [1.02, 0.55, 0.31]), ("I/O-bound", [0.26, 0.29, 0.25])]
    {
        for (label, time) in ["CPython threads", "CPython processes", "Rust threads"]
            .into_iter()
            .zip(times)
        {
            let bar = Bar::new(label, time).range(time * 0.95, time * 1.2).group(group);
            bars.push(if label.starts_with("Rust") {
                bar.note("2 threads")
            } else {
                bar
            });
        }
    }
    golden(
        "bars_groups",
        chart::bars("Threads under the GIL", Axis::time("wall time"), bars),
    );
    let counts = [Bar::new("2", 99_871.0), Bar::new("1 (lost update)", 129.0)];
    golden(
        "bars_counts",
        chart::bars("What two increments gave", "of 100 000 schedules", counts),
    );
}

#[test]
fn every_run_of_a_measurement() {
    let few = samples("parse 1 MB", &[812, 640, 633, 655, 629, 640, 1_240, 631, 638]);
    golden("runs", chart::runs(&few));
    let times: Vec<u64> = (0..5_000).map(|i| 600 + (i * 7_919) % 83 + i / 50).collect();
    golden("runs_many", chart::runs(&samples("parse 1 MB, 5,000 times", &times)));
}

/// From lane, to lane, label, sent and received in microseconds.
type Sent<'a> = (usize, usize, &'a str, u64, u64);

fn with_messages(trace: Trace, messages: &[Sent<'_>]) -> Trace {
    let message = |&(from, to, label, sent, received): &Sent<'_>| Message {
        from,
        to,
        label: label.to_owned().into(),
        sent: us(sent),
        received: us(received),
    };
    Trace { messages: messages.iter().map(message).collect(), ..trace }
}

fn requests() -> Trace {
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

#[test]
fn a_sequence_of_messages() {
    golden("sequence", chart::sequence("A request, seen as messages", &requests()));
    let rounds: Vec<Sent<'_>> = (0..100)
        .map(|i| (i % 2, 1 - i % 2, "ping", 10 * i as u64, 10 * i as u64 + 7))
        .collect();
    let pingpong = with_messages(trace(&[("ann", 1), ("bob", 1)], &[]), &rounds);
    golden("sequence_many", chart::sequence("100 times there and back", &pingpong));
}

fn queue(name: &str, changes: &[(u64, usize)], until: u64) -> QueueLength {
    let changes = changes.iter().map(|&(at, length)| (us(at), length)).collect();
    QueueLength { name: name.to_owned(), changes, until: us(until) }
}

#[test]
fn queue_lengths_over_time() {
    let queues = [
        queue(
            "at the till",
            &[(0, 1), (900, 2), (1_000, 3), (4_000, 2), (6_500, 0)],
            9_000,
        ),
        queue("at the machine", &[(4_000, 1), (6_500, 2), (8_000, 1)], 9_000),
        queue("nobody here", &[], 9_000),
    ];
    golden("lengths", chart::lengths("Queues of a coffee shop", &queues));
    let wild: Vec<(u64, usize)> = (0..20_000)
        .map(|i| (i, ((i * 7_919) % 23) as usize + i as usize / 900))
        .collect();
    let wild = [queue("a bounded queue", &wild, 20_000)];
    golden("lengths_many", chart::lengths("20,000 changes", &wild));
}

#[test]
fn bad_data_is_an_error_that_names_the_thing() {
    let error = |picture: potok::Result<Picture>| picture.unwrap_err().to_string();
    assert!(error(chart::timeline("x", &Trace::default())).contains("no span"));
    let mut lost = few();
    lost.spans[1].lane = 9;
    assert!(error(chart::timeline("x", &lost)).contains("`compute` is on lane 9"));
    for value in [f64::NAN, f64::INFINITY, -1.0] {
        let bars = chart::bars("x", "y", [Bar::new("ann", value)]);
        assert!(error(bars).contains("`ann`"));
    }
    assert!(error(chart::bars("x", "y", Vec::<Bar>::new())).contains("no bars"));
    let off = Bar::new("ann", 3.0).range(4.0, 5.0);
    assert!(error(chart::bars("x", "y", [off])).contains("range"));
    let zero = chart::bars("x", Axis::from("y").log(), [Bar::new("ann", 0.0)]);
    assert!(error(zero).contains("logarithmic"));
    let no_points = Speedup { points: vec![], ..primes(2) };
    assert!(error(chart::speedup(&no_points)).contains("no points"));
    assert!(error(chart::speedups("none", &[])).contains("0 series"));
    assert!(error(chart::sequence("x", &few())).contains("no messages"));
    let lost = with_messages(few(), &[(0, 5, "hello", 1, 2)]);
    assert!(error(chart::sequence("x", &lost)).contains("`hello`"));
    assert!(error(chart::lengths("x", &[])).contains("no queues"));
    let backwards = queue("till", &[(5, 1), (3, 0)], 9);
    assert!(error(chart::lengths("x", &[backwards])).contains("`till`"));
}

#[test]
fn odd_but_valid_data_is_drawn() {
    let none = [Bar::missing("ann", ""), Bar::missing("bob", "not here")];
    well_formed(&chart::bars("nothing measured", "y", none).unwrap());
    well_formed(&chart::bars("zero", Axis::time("t"), [Bar::new("ann", 0.0)]).unwrap());
    well_formed(&chart::speedup(&measured("one point", 1, &[(1, &[5])])).unwrap());
    well_formed(
        &chart::speedup(&measured("too fast", 1, &[(1, &[0]), (2, &[0])])).unwrap(),
    );
    well_formed(
        &chart::speedup(&measured("wide", 64, &[(1, &[9]), (1_000, &[1])])).unwrap(),
    );
    well_formed(&chart::runs(&samples("no time", &[0])).unwrap());
    let still = with_messages(trace(&[("a", 1), ("b", 1)], &[]), &[(1, 0, "", 0, 0)]);
    well_formed(&chart::sequence("no time at all", &still).unwrap());
    let early = with_messages(still.clone(), &[(0, 1, "before it was sent", 5, 2)]);
    well_formed(&chart::sequence("back in time", &early).unwrap());
    well_formed(&chart::lengths("no time", &[queue("x", &[(0, 3)], 0)]).unwrap());
    let mut marks = Trace { spans: vec![], ..few() };
    well_formed(&chart::timeline("only marks", &marks).unwrap());
    marks.marks = vec![mark(0, "at the very start", 0)];
    well_formed(&chart::timeline("no time at all", &marks).unwrap());
}

fn any_label() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"]]>--><!-- & ' \u{0}\u{1b}\n\r\t\u{ffff}".to_owned()),
        Just("поток ".repeat(2_000)),
        Just("😀👩‍👩‍👧".repeat(40)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_label_breaks_a_picture(a in any_label(), b in any_label(), t in any_label()) {
        let mut marked = trace(
            &[(&a, 1), (&b, 2)],
            &[(0, &a, 0, 900, 0), (0, &b, 100, 400, 1), (1, "~wait", 0, 800, 0), (1, &b, 800, 0, 0)],
        );
        marked.marks = vec![mark(0, &a, 50), mark(1, &b, 700)];
        well_formed(&chart::timeline(&t, &marked).unwrap());
        let bars = [Bar::new(&*a, 1.0).note(&*b).group(&*t), Bar::missing(&*b, &*a)];
        well_formed(&chart::bars(&t, &*a, bars).unwrap());
        let one = measured(&a, 2, &[(1, &[10]), (2, &[6])]);
        let two = measured(&b, 2, &[(1, &[10]), (4, &[3])]);
        well_formed(&chart::speedup(&one).unwrap());
        well_formed(&chart::speedups(&t, &[one, two]).unwrap());
        well_formed(&chart::runs(&samples(&a, &[1, 2, 3])).unwrap());
        let messages = with_messages(marked, &[(0, 1, &a, 5, 9), (1, 0, &b, 6, 8), (1, 1, &b, 9, 9)]);
        well_formed(&chart::sequence(&t, &messages).unwrap());
        let queues = [queue(&a, &[(1, 2)], 5), queue(&b, &[], 5)];
        well_formed(&chart::lengths(&t, &queues).unwrap());
    }

    #[test]
    fn no_trace_breaks_a_timeline(
        rows in proptest::collection::vec((0usize..5, 0u64..5_000, 0u64..5_000, 0u16..5), 1..300)
    ) {
        let rows: Vec<Row<'_>> =
            rows.into_iter().map(|(lane, start, end, depth)| (lane, "~x", start, end, depth)).collect();
        let lanes = [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 1)];
        well_formed(&chart::timeline("any", &trace(&lanes, &rows)).unwrap());
    }
}

//! Each picture equals the stored one.

use super::data::*;
use super::golden;
use crate::map_reduce::word_count;
use potok::chart::{self, Axis, Bar};
use potok::prelude::*;
use potok_base::language::within;

#[test]
fn a_timeline_of_few_spans() {
    golden(
        "timeline_few",
        chart::timeline("Ann holds the lock, Bob reads a file", &few()),
    );
}

#[test]
fn a_timeline_of_threads_that_share_cores() {
    golden(
        "timeline_shared_cores",
        chart::timeline("Four threads that compute, two cores", &shared_cores()),
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
    golden("speedup_two_cores", chart::speedup(&two_cores()));
}

#[test]
fn a_speedup_with_enough_cores() {
    golden("speedup", chart::speedup(&primes(8)));
}

#[test]
fn a_flat_speedup_says_whose_fault_it_is() {
    let unshared = with_given(flat(2), &[(1.0, 0.99), (1.97, 1.0), (1.96, 1.0)], 0.0);
    golden("speedup_not_shared", chart::speedup(&unshared));
    let alone = with_given(flat(2), &[(1.0, 0.99), (1.07, 1.0), (1.06, 1.0)], 0.46);
    golden("speedup_no_cores", chart::speedup(&alone));
    let both = with_given(flat(4), &[(1.0, 0.99), (1.6, 1.0), (2.2, 1.0)], 0.4);
    golden("speedup_neither", chart::speedup(&both));
}

#[test]
fn a_speedup_that_uses_what_the_machine_gave() {
    let given = [(1.0, 0.99), (1.97, 1.95), (1.98, 1.96), (1.96, 1.94)];
    golden("speedup_shared", chart::speedup(&with_given(two_cores(), &given, 0.0)));
    let given = [(1.0, 0.01), (1.97, 0.02), (1.98, 0.03), (1.96, 0.04)];
    golden("speedup_waits", chart::speedup(&with_given(primes(2), &given, 0.0)));
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
    let wide = [
        Bar::new("a name that is much too long for any chart that has bars", 12.7e-6)
            .range(9e-6, 9e-3),
        Bar::new("no range", 2e-3)
            .note("a note that is long, and so it is cut too, in the end"),
    ];
    let axis = Axis::time("the time that it took to answer all of the questions");
    golden("bars_wide", chart::bars("The value is at the end of its bar", axis, wide));
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

#[test]
fn a_sequence_of_messages() {
    golden("sequence", chart::sequence("A request, seen as messages", &requests()));
    let rounds: Vec<Sent<'_>> = (0..100)
        .map(|i| (i % 2, 1 - i % 2, "ping", 10 * i as u64, 10 * i as u64 + 7))
        .collect();
    let pingpong = with_messages(trace(&[("ann", 1), ("bob", 1)], &[]), &rounds);
    golden("sequence_many", chart::sequence("100 times there and back", &pingpong));
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
fn the_flow_of_a_small_run_and_of_a_large_one() {
    let small = word_count().over(SLIDE).on(Sequential).run().unwrap().flow;
    golden("flow", chart::flow("Word count", &small));
    // Digits are words of both languages.
    let words = (0..200_000_u64).map(|n| n * 7_919 % 100_003);
    let text: String = words.map(|word| format!("{word}\n")).collect();
    let job = word_count().splits(7).reducers(2);
    let large = job.over(&*text).on(Sequential).run().unwrap().flow;
    golden("flow_amounts", chart::flow("Word count", &large));
}

#[test]
fn a_timeline_below_a_head_of_several_lines_fits_a_screen() {
    let lanes: Vec<String> = (0..12).map(|n| format!("thread {n}")).collect();
    let lanes: Vec<(&str, u32)> = lanes.iter().map(|name| (&**name, 1)).collect();
    let kinds = ["orders a cup of coffee", "waits for the machine", "brews", "pays"];
    let rows: Vec<Row<'_>> = (0..96)
        .map(|n| (n % 12, kinds[n % 4], 90 * n as u64, 90 * n as u64 + 80, 0))
        .collect();
    for language in [Language::English, Language::Russian] {
        let trace = trace(&lanes, &rows);
        let picture = within(language, || chart::timeline("Twelve", &trace)).unwrap();
        let svg = roxmltree::Document::parse(&picture.svg).unwrap();
        let height: f64 =
            svg.root_element().attribute("height").unwrap().parse().unwrap();
        assert!((360.0..=420.0).contains(&height), "{height}");
    }
}

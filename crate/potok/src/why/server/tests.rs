//! Claims about servers.

use super::{Load, Served, event_loop, one_thread, thread_per_request};
use crate::error::{ErrorKind, Result};
use crate::trace::Activity;
use crate::workload::ms;
use std::time::Duration;

const DESIGNS: [fn(Load) -> Result<Served>; 3] =
    [one_thread, thread_per_request, event_loop];

#[test]
fn every_client_gets_its_own_answer() {
    for design in DESIGNS {
        let served = design(Load::new(5).wait(ms(2)).busy(ms(1))).unwrap();
        assert_eq!(served.latency.runs().len(), 5);
        assert!(served.latency.min() >= ms(3), "{served}");
        let clients =
            served.trace.lanes.iter().filter(|l| l.name.starts_with("client"));
        assert_eq!(clients.count(), 5);
        assert_eq!(served.trace.lanes[0].name, "server");
    }
}

#[test]
fn one_thread_serves_one_client_after_the_other() {
    let served = one_thread(Load::new(4).wait(ms(10))).unwrap();
    let waits = served.trace.spans.iter().filter(|span| span.label == "database");
    let waits: Vec<_> = waits.map(|span| (span.start, span.end.unwrap())).collect();
    assert_eq!(waits.len(), 4);
    assert!(waits.windows(2).all(|pair| pair[1].0 >= pair[0].1), "{waits:?}");
    assert_eq!(served.threads, 1);
}

#[test]
fn no_span_counts_a_wait_as_running() {
    for design in DESIGNS {
        let served = design(Load::new(3).wait(ms(5)).busy(ms(1))).unwrap();
        let spans = &served.trace.spans;
        for wait in spans.iter().filter(|span| span.activity == Activity::Waiting) {
            let around = spans.iter().find(|span| {
                span.activity == Activity::Running
                    && span.lane == wait.lane
                    && span.start <= wait.start
                    && wait.end <= span.end
            });
            assert!(around.is_none(), "{wait:?} in {around:?}");
        }
    }
}

#[test]
fn with_a_thread_each_the_waits_overlap() {
    let served = thread_per_request(Load::new(4).wait(ms(500))).unwrap();
    let waits = served.trace.spans.iter().filter(|span| span.label == "database");
    let last_start = waits.clone().map(|span| span.start).max().unwrap();
    let first_end = waits.filter_map(|span| span.end).min().unwrap();
    assert!(last_start < first_end);
    assert_eq!(served.threads, 5);
}

#[test]
fn the_event_loop_serves_all_on_one_thread() {
    let served = event_loop(Load::new(20).wait(ms(100))).unwrap();
    // Even on a busy machine, less than all waits one after the other.
    assert!(served.latency.max() < ms(20 * 100), "{served}");
    let running = |span: &&crate::trace::Span| span.activity == Activity::Running;
    let lanes: Vec<usize> =
        served.trace.spans.iter().filter(running).map(|span| span.lane).collect();
    assert!(lanes.iter().all(|&lane| lane == 0));
}

#[test]
fn what_is_not_answered_in_time_is_an_error_and_the_server_stops() {
    for design in DESIGNS {
        let load = Load::new(3).wait(ms(60)).timeout(ms(20));
        assert_eq!(design(load).unwrap_err().kind(), ErrorKind::TimedOut);
    }
}

#[test]
fn no_server_runs_longer_than_its_time_limit() {
    let long = Duration::MAX;
    let loads = [Load::new(2).wait(long), Load::new(2).busy(long)];
    for (design, load) in DESIGNS.iter().flat_map(|d| loads.map(|load| (d, load))) {
        let error = design(load.timeout(ms(20))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{load:?}");
    }
    let forever = Load::new(1).timeout(long);
    assert!(DESIGNS.iter().all(|design| design(forever).is_ok()));
}

#[test]
fn a_load_has_1_to_500_clients() {
    for design in DESIGNS {
        assert_eq!(design(Load::new(0)).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(
            design(Load::new(9_999)).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
}

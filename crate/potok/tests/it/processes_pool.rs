//! A pool: the same answers as a plain loop, whatever happens to its workers.

use super::sys::fork;
use potok::prelude::*;
use potok::processes::{Limits, Pool, Start};
use proptest::prelude::*;
use std::fs;
use std::io::Write;

const STARTS: [Start; 2] = [Start::Fork, Start::Spawn];

fn kind<T>(result: potok::Result<T>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}

/// What an item asks for; `0..` are harmless.
fn obey(order: i64) -> i64 {
    match order {
        -1 => panic!("asked to"),
        -2 => std::process::exit(5),
        -3 => std::process::abort(),
        -4 => loop {
            std::hint::spin_loop();
        },
        _ => order * 2,
    }
}

/// `println!` would not leave the test's own memory.
fn print(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").unwrap();
}

#[test]
fn map_equals_the_plain_loop() {
    for start in STARTS {
        let pool = Pool::start(3, start).unwrap();
        let expected: Vec<i64> = (0..10_000).map(|n| n * 2).collect();
        assert_eq!(pool.map(0..10_000, obey).unwrap(), expected);
        assert_eq!(pool.map([], obey).unwrap(), []);
        let words =
            pool.map(["a".to_owned(), "bc".to_owned()], |word: String| word.len());
        assert_eq!(words.unwrap(), [1, 2]);
    }
}

#[test]
fn one_bad_item_is_an_error_of_its_own() {
    for start in STARTS {
        let pool = Limits::new().wall(ms(300)).pool(2, start).unwrap();
        for (order, expected) in [
            (-1, ErrorKind::Panicked),
            (-2, ErrorKind::Exited(5)),
            (-3, ErrorKind::Killed(6)),
            (-4, ErrorKind::TimedOut),
        ] {
            let items: Vec<i64> =
                (0..100).map(|n| if n == 50 { order } else { n }).collect();
            let mut results = pool.map_each(items, obey);
            assert_eq!(kind(results.remove(50)), expected, "{start:?}");
            let others: Vec<i64> = results.into_iter().map(Result::unwrap).collect();
            let plain: Vec<i64> =
                (0..100).filter(|n| *n != 50).map(|n| n * 2).collect();
            assert_eq!(others, plain);
        }
        assert_eq!(pool.status().replaced, 3);
        assert_eq!(pool.pids().len(), 2);
    }
}

#[test]
fn submitted_calls_go_on_while_nobody_waits() {
    let pool = Pool::new(2).unwrap();
    let tasks: Vec<_> = (0..20).map(|n| pool.submit(obey, n).unwrap()).collect();
    let start = std::time::Instant::now();
    while pool.status().done < 20 {
        assert!(start.elapsed() < ms(20_000), "{:?}", pool.status());
        std::thread::yield_now();
    }
    let results: Vec<i64> =
        tasks.into_iter().map(|task| task.wait().unwrap()).collect();
    assert_eq!(results, (0..20).map(|n| n * 2).collect::<Vec<_>>());
}

#[test]
fn a_call_can_be_waited_for_in_part_and_taken_back() {
    let pool = Pool::new(1).unwrap();
    let mut endless = pool.submit(obey, -4).unwrap();
    assert!(endless.wait_timeout(ms(20)).is_none());
    endless.cancel();
    assert_eq!(pool.submit(obey, 4).unwrap().wait().unwrap(), 8);
}

#[test]
fn an_item_that_kills_its_worker_is_tried_again_if_asked() {
    // The first try leaves its mark in a file; the second one finds it.
    let path = std::env::temp_dir().join(format!("potok-retry-{}", std::process::id()));
    let pool = Pool::new(1).unwrap().retries(1);
    let once = |path: std::path::PathBuf| {
        if fs::exists(&path).unwrap() {
            return 1;
        }
        fs::write(&path, "").unwrap();
        std::process::abort()
    };
    assert_eq!(pool.submit(once, path.clone()).unwrap().wait().unwrap(), 1);
    fs::remove_file(path).unwrap();
}

#[test]
fn what_nobody_waits_for_is_counted() {
    let pool = Pool::new(2).unwrap();
    // Each goes to a free worker at once, so no thread in the background is needed.
    let _tasks = [pool.submit(obey, 1).unwrap(), pool.submit(obey, 2).unwrap()];
    let start = std::time::Instant::now();
    while pool.status().done < 2 {
        assert!(start.elapsed() < ms(20_000), "{:?}", pool.status());
        std::thread::yield_now();
    }
}

#[test]
fn a_retried_item_comes_home_though_nobody_waits_for_it() {
    let pool = Limits::new().wall(ms(200)).pool(1, Start::Fork).unwrap().retries(1);
    let _task = pool.submit(obey, -4).unwrap();
    let start = std::time::Instant::now();
    while pool.status().done < 1 {
        assert!(start.elapsed() < ms(20_000), "{:?}", pool.status());
        std::thread::yield_now();
    }
    assert_eq!(pool.status().replaced, 2);
}

#[test]
fn a_map_that_outlives_its_pool_ends_with_errors() {
    let mut results = Pool::new(2).unwrap().map_unordered(0..100, obey);
    assert!(results.all(|(_, result)| kind(result) == ErrorKind::Disconnected));
}

#[test]
fn an_item_that_always_kills_its_worker_ends_as_itself_and_the_pool_goes_on() {
    let pool = Pool::new(1).unwrap().retries(20);
    let results = pool.map_each([1, -3, 2], obey);
    assert_eq!((&results[0], &results[2]), (&Ok(2), &Ok(4)));
    assert_eq!(results[1].as_ref().unwrap_err().kind(), ErrorKind::Killed(6));
    assert_eq!(pool.status().replaced, 21);
    assert_eq!(pool.map([3], obey).unwrap(), [6]);
}

#[test]
fn printing_tasks_and_a_caller_that_holds_the_output_do_not_wait_for_each_other() {
    let child = fork(|| {
        let pool = Pool::new(2).unwrap();
        let task = |n: u64| print(&format!("task {n}"));
        let held = std::io::stdout().lock();
        let tasks: Vec<_> = (0..40).map(|n| pool.submit(task, n).unwrap()).collect();
        wait(ms(20)); // meanwhile the pool's thread looks after them
        for task in tasks {
            task.wait().unwrap();
        }
        // And one whose workers have to be replaced.
        let pool = Pool::new(1).unwrap();
        let orders = [-2, 1, -2, 2, -2, 3];
        let tasks = orders.map(|order| pool.submit(obey, order).unwrap());
        wait(ms(20));
        let results = tasks.map(|task| task.wait().ok());
        assert_eq!(results, [None, Some(2), None, Some(4), None, Some(6)]);
        drop(held);
    });
    child.unwrap().join_timeout(ms(20_000)).unwrap();
}

#[test]
fn printing_tasks_and_a_caller_that_holds_the_other_output_get_on() {
    let child = fork(|| {
        let pool = Pool::new(2).unwrap();
        let held = std::io::stderr().lock();
        let both = |n: u64| {
            print(&format!("task {n}"));
            let _ = writeln!(std::io::stderr().lock(), "aside {n}");
        };
        let tasks: Vec<_> = (0..40).map(|n| pool.submit(both, n).unwrap()).collect();
        wait(ms(20)); // meanwhile the pool's thread looks after them
        tasks.into_iter().for_each(|task| task.wait().unwrap());
        drop(held);
    });
    child.unwrap().join_timeout(ms(20_000)).unwrap();
}

#[test]
fn the_limit_of_output_is_each_tasks_own() {
    let pool = Limits::new().output(4_000).pool(1, Start::Fork).unwrap();
    let say = |n: u64| {
        (0..n).for_each(|_| print(&" ".repeat(99)));
        wait(ms(if n > 40 { 20_000 } else { 0 })); // it is ended meanwhile
    };
    for _ in 0..3 {
        pool.map([30], say).unwrap();
    }
    assert_eq!(kind(pool.map([60, 1], say)), ErrorKind::OutputLimit);
    pool.map([1], say).unwrap();
}

#[test]
fn an_endless_source_is_taken_only_as_needed() {
    let pool = Pool::new(2).unwrap();
    let mut taken = 0;
    let endless = std::iter::from_fn(|| {
        taken += 1;
        Some(taken)
    });
    let some: Vec<i64> =
        pool.map_unordered(endless, obey).take(50).map(|(_, r)| r.unwrap()).collect();
    assert_eq!(some.len(), 50);
    assert!(taken < 100_000, "{taken}");
    assert_eq!(pool.map([1], obey).unwrap(), [2]);
}

#[test]
fn spans_of_tasks_come_home() {
    let trace = record(|rec| {
        let pool = Pool::new(2).unwrap().record(rec);
        pool.map(0..4_u64, |_| busy(ms(2))).unwrap();
    });
    let mut labels: Vec<_> = trace.spans.iter().map(|span| &*span.label).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["0", "1", "2", "3"]);
    assert!(trace.lanes.iter().all(|lane| lane.pid != std::process::id()));
}

#[test]
fn lanes_of_workers_are_called_so_and_a_replacement_has_a_number_of_its_own() {
    for start in STARTS {
        let trace = record(|rec| {
            let pool = Pool::start(2, start).unwrap().record(rec);
            // Neither ends before both workers have one.
            let both = [(); 2].map(|()| {
                let (gate, theirs) = processes::pipe::<(), ()>().unwrap();
                let wait = |gate: processes::End<(), ()>| gate.recv();
                (gate, pool.submit(wait, theirs).unwrap())
            });
            for (gate, task) in both {
                gate.send(&()).unwrap();
                task.wait().unwrap().unwrap();
            }
            let died = pool.map([-3], obey).unwrap_err();
            assert_eq!(died.kind(), ErrorKind::Killed(6));
            // One of the two is new.
            pool.map([1; 40], obey).unwrap();
        });
        let names: Vec<&str> = trace.lanes.iter().map(|lane| &*lane.name).collect();
        assert!(names.starts_with(&["worker 1", "worker 2"]), "{names:?}");
        assert!(names.len() == 2 || names[2..] == ["worker 3"], "{names:?}");
    }
}

#[test]
fn a_dropped_pool_leaves_no_process() {
    for start in STARTS {
        let pool = Pool::start(3, start).unwrap();
        let running = pool.submit(obey, -4).unwrap();
        let pids = pool.pids();
        drop(pool);
        assert_eq!(kind(running.wait()), ErrorKind::Disconnected);
        for pid in pids {
            assert!(!fs::exists(format!("/proc/{pid}")).unwrap());
        }
    }
}

#[test]
fn workers_end_when_the_process_of_their_pool_is_killed() {
    let child = fork(|| {
        let pool = Pool::new(2).unwrap();
        let path =
            std::env::temp_dir().join(format!("potok-pids-{}", std::process::id()));
        let text: Vec<String> = pool.pids().iter().map(ToString::to_string).collect();
        fs::write(&path, text.join(" ")).unwrap();
        wait(ms(60_000));
    })
    .unwrap();
    let path = std::env::temp_dir().join(format!("potok-pids-{}", child.pid()));
    let pids = loop {
        assert!(child.is_alive());
        match fs::read_to_string(&path) {
            Ok(text) if text.contains(' ') => break text,
            _ => std::thread::yield_now(),
        }
    };
    fs::remove_file(&path).unwrap();
    child.kill();
    assert_eq!(kind(child.join()), ErrorKind::Killed(9));
    let gone = |pid: &str| match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat.contains(") Z"),
        Err(_) => true,
    };
    let start = std::time::Instant::now();
    while !pids.split(' ').all(gone) {
        assert!(start.elapsed() < ms(10_000));
        std::thread::yield_now();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_map_on_any_number_of_workers_is_the_plain_loop(
        items in proptest::collection::vec(0_i64..1_000, 0..2_000),
        which in 0_usize..3,
        workers in 1_usize..9,
    ) {
        fn square(n: i64) -> Vec<i64> { vec![n, n * n] }
        fn text(n: i64) -> Vec<i64> { n.to_string().bytes().map(i64::from).collect() }
        fn empty(_: i64) -> Vec<i64> { vec![] }
        let pool = Pool::new(workers).unwrap();
        let (plain, pooled): (Vec<Vec<i64>>, _) = match which {
            0 => (items.iter().map(|&n| square(n)).collect(), pool.map(items, square)),
            1 => (items.iter().map(|&n| text(n)).collect(), pool.map(items, text)),
            _ => (items.iter().map(|&n| empty(n)).collect(), pool.map(items, empty)),
        };
        prop_assert_eq!(pooled.unwrap(), plain);
    }
}

/// It neither works nor ends, so only a clock can tell.
#[test]
fn a_worker_that_is_stopped_is_an_error_by_its_limit_of_time() {
    let limits = Limits::new().wall(ms(200));
    let pool = limits.pool(1, processes::Start::Fork).unwrap();
    assert_eq!(pool.submit(|n: u64| n + 1, 1).unwrap().wait().unwrap(), 2);
    let worker = pool.pids()[0].to_string();
    let stop = std::process::Command::new("kill").args(["-STOP", &worker]).status();
    assert!(stop.unwrap().success());
    let start = Instant::now();
    let error = pool.submit(|n: u64| n + 1, 1).unwrap().wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(30));
    // Another worker has taken its place.
    assert_eq!(pool.submit(|n: u64| n + 1, 2).unwrap().wait().unwrap(), 3);
    assert_ne!(pool.pids()[0].to_string(), worker);
}

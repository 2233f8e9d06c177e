//! A thousand faults thrown at a running pool: every item ends once, and nothing is left.
//!
//! In a process of its own, so that what other tests do at the same time is not counted.

use potok::prelude::*;
use potok::processes::{Limits, Start};
use potok_base::random::Random;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

const ITEMS: u64 = 4_000;
const FAULTS: u64 = 1_000;
/// More than a socket or the shared table takes at once.
const HUGE: usize = 100_000;
/// Long enough for any other item on a busy machine.
const WALL: Duration = Duration::from_secs(3);

/// Faults are spread over the items by the seed; 0 is none.
fn plan(seed: u64) -> BTreeMap<u64, u64> {
    let (mut random, mut faults) = (Random::seeded(seed), BTreeMap::new());
    while (faults.len() as u64) < FAULTS {
        let item = random.next_u64() % ITEMS;
        // Time-outs are slow: one in two hundred.
        let fault = match random.next_u64() % 200 {
            0 => 5,
            other => other % 4 + 1,
        };
        faults.insert(item, fault);
    }
    faults
}

fn obey((item, fault): (u64, u64)) -> Vec<u64> {
    match fault {
        1 => {
            let own = kill_myself();
            vec![own]
        }
        2 => panic!("item {item}"),
        3 => std::process::exit(3),
        4 => vec![item; HUGE],
        5 => loop {
            std::hint::spin_loop();
        },
        _ => vec![item],
    }
}

/// `kill -9` of the worker itself, by the shell, as somebody from outside would.
fn kill_myself() -> u64 {
    let kill = format!("kill -9 {}", std::process::id());
    let _ = std::process::Command::new("sh").args(["-c", &kill]).status();
    0
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn shared_mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().matches("memfd:potok").count()
}

fn children() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let children =
        tasks.map(|task| fs::read_to_string(task.unwrap().path().join("children")));
    children.map(|list| list.unwrap_or_default().split_whitespace().count()).sum()
}

fn soak((seed, start): (u64, Start)) {
    let before = (descriptors(), shared_mappings(), children());
    let faults = plan(seed);
    let pool = Limits::new().wall(WALL).pool(2, start).unwrap();
    let items = (0..ITEMS).map(|n| (n, faults.get(&n).copied().unwrap_or(0)));
    let mut seen = vec![0; ITEMS as usize];
    for (at, result) in pool.map_unordered(items, obey) {
        seen[at] += 1;
        let item = at as u64;
        // A failure names the item; its value may be long.
        let wanted = match faults.get(&item).copied().unwrap_or(0) {
            1 => Err(ErrorKind::Killed(9)),
            2 => Err(ErrorKind::Panicked),
            3 => Err(ErrorKind::Exited(3)),
            4 => Ok(HUGE),
            5 => Err(ErrorKind::TimedOut),
            _ => Ok(1),
        };
        let all_equal = |list: &Vec<u64>| list.iter().all(|&value| value == item);
        assert!(result.as_ref().map_or(true, all_equal), "item {at}: other values");
        let got = result.map(|list| list.len()).map_err(|error| error.kind());
        assert_eq!(got, wanted, "item {at}");
    }
    assert!(seen.iter().all(|&times| times == 1), "an item was lost or came twice");
    drop(pool);
    assert_eq!((descriptors(), shared_mappings(), children()), before);
}

#[test]
fn a_thousand_faults_cost_nothing_but_their_own_items() {
    let limits = || Limits::new().wall(ms(240_000));
    limits().spawn(soak, (20_240_607, Start::Fork)).unwrap().join().unwrap();
    limits().spawn(soak, (7, Start::Spawn)).unwrap().join().unwrap();
}

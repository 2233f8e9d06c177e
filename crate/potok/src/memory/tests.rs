//! What is read is what was computed, whatever happened to the files.

use super::*;
use std::cell::Cell;

fn folder(test: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("potok-{test}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    dir
}

#[test]
fn any_damage_is_a_miss_and_never_a_wrong_answer() {
    let dir = folder("damage");
    let memory = Memory::at(&dir).unwrap();
    let calls = Cell::new(0);
    let double = memory.cache("double", 1, |n: u64| {
        calls.set(calls.get() + 1);
        n * 2
    });
    assert_eq!(double.call(21).unwrap(), 42);
    let file = memory.files().unwrap().remove(0);
    let whole = fs::read(&file).unwrap();
    for i in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[i] ^= 1;
        for damaged in [&flipped[..], &whole[..i], b"foreign"] {
            fs::write(&file, damaged).unwrap();
            assert_eq!(double.call(21).unwrap(), 42);
        }
    }
    assert_eq!(calls.get(), 1 + 3 * whole.len());
    memory.clear().unwrap();
    assert!(memory.is_empty().unwrap());
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn name_version_and_argument_tell_results_apart() {
    let dir = folder("keys");
    let memory = Memory::at(&dir).unwrap();
    let answer = |name: &str, version, n: u32| {
        memory.cache(name, version, |n: u32| format!("{name} {version} {n}")).call(n)
    };
    for (name, version, n) in [("a", 1, 1), ("a", 2, 1), ("b", 1, 1), ("a", 1, 2)] {
        assert_eq!(answer(name, version, n).unwrap(), format!("{name} {version} {n}"));
    }
    assert_eq!(memory.len().unwrap(), 4);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn threads_that_compute_the_same_agree() {
    let dir = folder("threads");
    let memory = Memory::at(&dir).unwrap();
    let cube = memory.cache("cube", 1, |n: u64| n * n * n);
    std::thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| {
                (0..20).for_each(|n| assert_eq!(cube.call(n).unwrap(), n * n * n));
            });
        }
    });
    assert_eq!(memory.len().unwrap(), 20);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn damage_is_counted_and_a_plain_miss_is_not() {
    let dir = folder("count");
    let memory = Memory::at(&dir).unwrap();
    let double = memory.cache("double", 1, |n: u64| n * 2);
    double.call(1).unwrap();
    assert_eq!(memory.damaged(), 0);
    fs::write(memory.files().unwrap().remove(0), b"half a res").unwrap();
    assert_eq!((double.call(1).unwrap(), double.call(1).unwrap()), (2, 2));
    assert_eq!(memory.damaged(), 1);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_limit_holds_and_an_answer_too_large_for_it_is_right_all_the_same() {
    let dir = folder("limit");
    let memory = Memory::at(&dir).unwrap().limit(2_000);
    let text = memory.cache("text", 1, |n: usize| "x".repeat(n));
    for n in [10, 500, 900, 10_000, 700, 600] {
        assert_eq!(text.call(n).unwrap().len(), n);
        assert!(memory.bytes().unwrap() <= 2_000);
    }
    assert!(memory.len().unwrap() >= 2);
    fs::remove_dir_all(dir).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn processes_that_compute_the_same_agree() {
    let dir = folder("processes");
    let work = |dir: std::path::PathBuf| {
        let memory = Memory::at(dir).unwrap();
        let cube = memory.cache("cube", 1, |n: u64| n * n * n);
        (0..200).all(|n| cube.call(n).unwrap() == n * n * n)
    };
    let pool = crate::processes::Pool::new(3).unwrap();
    let tasks = [(); 3].map(|()| pool.submit(work, dir.clone()).unwrap());
    assert!(work(dir.clone()));
    for task in tasks {
        assert!(task.wait().unwrap());
    }
    let memory = Memory::at(&dir).unwrap();
    // 200 whole results, and nothing half-written beside them.
    assert_eq!(memory.len().unwrap(), 200);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 200);
    fs::remove_dir_all(dir).unwrap();
}

//! What the explorer promises: every schedule once, the simplest first, every kind of
//! outcome a value, and nothing left behind.

use potok::ErrorKind;
use potok::display::Show;
use potok::explore::sync::atomic::{AtomicU32, Ordering::SeqCst};
use potok::explore::sync::{Arc, Barrier, Condvar, Mutex, RwLock};
use potok::explore::{
    Coverage, Ending, Report, Verdict, explore, programs, replay, step, thread,
};
use std::fmt::Debug;
use std::time::Duration;

/// The program goes wrong in this way, and the simplest schedule that was found does so
/// again when it is replayed.
fn is_found<T: Debug + 'static>(program: fn() -> T, word: &str) -> Report {
    let report = explore(program);
    let worst = report.worst().expect("something goes wrong");
    assert_eq!(worst.ending.word(), word, "{report:#?}");
    let schedule = worst.schedule.as_ref().unwrap();
    let again = replay(program, &schedule.choices).unwrap();
    assert_eq!(again.ending.as_ref(), Some(&worst.ending));
    assert_eq!(again.steps, schedule.steps);
    report
}

/// Every schedule of the program was tried, and all give the same.
fn is_cured<T: Debug + 'static>(program: fn() -> T) {
    let report = explore(program);
    assert!(report.passed(), "{report:#?}");
    assert_eq!(report.coverage, Coverage::All);
    assert_eq!(report.outcomes.len(), 1);
}

#[test]
fn a_lost_update_is_found() {
    let report = is_found(programs::lost_update, "");
    let counts: Vec<_> =
        report.outcomes.iter().map(|o| (o.ending.detail(), o.count)).collect();
    assert_eq!(counts, [("1", 4), ("2", 2)]);
    let schedule = report.worst().unwrap().schedule.as_ref().unwrap();
    assert_eq!(schedule.choices, "1221");
    // Both have read 0.
    assert_eq!(schedule.breaking, Some(1));
    is_cured(programs::one_step_update);
    is_cured(programs::updates_under_lock);
}

#[test]
fn an_account_is_overdrawn() {
    let report = is_found(programs::check_then_act, "");
    assert_eq!(report.worst().unwrap().ending, Ending::Returned("-60".into()));
    is_cured(programs::check_under_lock);
}

#[test]
fn locks_in_opposite_order_deadlock_and_the_cycle_is_named() {
    let report = is_found(programs::locks_in_opposite_order, "deadlock");
    assert_eq!(
        report.worst().unwrap().ending.detail(),
        "`thread 1` waits for `bob`, held by `thread 2`; \
         `thread 2` waits for `ann`, held by `thread 1`"
    );
    is_cured(programs::locks_in_one_order);
}

#[test]
fn notify_one_wakes_the_wrong_one() {
    let report = is_found(programs::one_condvar_notify_one, "deadlock");
    let words = report.worst().unwrap().ending.detail();
    assert!(words.contains("`producer` sleeps on `changed`"), "{words}");
    is_cured(programs::two_condvars);
}

#[test]
fn a_flag_is_set_before_its_value() {
    let report = is_found(programs::flag_before_value, "");
    assert_eq!(report.worst().unwrap().ending.detail(), "(0, 42)");
    is_cured(programs::double_checked);
}

#[test]
fn a_semaphore_that_does_not_look_again_breaks() {
    is_found(programs::semaphore_checks_once, "panic");
    is_cured(programs::semaphore_checks_again);
}

#[test]
fn a_barrier_used_again_loses_a_thread() {
    is_found(programs::reused_barrier, "deadlock");
    is_cured(programs::barrier_with_generations);
}

#[test]
fn aba_gives_a_node_to_two_owners() {
    let report = is_found(programs::aba, "panic");
    assert!(report.worst().unwrap().ending.detail().contains("2 owners"));
    is_cured(programs::version_beside_top);
}

#[test]
fn every_order_of_the_steps_is_tried_once() {
    // Of n steps each by two threads: (2n)! / (n!)².
    for (steps, schedules) in [(1, 2), (2, 6), (3, 20), (4, 70), (5, 252)] {
        let report = explore(move || {
            let x = AtomicU32::new(0);
            thread::scope(|s| {
                for _ in 0..2 {
                    s.spawn(|| {
                        for _ in 0..steps {
                            x.load(SeqCst);
                        }
                    });
                }
            });
        });
        assert_eq!((report.schedules, report.coverage), (schedules, Coverage::All));
    }
}

#[test]
fn a_program_that_is_not_the_same_each_time_is_told_so() {
    let runs = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let report = explore(move || {
        let x = AtomicU32::new(0);
        let odd = runs.fetch_add(1, SeqCst) % 2 == 1;
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    if !odd {
                        x.load(SeqCst);
                    }
                    x.load(SeqCst);
                });
            }
        });
    });
    assert!(report.trouble.is_some_and(|why| why.contains("same schedule")));
}

#[test]
fn panics_of_threads_are_values_to_the_program_too() {
    let report = explore(|| thread::spawn(|| panic!("no coffee")).join().is_err());
    assert_eq!(report.outcomes[0].ending, Ending::Returned("true".into()));
    let report = explore(|| thread::scope(|s| drop(s.spawn(|| panic!("no coffee")))));
    let words = "`thread 1` panicked: no coffee".to_owned();
    assert_eq!(report.outcomes[0].ending, Ending::Panicked(words));
    let poisoned = explore(|| {
        let m = Mutex::new(1);
        let _ = thread::scope(|s| {
            s.spawn(|| {
                let _guard = m.lock();
                panic!("while it is held")
            })
            .join()
            .map(|(): ()| ())
        });
        m.lock().is_err()
    });
    assert_eq!(poisoned.outcomes[0].ending, Ending::Returned("true".into()));
}

#[test]
fn readers_share_and_a_writer_does_not() {
    let report = explore(|| {
        let value = RwLock::new(0).named("value");
        let met = Barrier::new(2).named("met");
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let value = value.read().unwrap();
                    met.wait();
                    *value
                });
            }
        });
        *value.write().unwrap() += 1;
        value.into_inner().unwrap()
    });
    assert!(report.passed());
    let report = explore(|| {
        let (value, met) = (RwLock::new(0), Barrier::new(2));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    *value.write().unwrap() += 1;
                    let _value = value.write();
                    met.wait();
                });
            }
        });
    });
    assert_eq!(report.worst().unwrap().ending.word(), "deadlock");
}

#[test]
fn try_lock_is_free_or_not_by_schedule() {
    let report = explore(|| {
        let m = Mutex::new(0);
        thread::scope(|s| {
            s.spawn(|| *m.lock().unwrap() += 1);
            s.spawn(|| m.try_lock().is_ok()).join().unwrap()
        })
    });
    assert_eq!(report.outcomes.len(), 2);
    assert_eq!(report.outcomes[0].ending, Ending::Returned("false".into()));
}

#[test]
fn a_wait_that_times_out_in_a_loop_ends_when_it_is_notified() {
    let report = explore(|| {
        let (ready, changed) = (Mutex::new(false), Condvar::new().named("changed"));
        thread::scope(|s| {
            s.spawn(|| {
                *ready.lock().unwrap() = true;
                changed.notify_one();
            });
            let mut guard = ready.lock().unwrap();
            while !*guard {
                guard = changed.wait_timeout(guard, Duration::from_secs(1)).unwrap().0;
            }
            *guard
        })
    });
    assert!(report.passed(), "{report:#?}");
    assert_eq!(report.coverage, Coverage::All);
}

#[test]
fn a_wait_with_a_limit_is_never_a_deadlock() {
    let nobody_notifies = || {
        let (ready, changed) = (Mutex::new(false), Condvar::new().named("changed"));
        let guard = ready.lock().unwrap();
        let limit = Duration::from_secs(1);
        let (_, result) = changed.wait_timeout_while(guard, limit, |r| !*r).unwrap();
        result.timed_out()
    };
    let report = explore(nobody_notifies);
    assert_eq!(report.outcomes.len(), 1);
    assert_eq!(report.outcomes[0].ending, Ending::Returned("true".into()));
    let steps = &report.outcomes[0].schedule.as_ref().unwrap().steps;
    let actions: Vec<&str> = steps.iter().map(|step| &*step.action).collect();
    let expected = ["wait_timeout", "time-out"].map(|step| format!("changed.{step}"));
    assert!(expected.iter().all(|step| actions.contains(&&**step)), "{actions:?}");
    let so_far = step(nobody_notifies, "00").unwrap();
    assert_eq!(so_far.next[0].action, "changed.time-out");
    // Outside of an exploration the limit is real.
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    let limit = Duration::from_millis(2);
    let (_, result) = changed.wait_timeout(ready.lock().unwrap(), limit).unwrap();
    assert!(result.timed_out());
}

#[test]
fn a_class_steps_by_hand() {
    let program = programs::lost_update;
    let mut choices = String::new();
    for digit in "1212".chars() {
        choices.push(digit);
        let so_far = step(program, &choices).unwrap();
        assert_eq!(so_far.steps.len(), choices.len());
    }
    let done = step(program, &choices).unwrap();
    assert_eq!(done.ending, Some(Ending::Returned("1".into())));

    let kind = |choices: &str| step(program, choices).unwrap_err().kind();
    for bad in ["12121", "3", "0", "x!", "1>", "z"] {
        assert_eq!(kind(bad), ErrorKind::InvalidInput, "{bad}");
    }
}

#[test]
fn outside_of_an_exploration_the_types_are_stds() {
    let queue = Mutex::new(0).named("queue");
    let changed = Condvar::new();
    let value = thread::scope(|s| {
        s.spawn(|| {
            *queue.lock().unwrap() = 5;
            changed.notify_all();
        });
        let guard = queue.lock().unwrap();
        *changed.wait_while(guard, |value| *value == 0).unwrap()
    });
    assert_eq!(value, 5);
    assert_eq!(thread::spawn(|| 1).join().unwrap(), 1);
}

#[test]
fn values_from_outside_can_be_explored_too() {
    let counter = Arc::new(AtomicU32::new(0).named("counter"));
    let report = explore(move || {
        counter.store(0, SeqCst);
        thread::scope(|s| {
            s.spawn(|| counter.fetch_add(1, SeqCst));
            s.spawn(|| counter.fetch_add(1, SeqCst));
        });
        counter.load(SeqCst)
    });
    assert!(report.passed(), "{report:#?}");
    let schedule = report.outcomes[0].schedule.as_ref().unwrap();
    assert_eq!(schedule.variables, ["counter"]);
}

#[test]
fn a_deadlock_does_not_poison_what_lives_on() {
    let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let report = explore(move || {
        thread::scope(|s| {
            for (first, second) in [(&a, &b), (&b, &a)] {
                s.spawn(|| {
                    let _first = first.lock().unwrap();
                    let _second = second.lock().unwrap();
                });
            }
        });
    });
    assert_eq!(report.trouble, None);
    assert_eq!(report.worst().unwrap().ending.word(), "deadlock");
    assert_eq!(report.schedules, 6);
}

#[test]
fn verdicts_can_be_given() {
    let report = explore(programs::lost_update);
    assert_eq!(report.worst().unwrap().verdict, Verdict::Surprising);
    let report = report.expect([1, 2]);
    assert!(report.passed());
    let report = report.expect([1]);
    assert_eq!(report.worst().unwrap().ending.detail(), "2");
}

#[test]
fn more_threads_than_can_be_explored_is_a_panic_of_the_program() {
    let report = explore(|| {
        thread::scope(|s| {
            for _ in 0..40 {
                s.spawn(|| ());
            }
        });
    });
    assert_eq!(report.worst().unwrap().ending.word(), "panic");
}

#[test]
#[cfg(target_os = "linux")]
fn no_thread_stays_behind() {
    // Other tests have threads too: ours are told by their processor's name.
    let explorers = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let name = |task: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
        };
        tasks.filter_map(name).filter(|name| name.trim() == "left-behind").count()
    };
    let program = || {
        let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
        let named = || thread::Builder::new().name("left-behind".into());
        let both = |a: Arc<Mutex<i32>>, b: Arc<Mutex<i32>>| {
            move || {
                let _a = a.lock().unwrap();
                let _b = b.lock().unwrap();
            }
        };
        let detached = named().spawn(both(Arc::clone(&a), Arc::clone(&b))).unwrap();
        let joined = named().spawn(both(b, a)).unwrap();
        drop(detached);
        joined.join().unwrap();
    };
    let report = explore(program);
    assert!(report.outcomes.iter().any(|o| o.ending.word() == "deadlock"));
    assert_eq!(explorers(), 0);
}

#[test]
fn parts_of_std_are_not_taken_for_a_proof() {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    let report = explore(|| {
        let counter = AtomicU32::new(0);
        std::thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| counter.store(counter.load(SeqCst) + 1, SeqCst));
            }
        });
        // Whatever came out: the same each time.
        counter.into_inner() > 0
    });
    assert!(report.saw_no_step() && !report.passed());
    assert_eq!(report.coverage, Coverage::Some);
    let picture = report.picture().unwrap();
    assert_eq!(picture.title, "Nothing was explored");
    assert!(picture.text.contains("potok::explore::sync"), "{}", picture.text);
    assert!(!picture.text.contains("All schedules"), "{}", picture.text);
}

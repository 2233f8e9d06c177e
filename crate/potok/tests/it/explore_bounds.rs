//! What the explorer says where it did not try all, or not to the end.

use potok::explore::sync::Mutex;
use potok::explore::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use potok::explore::{
    Coverage, Ending, Explorer, Report, Verdict, explore, programs, replay, thread,
};
use std::sync::atomic::AtomicBool as AtomicBoolOfStd;
use std::time::{Duration, Instant};

/// Three threads that each add one this many times, in two steps each.
fn updates_of_three(times: u32) -> impl Fn() -> u32 + Copy + Send + 'static {
    move || {
        let x = AtomicU32::new(0);
        thread::scope(|s| {
            for _ in 0..3 {
                s.spawn(|| {
                    (0..times).for_each(|_| x.store(x.load(SeqCst) + 1, SeqCst));
                });
            }
        });
        x.into_inner()
    }
}

#[test]
fn bounds_are_kept_and_told() {
    let many = updates_of_three(6);
    let bounded = Explorer::new().schedules(300).random(50);
    let report = bounded.explore(many);
    assert_eq!(report.coverage, Coverage::Preemptions(1));
    assert!((301..=350).contains(&report.schedules), "{}", report.schedules);
    assert!(report.random > 0 && report.caveat().contains("at most 1 "));
    // Chance, too, is the same each time.
    let counts = |r: &Report| r.outcomes.iter().map(|o| o.count).collect::<Vec<_>>();
    assert_eq!(counts(&bounded.explore(many)), counts(&report));
    let other = bounded.clone().seed(2).explore(many);
    assert_ne!(counts(&other), counts(&report));

    let start = Instant::now();
    let short = Explorer::new().timeout(Duration::from_millis(50)).explore(many);
    assert!(!short.outcomes.is_empty() && short.coverage != Coverage::All);
    assert!(short.schedules < 10_000, "{}", short.schedules);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_run_that_was_cut_is_not_called_a_livelock() {
    let long = || {
        let x = AtomicU32::new(0);
        thread::scope(|s| {
            s.spawn(|| (0..40).for_each(|_| _ = x.fetch_add(1, SeqCst)));
        });
        x.into_inner()
    };
    let report = Explorer::new().steps(30).explore(long);
    let worst = report.worst().unwrap();
    assert_eq!((worst.verdict, worst.ending.word()), (Verdict::Open, "not finished"));
    assert!(report.caveat().contains("30 steps of each"), "{}", report.caveat());
    assert!(!report.passed() && !report.expect([40]).passed());
    assert!(explore(long).passed());
}

#[test]
fn a_yield_between_two_steps_hides_nothing() {
    let yielding = || {
        let x = AtomicU32::new(0);
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let seen = x.load(SeqCst);
                    thread::yield_now();
                    x.store(seen + 1, SeqCst);
                });
            }
        });
        x.into_inner()
    };
    let report = explore(yielding);
    let mut values: Vec<_> =
        report.outcomes.iter().map(|o| o.ending.detail()).collect();
    values.sort_unstable();
    assert_eq!(values, ["1", "2"]);
    // A turn that is given away is not lost.
    assert!(report.outcomes.iter().all(|outcome| outcome.preemptions == 0));
}

#[test]
fn a_bound_on_preemptions_is_kept_and_told() {
    let one = Explorer::new().preemptions(1).explore(programs::lost_update);
    assert!(one.outcomes.iter().all(|o| o.preemptions <= 1));
    assert!(!one.has_others() && !one.caveat().contains("others"), "{}", one.caveat());
    let two = Explorer::new().schedules(2).random(0).explore(programs::lost_update);
    assert_eq!((two.coverage, two.has_others()), (Coverage::Preemptions(0), false));
    let chance = Explorer::new()
        .preemptions(1)
        .schedules(2)
        .random(500)
        .explore(updates_of_three(2));
    assert!(chance.random > 0 && chance.outcomes.iter().all(|o| o.preemptions <= 1));
    assert!(chance.outcomes.iter().any(|o| o.ending.detail() != "6"), "some by chance");
}

#[test]
fn a_string_from_a_larger_bound_is_followed_to_its_end() {
    let long = || {
        let x = AtomicU32::new(0);
        (0..600).for_each(|_| _ = x.fetch_add(1, SeqCst));
        x.into_inner()
    };
    let whole = replay(long, &"0".repeat(600)).unwrap();
    assert_eq!(whole.ending, Some(Ending::Returned("600".to_owned())));
    let cut = replay(long, "").unwrap();
    assert_eq!(cut.ending.unwrap().word(), "not finished");
}

#[test]
fn a_livelock_is_an_outcome() {
    let report = explore(|| {
        let never = AtomicBool::new(false);
        while !never.load(SeqCst) {
            thread::yield_now();
        }
    });
    assert_eq!(report.worst().unwrap().ending.word(), "livelock");

    let polite = || {
        let ready = AtomicBool::new(false);
        thread::scope(|s| {
            s.spawn(|| ready.store(true, SeqCst));
            while !ready.load(SeqCst) {
                thread::yield_now();
            }
        });
    };
    assert!(explore(polite).passed());
}

#[test]
fn two_who_give_way_are_not_done_when_the_run_is_cut() {
    let give_way = || {
        let forks = ["a", "b"].map(|name| Mutex::new(()).named(name));
        thread::scope(|s| {
            for (mine, other) in [(0, 1), (1, 0)] {
                let forks = &forks;
                s.spawn(move || {
                    loop {
                        let _first = forks[mine].lock().unwrap();
                        if forks[other].try_lock().is_ok() {
                            break;
                        }
                        drop(_first);
                        thread::yield_now();
                    }
                });
            }
        });
    };
    let report = Explorer::new().steps(14).explore(give_way);
    assert_eq!(report.coverage, Coverage::All);
    let words: Vec<&str> = report.outcomes.iter().map(|o| o.ending.word()).collect();
    assert_eq!(words, ["not finished", ""], "it could end, and it need not");
    let run = report.worst().unwrap().schedule.as_ref().unwrap();
    assert_eq!(run.breaking, None, "it ends by its bound, not by a step");

    let lost_signal = || {
        let ready = AtomicBool::new(false);
        thread::scope(|s| {
            s.spawn(|| ready.store(true, SeqCst));
            ready.store(false, SeqCst);
            while !ready.load(SeqCst) {
                thread::yield_now();
            }
        });
    };
    let report = explore(lost_signal);
    let run = report.worst().unwrap().schedule.as_ref().unwrap();
    assert_eq!(run.breaking, Some(0), "the signal came too early: {:?}", run.steps);
}

/// A program whose thread takes one step and then goes on outside of the schedule.
fn after_one_step(outside: fn()) -> Report {
    explore(move || {
        let x = AtomicU32::new(0);
        thread::scope(|s| {
            s.spawn(|| {
                x.load(SeqCst);
                outside();
            });
        });
    })
}

#[test]
fn what_takes_no_step_is_stuck_whatever_it_does_instead() {
    static OPEN: AtomicBoolOfStd = AtomicBoolOfStd::new(false);
    static GATE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let held = GATE.lock().unwrap();
    let stuck: [fn(); 3] = [
        || std::thread::park_timeout(Duration::from_secs(60)),
        || drop(GATE.lock()),
        || {
            while !OPEN.load(SeqCst) {
                std::hint::spin_loop();
            }
        },
    ];
    for outside in stuck {
        let report = after_one_step(outside);
        assert!(!report.passed() && !report.saw_no_step());
        let worst = report.worst().unwrap();
        assert_eq!((worst.verdict, worst.ending.word()), (Verdict::Forbidden, "stuck"));
        let words = worst.ending.detail();
        assert!(words.starts_with("`thread 1` took no step for 2 s"), "{words}");
        assert_eq!(report.trouble.as_deref(), Some(words));
    }
    // The threads of the three runs end now.
    OPEN.store(true, SeqCst);
    drop(held);
}

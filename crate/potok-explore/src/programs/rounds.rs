//! A semaphore and a barrier, each built from a mutex and a condition variable.

use crate::sync::atomic::{AtomicU32, Ordering::SeqCst};
use crate::sync::{Condvar, Mutex};
use crate::thread;

/// A semaphore with one permit. A thread that finds none waits *once*, and then takes a
/// permit without checking again. Another thread may have been faster: then the number of
/// permits would fall below zero, which panics.
pub fn semaphore_checks_once() -> u32 {
    let permits = Mutex::new(1_u32).named("permits");
    let released = Condvar::new().named("released");
    three_visits(|| {
        let mut free = permits.lock().unwrap();
        if *free == 0 {
            free = released.wait(free).unwrap();
        }
        *free = free.checked_sub(1).expect("there is no permit to take");
        drop(free);
        *permits.lock().unwrap() += 1;
        released.notify_one();
    });
    permits.into_inner().unwrap()
}

/// The cure of [`semaphore_checks_once`]: `while` instead of `if`.
pub fn semaphore_checks_again() -> u32 {
    let permits = Mutex::new(1_u32).named("permits");
    let released = Condvar::new().named("released");
    three_visits(|| {
        let mut free = permits.lock().unwrap();
        while *free == 0 {
            // New: awake is not enough, the condition must hold.
            free = released.wait(free).unwrap();
        }
        *free = free.checked_sub(1).expect("there is no permit to take");
        drop(free);
        *permits.lock().unwrap() += 1;
        released.notify_one();
    });
    permits.into_inner().unwrap()
}

fn three_visits(visit: impl Fn() + Sync) {
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(&visit);
        }
    });
}

/// Two threads meet at a barrier at the end of each of two rounds. The barrier counts down
/// to zero, and the last thread to arrive resets it. A thread that wakes late finds it
/// reset, takes that for a reason to wait, and sleeps for ever.
pub fn reused_barrier() -> u32 {
    let missing = Mutex::new(2_u32).named("missing");
    let opened = Condvar::new().named("opened");
    two_rounds(|| {
        let mut state = missing.lock().unwrap();
        *state -= 1;
        if *state == 0 {
            *state = 2;
            drop(state);
            opened.notify_all();
            return;
        }
        while *state != 2 {
            state = opened.wait(state).unwrap();
        }
    })
}

/// The cure of [`reused_barrier`]: each round has a number, and a thread waits for the
/// number to change.
pub fn barrier_with_generations() -> u32 {
    let barrier = Mutex::new((2_u32, 0_u32)).named("(missing, round)"); // New: the round.
    let opened = Condvar::new().named("opened");
    two_rounds(|| {
        let mut state = barrier.lock().unwrap();
        let round = state.1;
        state.0 -= 1;
        if state.0 == 0 {
            *state = (2, round + 1);
            drop(state);
            opened.notify_all();
            return;
        }
        while state.1 == round {
            state = opened.wait(state).unwrap();
        }
    })
}

fn two_rounds(arrive: impl Fn() + Sync) -> u32 {
    let done = AtomicU32::new(0).named("done");
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                arrive();
                arrive();
                done.fetch_add(1, SeqCst);
            });
        }
    });
    done.into_inner()
}

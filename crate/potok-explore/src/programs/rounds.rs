//! A semaphore and a barrier, each built from a mutex and a condition variable.

use crate::sync::atomic::{AtomicU32, Ordering::SeqCst};
use crate::sync::{Condvar, Mutex};
use crate::thread;

/// A semaphore that hands out one permit; whoever finds none waits, *once*, and then takes
/// it without looking again. Somebody else may have been faster: two are inside, and the
/// number of permits falls below zero, which panics.
pub fn semaphore_checks_once() -> u32 {
    semaphore(false)
}

/// The cure of [`semaphore_checks_once`]: `while` in the place of `if`.
pub fn semaphore_checks_again() -> u32 {
    semaphore(true)
}

fn semaphore(again: bool) -> u32 {
    let permits = Mutex::new(1_u32).named("permits");
    let released = Condvar::new().named("released");
    let visit = || {
        let mut free = permits.lock().unwrap();
        while *free == 0 {
            free = released.wait(free).unwrap();
            if !again {
                break;
            }
        }
        *free = free.checked_sub(1).expect("there is no permit to take");
        drop(free);
        *permits.lock().unwrap() += 1;
        released.notify_one();
    };
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(visit);
        }
    });
    permits.into_inner().unwrap()
}

/// Two threads meet at a barrier at the end of each of two rounds. The barrier counts down
/// to zero and is wound up again by the last to come; a thread that wakes late finds it
/// wound up, takes that for a reason to wait, and sleeps for ever.
pub fn reused_barrier() -> u32 {
    two_rounds(false)
}

/// The cure of [`reused_barrier`]: a number for each round; who waits, waits for the number
/// to change.
pub fn barrier_with_generations() -> u32 {
    two_rounds(true)
}

fn two_rounds(generations: bool) -> u32 {
    // How many are missing, and in which round.
    let barrier = Mutex::new((2_u32, 0_u32)).named("(missing, round)");
    let opened = Condvar::new().named("opened");
    let arrive = || {
        let mut state = barrier.lock().unwrap();
        let round = state.1;
        state.0 -= 1;
        if state.0 == 0 {
            *state = (2, round + 1);
            drop(state);
            opened.notify_all();
            return;
        }
        while if generations { state.1 == round } else { state.0 != 2 } {
            state = opened.wait(state).unwrap();
        }
    };
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

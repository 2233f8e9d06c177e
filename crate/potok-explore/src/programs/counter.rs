//! Read, compute, write: what happens when another thread comes in between.

use crate::sync::Mutex;
use crate::sync::atomic::{AtomicI32, AtomicU32, Ordering::SeqCst};
use crate::thread;

/// Two threads add 1 each: load, then store. Gives 2, or 1 if an update is lost.
pub fn lost_update() -> u32 {
    let counter = AtomicU32::new(0).named("counter");
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                let seen = counter.load(SeqCst);
                counter.store(seen + 1, SeqCst);
            });
        }
    });
    counter.into_inner()
}

/// The cure of [`lost_update`]: reading and writing in one step.
pub fn one_step_update() -> u32 {
    let counter = AtomicU32::new(0).named("counter");
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| counter.fetch_add(1, SeqCst));
        }
    });
    counter.into_inner()
}

/// Another cure of [`lost_update`]: the lock keeps other threads out.
///
/// # Examples
/// ```
/// use potok::explore::{explore, programs};
/// assert!(explore(programs::updates_under_lock).expect([2]).passed());
/// ```
pub fn updates_under_lock() -> u32 {
    let counter = Mutex::new(0).named("counter");
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| *counter.lock().unwrap() += 1);
        }
    });
    counter.into_inner().unwrap()
}

/// An account of 100, and two customers who each withdraw 80 if there is enough. Every step
/// is atomic, and still the bank may pay twice: the check no longer holds by the time of
/// the withdrawal.
pub fn check_then_act() -> i32 {
    let balance = AtomicI32::new(100).named("balance");
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                if balance.load(SeqCst) >= 80 {
                    balance.fetch_sub(80, SeqCst);
                }
            });
        }
    });
    balance.into_inner()
}

/// The cure of [`check_then_act`]: check and withdraw under one lock.
pub fn check_under_lock() -> i32 {
    let balance = Mutex::new(100).named("balance");
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                let mut balance = balance.lock().unwrap();
                if *balance >= 80 {
                    *balance -= 80;
                }
            });
        }
    });
    balance.into_inner().unwrap()
}

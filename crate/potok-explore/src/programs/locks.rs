//! Two locks taken in opposite orders, and a lock that a program tries to avoid.

use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use crate::thread;

/// Two transfers between the same two accounts, in opposite directions. Each locks the
/// account that it takes from first: this can deadlock.
pub fn locks_in_opposite_order() -> (i32, i32) {
    let ann = Mutex::new(10).named("ann");
    let bob = Mutex::new(10).named("bob");
    thread::scope(|s| {
        s.spawn(|| {
            let mut from = ann.lock().unwrap();
            let mut to = bob.lock().unwrap();
            *from -= 1;
            *to += 1;
        });
        s.spawn(|| {
            let mut from = bob.lock().unwrap();
            let mut to = ann.lock().unwrap();
            *from -= 2;
            *to += 2;
        });
    });
    (ann.into_inner().unwrap(), bob.into_inner().unwrap())
}

/// The cure of [`locks_in_opposite_order`]: both threads lock `ann` before `bob`.
pub fn locks_in_one_order() -> (i32, i32) {
    let ann = Mutex::new(10).named("ann");
    let bob = Mutex::new(10).named("bob");
    thread::scope(|s| {
        s.spawn(|| {
            let mut from = ann.lock().unwrap();
            let mut to = bob.lock().unwrap();
            *from -= 1;
            *to += 1;
        });
        s.spawn(|| {
            let mut to = ann.lock().unwrap(); // New: the same order as above.
            let mut from = bob.lock().unwrap();
            *from -= 2;
            *to += 2;
        });
    });
    (ann.into_inner().unwrap(), bob.into_inner().unwrap())
}

/// The first caller computes a value for all. A flag is checked first, to save the lock,
/// but it is set before the value is stored: a reader may see 0.
pub fn flag_before_value() -> (u32, u32) {
    let ready = AtomicBool::new(false).named("ready");
    let value = AtomicU32::new(0).named("value");
    let making = Mutex::new(()).named("making");
    two_readers(|| {
        if !ready.load(SeqCst) {
            let _guard = making.lock().unwrap();
            if !ready.load(SeqCst) {
                ready.store(true, SeqCst);
                value.store(42, SeqCst);
            }
        }
        value.load(SeqCst)
    })
}

/// The cure of [`flag_before_value`], known as double-checked locking: the value first,
/// then the flag.
///
/// In Rust, `std::sync::OnceLock` is this cure. With orderings weaker than `SeqCst` the
/// flag must be stored with `Release` and loaded with `Acquire`; that is not explored here.
pub fn double_checked() -> (u32, u32) {
    let ready = AtomicBool::new(false).named("ready");
    let value = AtomicU32::new(0).named("value");
    let making = Mutex::new(()).named("making");
    two_readers(|| {
        if !ready.load(SeqCst) {
            let _guard = making.lock().unwrap();
            if !ready.load(SeqCst) {
                value.store(42, SeqCst); // New: in this order.
                ready.store(true, SeqCst);
            }
        }
        value.load(SeqCst)
    })
}

fn two_readers(get: impl Fn() -> u32 + Sync) -> (u32, u32) {
    thread::scope(|s| {
        let (a, b) = (s.spawn(&get), s.spawn(&get));
        (a.join().unwrap(), b.join().unwrap())
    })
}

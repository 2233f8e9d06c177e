//! Two locks, and a lock that one tries to save.

use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use crate::thread;

/// Two transfers between the same two accounts, in opposite directions; each locks the
/// account it takes from first. May deadlock.
pub fn locks_in_opposite_order() -> (i32, i32) {
    transfers(false)
}

/// The cure of [`locks_in_opposite_order`]: everybody locks in the same order.
pub fn locks_in_one_order() -> (i32, i32) {
    transfers(true)
}

fn transfers(one_order: bool) -> (i32, i32) {
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
            let (mut to, mut from);
            if one_order {
                to = ann.lock().unwrap();
                from = bob.lock().unwrap();
            } else {
                from = bob.lock().unwrap();
                to = ann.lock().unwrap();
            }
            *from -= 2;
            *to += 2;
        });
    });
    (ann.into_inner().unwrap(), bob.into_inner().unwrap())
}

/// A value is made once, by whoever comes first. To save the lock, a flag is looked at
/// before; but it is set before the value is there. A reader may see 0.
pub fn flag_before_value() -> (u32, u32) {
    make_once(false)
}

/// The cure of [`flag_before_value`]: first the value, then the flag, and a second look
/// under the lock.
///
/// In Rust, `std::sync::OnceLock` is this cure. With weaker orderings than `SeqCst`, the
/// flag must be stored with `Release` and loaded with `Acquire`: that is not explored here.
pub fn double_checked() -> (u32, u32) {
    make_once(true)
}

fn make_once(value_first: bool) -> (u32, u32) {
    let ready = AtomicBool::new(false).named("ready");
    let value = AtomicU32::new(0).named("value");
    let making = Mutex::new(()).named("making");
    let get = || {
        if !ready.load(SeqCst) {
            let _guard = making.lock().unwrap();
            if !ready.load(SeqCst) {
                if value_first {
                    value.store(42, SeqCst);
                    ready.store(true, SeqCst);
                } else {
                    ready.store(true, SeqCst);
                    value.store(42, SeqCst);
                }
            }
        }
        value.load(SeqCst)
    };
    thread::scope(|s| {
        let (a, b) = (s.spawn(get), s.spawn(get));
        (a.join().unwrap(), b.join().unwrap())
    })
}

//! A buffer of one item: producers wait while it is full, consumers while it is empty.

use crate::sync::{Condvar, Mutex};
use crate::thread;

/// Two consumers and a producer of two items, all waiting on one condition variable.
/// `notify_one` may wake the wrong thread, which goes back to sleep: then all sleep.
pub fn one_condvar_notify_one() -> &'static str {
    let full = Mutex::new(false).named("full");
    let changed = Condvar::new().named("changed");
    let put = || {
        let mut full = full.lock().unwrap();
        while *full {
            full = changed.wait(full).unwrap();
        }
        *full = true;
        changed.notify_one();
    };
    let take = || {
        let mut full = full.lock().unwrap();
        while !*full {
            full = changed.wait(full).unwrap();
        }
        *full = false;
        changed.notify_one();
    };
    two_consumers(put, take)
}

/// The cure of [`one_condvar_notify_one`]: a condition variable for each condition. (The
/// other cure is `notify_all`.)
pub fn two_condvars() -> &'static str {
    let full = Mutex::new(false).named("full");
    let room = Condvar::new().named("room"); // New: producers wait here,
    let goods = Condvar::new().named("goods"); // and consumers here.
    let put = || {
        let mut full = full.lock().unwrap();
        while *full {
            full = room.wait(full).unwrap();
        }
        *full = true;
        goods.notify_one();
    };
    let take = || {
        let mut full = full.lock().unwrap();
        while !*full {
            full = goods.wait(full).unwrap();
        }
        *full = false;
        room.notify_one();
    };
    two_consumers(put, take)
}

fn two_consumers(put: impl Fn() + Sync, take: impl Fn() + Sync) -> &'static str {
    let named = |name: &str| thread::Builder::new().name(name.to_owned());
    let produce = || {
        put();
        put();
    };
    thread::scope(|s| {
        for name in ["consumer 1", "consumer 2"] {
            named(name).spawn_scoped(s, &take).unwrap();
        }
        named("producer").spawn_scoped(s, produce).unwrap();
    });
    "all done"
}

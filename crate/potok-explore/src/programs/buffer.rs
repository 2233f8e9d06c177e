//! A buffer with room for one: producers wait while it is full, consumers while it is empty.

use crate::sync::{Condvar, Mutex};
use crate::thread;

struct Buffer {
    full: Mutex<bool>,
    /// Where producers wait.
    room: Condvar,
    /// Where consumers wait, unless they wait where producers do.
    goods: Option<Condvar>,
}

impl Buffer {
    fn put(&self) {
        let mut full = self.full.lock().unwrap();
        while *full {
            full = self.room.wait(full).unwrap();
        }
        *full = true;
        self.goods().notify_one();
    }

    fn take(&self) {
        let mut full = self.full.lock().unwrap();
        while !*full {
            full = self.goods().wait(full).unwrap();
        }
        *full = false;
        self.room.notify_one();
    }

    fn goods(&self) -> &Condvar {
        self.goods.as_ref().unwrap_or(&self.room)
    }
}

/// Two consumers and a producer of two items, all on one condition variable. A `notify_one`
/// may wake the wrong one, which goes back to sleep: then all sleep.
pub fn one_condvar_notify_one() -> &'static str {
    let changed = Condvar::new().named("changed");
    two_consumers(Buffer { full: full(), room: changed, goods: None })
}

/// The cure of [`one_condvar_notify_one`]: a condition variable for each condition. (The
/// other cure is `notify_all`.)
pub fn two_condvars() -> &'static str {
    let room = Condvar::new().named("room");
    let goods = Some(Condvar::new().named("goods"));
    two_consumers(Buffer { full: full(), room, goods })
}

fn full() -> Mutex<bool> {
    Mutex::new(false).named("full")
}

#[expect(clippy::needless_pass_by_value, reason = "it is used up")]
fn two_consumers(buffer: Buffer) -> &'static str {
    let named = |name: &str| thread::Builder::new().name(name.to_owned());
    thread::scope(|s| {
        for name in ["consumer 1", "consumer 2"] {
            named(name).spawn_scoped(s, || buffer.take()).unwrap();
        }
        named("producer")
            .spawn_scoped(s, || {
                buffer.put();
                buffer.put();
            })
            .unwrap();
    });
    "all done"
}

//! A panic of a child is not printed there: its message goes to the parent in the report.
//!
//! A scope says of a panic in one of its threads only that there was one, and `join` hands
//! over a value that most programs only unwrap. So the words of all threads are kept, and
//! where a panic was merely passed on, the first one is told.
//!
//! Rust keeps the panic hook behind a lock. If another thread panics at the moment of a
//! fork, the child has that lock as it was then, and nobody to open it: a child must not
//! exchange the hook. So the parent does, before its first fork, and the hook asks which
//! of the two it is in. A hook that somebody sets later is obeyed in children too.

use crate::{place, words};
use potok_base::error::{Error, ErrorKind, Result, panic_message};
use potok_base::panic_hook::ask_first;
use potok_base::sync::lock;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once};
use std::thread::{self, ThreadId};

/// Enough to find the one that the others come from.
const MOST: usize = 64;

/// A panic: whose, where and with which words.
#[derive(Clone, Debug)]
struct Panic {
    thread: ThreadId,
    place: String,
    words: String,
}

/// The panics since the last report. A process that is a child itself keeps them, too, so
/// whoever forks holds it meanwhile.
static PANICS: Mutex<Vec<Panic>> = Mutex::new(vec![]);

static IN_CHILD: AtomicBool = AtomicBool::new(false);

/// Prepares for a fork: a child will be able to keep its panics to itself.
pub(super) fn before_fork() {
    static ONCE: Once = Once::new();
    // A thread that panics itself cannot exchange the hook.
    if !std::thread::panicking() {
        ONCE.call_once(|| {
            ask_first(|info| {
                let in_child = IN_CHILD.load(Ordering::Relaxed);
                if in_child {
                    keep(info);
                }
                in_child
            });
        });
    }
}

/// Holds the lock of the kept panics while this thread forks.
pub(super) fn hold_for_fork() -> impl Sized {
    lock(&PANICS)
}

/// In the child: a panic is kept from here on.
pub(super) fn in_child() {
    IN_CHILD.store(true, Ordering::Relaxed);
}

/// The same for a fresh process.
pub(super) fn keep_silent() {
    before_fork();
    in_child();
}

fn keep(info: &PanicHookInfo<'_>) {
    let place = info.location().map(place::told).unwrap_or_default();
    let words = panic_message(info.payload()).into_owned();
    let mut panics = lock(&PANICS);
    if panics.len() < MOST {
        panics.push(Panic { thread: thread::current().id(), place, words });
    }
}

/// Runs `f`; a panic becomes an error with its words and its place.
pub(super) fn catch<T>(f: impl FnOnce() -> T) -> Result<T> {
    let result = catch_unwind(AssertUnwindSafe(f));
    let panics = std::mem::take(&mut *lock(&PANICS));
    result.map_err(|payload| {
        let what = words::process(std::process::id());
        match origin(&panics, &panic_message(&*payload)) {
            Some(Panic { thread, place, words }) => {
                let own = *thread == thread::current().id();
                let text = match own {
                    true => words::panicked_at(what, place, words),
                    false => words::panicked_in_thread(what, place, words),
                };
                Error::new(ErrorKind::Panicked, text)
            }
            None => Error::panicked(what, &*payload),
        }
    })
}

/// Which of the kept panics this thread caught with this message.
fn origin<'a>(panics: &'a [Panic], caught: &str) -> Option<&'a Panic> {
    let me = thread::current().id();
    let passed_on = caught == "a scoped thread panicked"
        || caught.contains("on an `Err` value: Any { .. }")
        || caught.contains("on an `Err` value: PoisonError");
    let others = panics.iter().find(|panic| panic.thread != me && passed_on);
    let same = |panic: &&Panic| panic.words == caught;
    let own = || panics.iter().rev().find(|panic| panic.thread == me && same(panic));
    others.or_else(own).or_else(|| panics.iter().find(same))
}

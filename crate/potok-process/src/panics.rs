//! A panic of a child says nothing there: its words travel home in the report.
//!
//! Rust keeps the panic hook behind a lock. If another thread panics at the moment of a
//! fork, the child has that lock as it was then, and nobody to open it: a child must not
//! exchange the hook. So the parent does, before its first fork, and the hook asks which
//! of the two it is in. A hook that somebody sets later is obeyed in children too.

use potok_base::error::{Error, ErrorKind, Result};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// Where and with which words this thread panicked last.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

static IN_CHILD: AtomicBool = AtomicBool::new(false);

/// Makes ready for a fork: a child will be able to keep silent.
pub(super) fn before_fork() {
    static ONCE: Once = Once::new();
    // A thread that panics itself cannot exchange the hook.
    if !std::thread::panicking() {
        ONCE.call_once(|| {
            let others = take_hook();
            set_hook(Box::new(move |info| {
                if IN_CHILD.load(Ordering::Relaxed) { keep(info) } else { others(info) }
            }));
        });
    }
}

/// In the child: a panic is kept from here on.
pub(super) fn in_child() {
    IN_CHILD.store(true, Ordering::Relaxed);
}

/// The same for a fresh process, which has no other threads yet.
pub(super) fn keep_silent() {
    set_hook(Box::new(keep));
}

fn keep(info: &PanicHookInfo<'_>) {
    let words = potok_base::error::panic_message(info.payload());
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    PANIC.set(Some(format!("at {place}: {words}")));
}

/// Runs `f`; a panic becomes an error with its words and its place.
pub(super) fn catch<T>(f: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        let what = format!("process {}", std::process::id());
        match PANIC.take() {
            Some(text) => {
                Error::new(ErrorKind::Panicked, format!("{what} panicked {text}"))
            }
            None => Error::panicked(what, &*payload),
        }
    })
}

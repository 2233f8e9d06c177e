//! The panic hook: the one place that exchanges it.
//!
//! ```
//! use potok_base::panic_hook::ask_first;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! static BOBS: AtomicU32 = AtomicU32::new(0);
//! ask_first(|_| {
//!     let bobs = std::thread::current().name() == Some("bob");
//!     BOBS.fetch_add(u32::from(bobs), Ordering::Relaxed);
//!     bobs                                      // said: nobody else needs to say it
//! });
//! let bob = std::thread::Builder::new().name("bob".into());
//! assert!(bob.spawn(|| panic!("no coffee")).unwrap().join().is_err());
//! assert_eq!(BOBS.load(Ordering::Relaxed), 1);
//! ```
//!
//! *What to notice*: a process has one hook for all its threads, so whoever sets one takes
//! it from somebody else. Here the one that was set before is kept, and asked for each panic
//! that does not concern the new one. A hook that is set later by others comes first.

use crate::output::print_aside;
use crate::sync::lock;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Mutex;
use std::thread;

/// From now on, `tell` is asked first for each panic; whether it has dealt with it. If not,
/// the hook that was set before is called.
///
/// Whether it could be done: a thread that panics itself cannot exchange the hook.
pub fn ask_first(
    tell: impl Fn(&PanicHookInfo<'_>) -> bool + Send + Sync + 'static,
) -> bool {
    /// Nobody takes the hook that is there for a moment between the two.
    static EXCHANGE: Mutex<()> = Mutex::new(());
    if std::thread::panicking() {
        return false;
    }
    let _alone = lock(&EXCHANGE);
    let before = take_hook();
    set_hook(Box::new(move |info| {
        if !tell(info) {
            before(info);
        }
    }));
    true
}

thread_local! {
    /// What hooks would have said of panics of this thread, inside of [`caught`].
    static KEPT: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Runs `f` for a caller who makes an error of its panic. So a hook does not say it too: it
/// gives its line to [`keep`], and the line of the panic that is the error is left out.
/// Others, which somebody in `f` caught, are said.
pub fn caught<T>(f: impl FnOnce() -> T) -> thread::Result<T> {
    let (result, said) = collected(f);
    said.iter().for_each(|line| print_aside(line.as_bytes()));
    result
}

/// What came of `f`, and what is to be said of the panics in it.
fn collected<T>(f: impl FnOnce() -> T) -> (thread::Result<T>, Vec<String>) {
    let outer = KEPT.replace(Some(vec![]));
    let result = catch_unwind(AssertUnwindSafe(f));
    let mut said = KEPT.replace(outer).unwrap_or_default();
    if result.is_err() {
        said.pop();
    }
    (result, said)
}

/// For a hook: whether what it says of a panic is kept, until it is known whether it becomes
/// an error.
pub fn keep(line: &str) -> bool {
    KEPT.with_borrow_mut(|kept| {
        kept.as_mut().map(|kept| kept.push(line.to_owned())).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::resume_unwind;

    /// The names in `ORDER` are those of the hooks that were asked, in their order.
    #[test]
    fn the_newest_is_asked_first_and_the_others_only_for_what_it_leaves() {
        static ORDER: Mutex<Vec<&str>> = Mutex::new(vec![]);
        let named = |name| thread::current().name() == Some(name);
        assert!(ask_first(move |_| {
            let ours = named("ann") || named("bob");
            ours.then(|| lock(&ORDER).push("old"));
            ours
        }));
        assert!(ask_first(move |_| {
            if named("ann") || named("bob") {
                lock(&ORDER).push("new");
            }
            named("bob")
        }));
        for name in ["ann", "bob"] {
            let thread = thread::Builder::new().name(name.into());
            assert!(thread.spawn(|| panic!("hooked")).unwrap().join().is_err());
        }
        assert_eq!(*lock(&ORDER), ["new", "old", "new"]);
    }

    /// A panic of this thread, with the line of its hook.
    fn panics(line: &str) -> ! {
        assert!(keep(line));
        resume_unwind(Box::new(()))
    }

    #[test]
    fn what_becomes_an_error_is_not_said_and_the_others_are() {
        let caught_inside = || catch_unwind(|| panics("inside")).is_err();
        let (result, said) = collected(|| {
            assert!(caught_inside());
            panics("the error")
        });
        assert!(result.is_err());
        assert_eq!(said, ["inside"]);
        let (result, said) = collected(caught_inside);
        assert_eq!((result.ok(), said), (Some(true), vec!["inside".to_owned()]));
        let (nested, said) = collected(|| {
            let inner = collected(|| panics("the inner error"));
            (inner.0.is_err(), inner.1)
        });
        assert_eq!((nested.ok(), said), (Some((true, vec![])), vec![]));
        assert!(!keep("nobody makes an error of it"));
    }

    #[test]
    fn a_thread_that_panics_leaves_the_hook_alone() {
        struct Late(std::sync::mpsc::Sender<bool>);
        impl Drop for Late {
            fn drop(&mut self) {
                self.0.send(ask_first(|_| true)).unwrap();
            }
        }
        let (sender, answer) = std::sync::mpsc::channel();
        let panicking = thread::spawn(move || {
            let _late = Late(sender);
            panic!("on purpose");
        });
        assert!(panicking.join().is_err());
        assert_eq!(answer.recv(), Ok(false));
    }
}

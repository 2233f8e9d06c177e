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

use crate::sync::lock;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Mutex;

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

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

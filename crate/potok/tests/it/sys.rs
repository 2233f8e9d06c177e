//! Lets this binary be its own worker: its `main` is the test runner's, so the call that
//! belongs there is made by the loader, before it. And forks among the test runner's threads.
#![allow(unsafe_code, reason = "a section of the binary that the loader reads; forks")]

use potok::processes::{Child, Limits};
use serde::Serialize;
use serde::de::DeserializeOwned;

extern "C" fn start() {
    potok::processes::init();
}

// SAFETY: the loader calls each function in this section once, on the main thread, before
// `main`; this one takes nothing and uses only what `std` has ready by then.
#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

/// `processes::fork` while other tests run.
pub(crate) fn fork<T, F>(f: F) -> potok::Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    Limits::new().fork_among_tests(f)
}

/// `Limits::fork` while other tests run.
pub(crate) trait ForkAmongTests {
    fn fork_among_tests<T, F>(self, f: F) -> potok::Result<Child<T>>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> T;
}

impl ForkAmongTests for Limits {
    fn fork_among_tests<T, F>(self, f: F) -> potok::Result<Child<T>>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> T,
    {
        // SAFETY: the child of a test uses nothing that other tests have.
        unsafe { self.fork_among_threads(f) }
    }
}

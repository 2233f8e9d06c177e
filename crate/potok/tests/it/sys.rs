//! Lets this binary be its own worker: its `main` is the test runner's, so the call that
//! belongs there is made by the loader, before it. And forks among the test runner's threads.
#![allow(unsafe_code, reason = "a section of the binary that the loader reads; forks")]

use nix::unistd::write;
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

/// Writes these bytes to each socket of this process, as a program gone wild does.
pub(crate) fn write_to_all_sockets(bytes: &[u8]) {
    for number in 3..256 {
        let found = std::fs::read_link(format!("/proc/self/fd/{number}"));
        if found.is_ok_and(|file| file.to_string_lossy().starts_with("socket:")) {
            // SAFETY: it is open, as the system has just said, and whoever owns it does not
            // close it meanwhile: this process has nothing else to do.
            let socket = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
            let _ = write(socket, bytes);
        }
    }
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

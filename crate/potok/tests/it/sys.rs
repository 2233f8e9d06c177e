//! Lets this binary be its own worker: its `main` is the test runner's, so the call that
//! belongs there is made by the loader, before it.
#![allow(unsafe_code, reason = "a section of the binary that the loader reads")]

extern "C" fn start() {
    potok::processes::init();
}

// SAFETY: the loader calls each function in this section once, on the main thread, before
// `main`; this one takes nothing and uses only what `std` has ready by then.
#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

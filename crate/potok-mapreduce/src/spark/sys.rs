//! Functions by their address.
#![allow(unsafe_code, reason = "the file named for it")]

use std::mem::transmute_copy;

/// Code at an address, as the function that it is.
///
/// Call it with addresses that were made from such functions, by the same build of the same
/// object.
pub(super) fn as_function<F: Copy>(address: *const ()) -> F {
    assert_eq!(size_of::<F>(), size_of::<*const ()>(), "only for function pointers");
    // SAFETY: `F` is a pointer to a function (a private helper with three callers, all of
    // which say so). The address comes from a `Code`, which the sender made from a function
    // of this very type: entry and makers are put in and taken out by the same generic code.
    unsafe { transmute_copy(&address) }
}

//! How potok's kernel starts a worker: the one function that is found by its name.
//!
//! *Claimed*: the object's name is a string that ends in a zero byte, as `potok-kernel` passes it
//! (`worker/sys.rs`); the offset is checked here.
//!
//! *Checked*: in the real kernel, by `notebooks/tests/test_processes.py`; under no tool.

use crate::code::Code;
use crate::spawn::call;
use nix::libc::c_char;
use std::ffi::CStr;

/// Calls the `main` that a record in `object` is of; what it returns.
///
/// A program that does not know potok loads an object that contains it, asks the loader
/// for this name, and needs to know nothing else.
///
/// # Safety
/// `object` points to a string that ends in a zero byte, or is null: the program itself.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn potok_call(
    object: *const c_char,
    offset: usize,
) -> i32 {
    // SAFETY: the caller promises it.
    let object = (!object.is_null()).then(|| unsafe { CStr::from_ptr(object) });
    let object = object.unwrap_or_default().to_string_lossy();
    call(&Code::new(object.into_owned(), offset))
}

//! Calling potok's code in a shared object. The unsafe part of the role `worker`.
//!
//! *Claimed*: a function of the name `potok_call` is of one type, in every object that has one.
//!
//! *Checked*: the unit test below by valgrind's memcheck; a call in the real kernel, by
//! `notebooks/tests/test_processes.py`.
#![allow(unsafe_code, reason = "the file named for it")]

use crate::Result;
use std::ffi::{CStr, CString, c_char, c_int, c_void};

/// What potok exports for us: it calls the code that is recorded at an offset of an object,
/// after it has looked that there is such a record.
const CALL: &CStr = c"potok_call";

/// Loads the shared object and has its potok call what is recorded at `offset`.
pub(super) fn call(object: &str, offset: usize) -> Result<c_int> {
    let path = CString::new(object)?;
    // SAFETY: the path ends in a zero byte. Loading runs the object's initialisers; it is
    // potok, or a cell with potok in it, which the calling process has loaded too.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    if handle.is_null() {
        // SAFETY: after a failure `dlerror` gives a string that ends in a zero byte.
        let why = unsafe { CStr::from_ptr(libc::dlerror()) };
        return Err(why.to_string_lossy().into());
    }
    // SAFETY: an open object, and a name that ends in a zero byte.
    let call = unsafe { libc::dlsym(handle, CALL.as_ptr()) };
    if call.is_null() {
        return Err(
            format!("{object}: no potok in it, or one of another version").into()
        );
    }
    // SAFETY: a function of this name has this type, in every object that has one.
    let call = unsafe { as_call(call) };
    // SAFETY: it wants a path that ends in a zero byte, and checks the offset by itself.
    Ok(unsafe { call(path.as_ptr(), offset) })
}

/// What a function of the name [`CALL`] is.
type Call = unsafe extern "C" fn(*const c_char, usize) -> c_int;

/// # Safety
/// At this address begins a function of this type.
unsafe fn as_call(address: *mut c_void) -> Call {
    // SAFETY: the caller promises it, and an address is what such a pointer is.
    unsafe { std::mem::transmute::<*mut c_void, Call>(address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_potok_is_named() {
        // SAFETY: `dladdr` accepts any address, and fills in what has room for it.
        let libc = unsafe {
            let mut info = std::mem::zeroed::<libc::Dl_info>();
            assert_ne!(libc::dladdr(libc::getpid as *const _, &raw mut info), 0);
            CStr::from_ptr(info.dli_fname).to_str().unwrap()
        };
        let error = call(libc, 64).unwrap_err().to_string();
        assert!(error.contains(libc) && error.contains("no potok"), "{error}");
        let error = call("/dev/null", 64).unwrap_err().to_string();
        assert!(error.contains("/dev/null"), "{error}");
    }
}

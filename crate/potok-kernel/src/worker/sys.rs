//! Calling code by its address. The unsafe part of the role `worker`.
#![allow(unsafe_code, reason = "the file named for it")]

use crate::Result;
use std::ffi::{CStr, CString, c_int};
use std::ptr;

/// Loads the shared object and calls the function at `offset` in it.
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
    let mut map: *const usize = ptr::null();
    // SAFETY: for this request `dlinfo` writes one pointer, to the loader's record of the
    // object, whose first field is the address at which the object lies.
    let base = unsafe {
        match libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast()) {
            0 => *map,
            _ => {
                return Err(
                    format!("{object}: the loader does not say where it is").into()
                );
            }
        }
    };
    let main = ptr::without_provenance::<()>(base + offset);
    // SAFETY: potok passes the offset of its own `extern "C" fn() -> i32` in this object,
    // and object and offset come from a process that runs the same file.
    let main: extern "C" fn() -> c_int = unsafe { std::mem::transmute(main) };
    Ok(main())
}

//! Code by its address: where it comes from, and where it is in another process.

use crate::code::Entry;
use nix::libc;
use potok_base::error::{Error, ErrorKind, Result};
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// Where code lives: the shared object (empty for the program itself) and the offset in it.
pub(crate) fn locate(code: *const ()) -> Option<(String, usize)> {
    let object = object_of(code)?;
    // SAFETY: `getauxval` takes a number; this one names the program's own headers.
    let program = unsafe { libc::getauxval(libc::AT_PHDR) } as *const ();
    let base = object.dli_fbase as usize;
    if object_of(program)?.dli_fbase as usize == base {
        return Some((String::new(), code as usize - base));
    }
    // SAFETY: `dladdr` filled in the name of a loaded object, a string that ends in a zero
    // byte and lives as long as the object does.
    let path = unsafe { CStr::from_ptr(object.dli_fname) };
    Some((path.to_str().ok()?.to_owned(), code as usize - base))
}

fn object_of(address: *const ()) -> Option<libc::Dl_info> {
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: `info` has room for the answer, and `dladdr` accepts any address. It fills
    // in all of `info` when it does not return 0.
    unsafe {
        (libc::dladdr(address.cast(), info.as_mut_ptr()) != 0)
            .then(|| info.assume_init())
    }
}

/// The address of code that [`locate`] described, in this process. Loads its object.
pub(crate) fn address(object: &str, offset: usize) -> Result<*const ()> {
    let missing = |why: &str| {
        let text = format!("load the code at `{object}`+{offset:#x}: {why}");
        Error::new(ErrorKind::NotFound, text)
    };
    if object.is_empty() {
        // SAFETY: as in `locate`.
        let program = unsafe { libc::getauxval(libc::AT_PHDR) } as *const ();
        let info = object_of(program).ok_or_else(|| missing("no program"))?;
        return Ok(info.dli_fbase.cast_const().cast::<()>().wrapping_byte_add(offset));
    }
    let path = CString::new(object).map_err(|_| missing("a zero byte in its name"))?;
    // SAFETY: the path ends in a zero byte. Loading runs the object's initialisers: it is
    // an object that the parent runs too. It is never closed, so addresses stay valid.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    if handle.is_null() {
        // SAFETY: after a failure `dlerror` gives a string, or null if it has none.
        let why = unsafe {
            let why = libc::dlerror();
            (!why.is_null()).then(|| CStr::from_ptr(why).to_string_lossy().into_owned())
        };
        return Err(missing(why.as_deref().unwrap_or("the loader does not say")));
    }
    let mut map: *const usize = std::ptr::null();
    // SAFETY: for this request `dlinfo` writes one pointer, to the loader's record of the
    // object, whose first field is the base address.
    let base = unsafe {
        let ok = libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast());
        (ok == 0 && !map.is_null()).then(|| *map)
    };
    let base = base.ok_or_else(|| missing("no base address"))?;
    Ok(std::ptr::without_provenance(base + offset))
}

/// The value of a type that has no size: a function or a closure that captures nothing.
pub(crate) fn conjure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0) };
    // SAFETY: a type without size has one value, and reading it reads no memory. `F` is
    // `Copy`, so nothing is dropped twice; the caller was given a value of it once.
    unsafe { NonNull::<F>::dangling().read() }
}

/// Code that [`address`] found, as the function that it is.
pub(crate) fn as_entry(address: *const ()) -> Entry {
    // SAFETY: the address comes from a `Code`, which is only ever made from an `Entry`, by
    // the same build of the same object: the parent names the file, the child loads it.
    unsafe { std::mem::transmute(address) }
}

/// Code that [`address`] found, as a `main` for another process.
pub(crate) fn as_main(address: *const ()) -> extern "C" fn() -> i32 {
    // SAFETY: the offset comes from `away` in the same program, which takes such a function.
    unsafe { std::mem::transmute(address) }
}

//! The program and the shared objects that this process has loaded, and which of their
//! memory nobody can write.
//!
//! *What to notice*: the loader has a list of them, behind a lock that a fork leaves as it
//! is: a child could wait for it for ever. What the headers of an object say is in its own
//! memory, and the lock that `dladdr` and `dlopen` take is opened again in a child.
//!
//! *Claimed*: where the loader says that an object begins, its head and its table of segments
//! can be read; an object is never closed, so addresses in it stay valid.
//!
//! *Checked*: the unit tests below by AddressSanitizer and by valgrind's memcheck. Whether the
//! loader's answers are right no tool can tell.

use crate::words;
use nix::libc::{self, Elf64_Ehdr, Elf64_Phdr};
use potok_base::error::{Error, ErrorKind, Result};
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::ops::Range;

/// The program, or a shared object that it loaded.
#[derive(Debug)]
pub(super) struct Object {
    /// The file that it comes from; empty for the program itself.
    pub(super) path: String,
    /// What is added to an offset in it, to get an address.
    pub(super) base: usize,
    /// Addresses that can be read and, since it was loaded, not written.
    read_only: Vec<Range<usize>>,
}

impl Object {
    /// Whether nobody can write to any of these addresses.
    pub(super) fn keeps(&self, addresses: &Range<usize>) -> bool {
        let holds =
            |r: &Range<usize>| r.start <= addresses.start && addresses.end <= r.end;
        self.read_only.iter().any(holds)
    }

    /// The object that keeps these addresses.
    pub(super) fn that_keeps(addresses: &Range<usize>) -> Option<Self> {
        Object::around(addresses.start).filter(|object| object.keeps(addresses))
    }

    /// The object of this path, which is loaded if it is not yet; the program itself where
    /// the path is empty.
    ///
    /// # Errors
    /// The loader refuses it.
    pub(super) fn load(path: &str) -> Result<Self> {
        let missing = |why: &str| {
            Error::new(ErrorKind::NotFound, words::code_not_loaded(path, why))
        };
        let inside = if path.is_empty() {
            program()
        } else {
            open(path).map_err(|why| missing(&why))?
        };
        Object::around(inside).ok_or_else(|| missing(words::no_headers()))
    }

    /// The object that has this address.
    fn around(address: usize) -> Option<Self> {
        let info = look_up(address)?;
        let start = info.dli_fbase.expose_provenance();
        let headers = headers(start)?;
        let first = headers.iter().find(|header| header.p_type == libc::PT_LOAD)?;
        let base = start.wrapping_sub(first.p_vaddr as usize & !(PAGE - 1));
        let is_program = look_up(program())?.dli_fbase == info.dli_fbase;
        let path = if is_program || info.dli_fname.is_null() {
            String::new()
        } else {
            // SAFETY: `dladdr` filled in the name of a loaded object, a string that ends
            // in a zero byte and lives as long as the object does.
            unsafe { CStr::from_ptr(info.dli_fname) }.to_str().ok()?.to_owned()
        };
        let read_only = headers.iter().filter(|header| is_read_only(header));
        let addresses = |header: &Elf64_Phdr| {
            let start = base.wrapping_add(header.p_vaddr as usize);
            start..start.saturating_add(header.p_memsz as usize)
        };
        Some(Object { path, base, read_only: read_only.map(addresses).collect() })
    }
}

/// The first segment begins at a page.
const PAGE: usize = 4096;

/// What the loader itself has to fill in lies in a segment that can be written; it takes
/// the right to do so away afterwards, and a header says from which part.
fn is_read_only(header: &Elf64_Phdr) -> bool {
    match header.p_type {
        libc::PT_LOAD => header.p_flags & (libc::PF_R | libc::PF_W) == libc::PF_R,
        kind => kind == libc::PT_GNU_RELRO,
    }
}

/// The headers of the object whose memory begins here.
fn headers(start: usize) -> Option<&'static [Elf64_Phdr]> {
    let file = std::ptr::with_exposed_provenance::<Elf64_Ehdr>(start);
    // SAFETY: `dladdr` says that a loaded object begins here, at a page, and its file does
    // with this head; it stays loaded.
    let head = unsafe { &*file };
    let known = head.e_ident.starts_with(b"\x7fELF")
        && usize::from(head.e_phentsize) == size_of::<Elf64_Phdr>();
    let first = file.wrapping_byte_add(head.e_phoff as usize).cast::<Elf64_Phdr>();
    // SAFETY: the loader itself read that many headers from there; they stand right behind
    // the head, in the same segment.
    (known && first.is_aligned())
        .then(|| unsafe { std::slice::from_raw_parts(first, head.e_phnum.into()) })
}

/// An address in the program itself.
fn program() -> usize {
    // SAFETY: `getauxval` takes a number; this one names the program's own headers.
    unsafe { libc::getauxval(libc::AT_PHDR) as usize }
}

/// What the loader says about an address.
fn look_up(address: usize) -> Option<libc::Dl_info> {
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    let address = std::ptr::without_provenance(address);
    // SAFETY: `info` has room for the answer, and `dladdr` accepts any address. It fills
    // in all of `info` when it does not return 0.
    unsafe {
        (libc::dladdr(address, info.as_mut_ptr()) != 0).then(|| info.assume_init())
    }
}

/// Has the loader open an object: an address in it.
fn open(path: &str) -> std::result::Result<usize, String> {
    let path = CString::new(path).map_err(|_| words::zero_in_name())?;
    // SAFETY: the path ends in a zero byte. Loading runs the object's initialisers: it is
    // an object that the sender of its path runs too. It is never closed, so addresses in
    // it stay valid.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    if handle.is_null() {
        // SAFETY: after a failure `dlerror` gives a string, or null if it has none.
        let why = unsafe {
            let why = libc::dlerror();
            (!why.is_null()).then(|| CStr::from_ptr(why).to_string_lossy().into_owned())
        };
        return Err(why.unwrap_or_else(|| words::loader_silent().into()));
    }
    let mut map: *const [usize; 3] = std::ptr::null();
    // SAFETY: for this request `dlinfo` writes one pointer, to the loader's record of the
    // object. Its third field is the address of a table in the object, after the base and
    // a name.
    let inside = unsafe {
        let ok = libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast());
        (ok == 0 && !map.is_null()).then(|| (*map)[2])
    };
    inside.ok_or_else(|| words::loader_lost().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::{c_int, c_void};

    fn at<T>(value: &T) -> Range<usize> {
        let start = std::ptr::from_ref(value).addr();
        start..start + size_of::<T>()
    }

    static CONSTANT: u64 = 7;
    /// The loader has to fill it in.
    static FUNCTION: fn() -> usize = program;
    static CHANGES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(7);

    #[test]
    fn only_what_nobody_can_write_is_kept() {
        let program = Object::load("").unwrap();
        assert!(program.keeps(&at(&CONSTANT)) && program.keeps(&at(&FUNCTION)));
        assert!(!program.keeps(&at(&CHANGES)));
        let (on_the_stack, on_the_heap) = (7_u64, Box::new(7_u64));
        assert!(Object::that_keeps(&at(&on_the_stack)).is_none());
        assert!(Object::that_keeps(&at(&*on_the_heap)).is_none());
        assert!(Object::that_keeps(&(0..8)).is_none());
        let start = at(&CONSTANT).start;
        assert!(Object::that_keeps(&(start..usize::MAX)).is_none());
    }

    #[test]
    fn an_object_that_is_loaded_is_found_by_its_path() {
        let libc = Object::around((libc::getpid as *const ()).addr()).unwrap();
        assert!(libc.path.contains("libc.so"), "{}", libc.path);
        assert_eq!(Object::load(&libc.path).unwrap().base, libc.base);
    }

    /// The loader's own list is behind a lock that a fork does not open again. A panic that
    /// shows its backtrace has it, for instance.
    #[test]
    fn a_child_finds_objects_whatever_other_threads_ask_of_the_loader() {
        unsafe extern "C" fn look(
            _: *mut libc::dl_phdr_info,
            _: libc::size_t,
            _: *mut c_void,
        ) -> c_int {
            0
        }
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    // SAFETY: `look` looks at nothing.
                    unsafe {
                        libc::dl_iterate_phdr(Some(look), std::ptr::null_mut());
                    }
                }
            });
            let find = || Object::load("").unwrap().keeps(&at(&CONSTANT));
            let limits =
                || crate::Limits::new().wall(std::time::Duration::from_secs(5));
            let found = (0..300).find(|_| {
                let child = limits().fork(find);
                child.unwrap().join().is_err()
            });
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(found, None);
        });
    }

    #[test]
    fn an_object_that_is_none_is_named() {
        let not_there = std::env::temp_dir().join("potok-no-such-object.so");
        let not_there = not_there.to_str().unwrap().to_owned();
        for path in [&*not_there, "/dev/null", "a\0b"] {
            let error = Object::load(path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(error.to_string().contains(path), "{error}");
        }
    }
}

//! The program and the shared objects that this process has loaded, and which of their
//! memory nobody can write.

use nix::libc;
use potok_base::error::{Error, ErrorKind, Result};
use std::ffi::{CStr, CString, c_int, c_void};
use std::ops::Range;

/// The program, or a shared object that it loaded.
#[derive(Debug, Default)]
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
        all().into_iter().find(|object| object.keeps(addresses))
    }

    /// The object of this path, which is loaded if it is not yet; the program itself where
    /// the path is empty.
    ///
    /// # Errors
    /// The loader refuses it.
    pub(super) fn load(path: &str) -> Result<Self> {
        let missing = |why: &str| {
            Error::new(ErrorKind::NotFound, format!("load the code in `{path}`: {why}"))
        };
        let mut loaded = all().into_iter();
        let found = if path.is_empty() {
            loaded.next()
        } else {
            let base = open(path).map_err(|why| missing(&why))?;
            all().into_iter().find(|object| object.base == base)
        };
        found.ok_or_else(|| missing("the loader does not list it"))
    }
}

/// Has the loader open an object: its base.
fn open(path: &str) -> std::result::Result<usize, String> {
    let path = CString::new(path).map_err(|_| "a zero byte in its name")?;
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
        return Err(why.unwrap_or_else(|| "the loader does not say why".into()));
    }
    let mut map: *const usize = std::ptr::null();
    // SAFETY: for this request `dlinfo` writes one pointer, to the loader's record of the
    // object, whose first field is the base.
    let base = unsafe {
        let ok = libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast());
        (ok == 0 && !map.is_null()).then(|| *map)
    };
    base.ok_or_else(|| "the loader does not say where it is".into())
}

/// Everything that is loaded, the program first.
fn all() -> Vec<Object> {
    let mut objects: Vec<Object> = vec![];
    // SAFETY: `visit` has the signature that the loader wants, does not unwind, and gets a
    // pointer to a list that lives until the call returns.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut objects).cast()) };
    if let Some(program) = objects.first_mut() {
        program.path = String::new();
    }
    objects
}

unsafe extern "C" fn visit(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    objects: *mut c_void,
) -> c_int {
    // SAFETY: the loader hands in an object that is valid during this call: its name is
    // null or ends in a zero byte, and it has that many headers. `objects` is the list of
    // the only caller, `all`.
    let (info, path, headers, objects) = unsafe {
        let info = &*info;
        let name = info.dlpi_name;
        let path = (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes());
        let headers = match info.dlpi_phdr.is_null() {
            true => &[],
            false => std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()),
        };
        (info, path, headers, &mut *objects.cast::<Vec<Object>>())
    };
    let base = info.dlpi_addr as usize;
    // What the loader itself has to fill in lies in a segment that can be written; it
    // takes the right to do so away afterwards, and this header says from which part.
    let is_read_only = |header: &&libc::Elf64_Phdr| match header.p_type {
        libc::PT_LOAD => header.p_flags & (libc::PF_R | libc::PF_W) == libc::PF_R,
        kind => kind == libc::PT_GNU_RELRO,
    };
    let addresses = |header: &libc::Elf64_Phdr| {
        let start = base.wrapping_add(header.p_vaddr as usize);
        start..start.saturating_add(header.p_memsz as usize)
    };
    let read_only = headers.iter().filter(is_read_only).map(addresses).collect();
    // A path that is no UTF-8 could not be told to anybody.
    let path = path.and_then(|path| std::str::from_utf8(path).ok()).unwrap_or("?");
    objects.push(Object { path: path.to_owned(), base, read_only });
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<T>(value: &T) -> Range<usize> {
        let start = std::ptr::from_ref(value).addr();
        start..start + size_of::<T>()
    }

    static CONSTANT: u64 = 7;
    /// The loader has to fill it in.
    static FUNCTION: fn() -> Vec<Object> = all;
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
        let libc = all().into_iter().find(|object| object.path.contains("libc.so"));
        let libc = libc.expect("this program has loaded the C library");
        assert_eq!(Object::load(&libc.path).unwrap().base, libc.base);
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

//! Code that another process can ask for: a record of it in memory that nobody can write,
//! which says of what type the code is.
//!
//! *What to notice*: a place in a shared object is a number, and a number that came from
//! outside may be damaged, stale or forged. Nothing at such a place is called before a
//! record was found there that names the very type that is about to be called.
//!
//! *Claimed*: code is taken only from a record of its very type, in memory that nobody can
//! write; a value without bytes is made only of a type that gave one away, with the exception
//! that [`without_bytes`] names.
//!
//! *Checked*: the unit tests below, but for those that ask the loader, by Miri; all of them by
//! AddressSanitizer and by valgrind's memcheck.

use super::objects::Object;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use std::any::TypeId;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, needs_drop};
use std::ptr::NonNull;

/// What a record begins with; another layout would have another mark.
const MARK: [u8; 16] = *b"potok: code, v1\n";

/// A record of code (a function pointer, or a value made of some) in a static or a constant.
///
/// # Examples
/// ```
/// use potok_process::{Code, Export};
///
/// static ANSWER: Export<fn() -> u32> = Export::new(|| 42);
///
/// let code = Code::at(ANSWER.place())?;         // may go to another process
/// assert_eq!(code.get::<fn() -> u32>()?(), 42);
/// let error = code.get::<fn() -> u64>().unwrap_err();
/// assert!(error.to_string().contains("fn() -> u64"));
/// # Ok::<(), potok::Error>(())
/// ```
#[derive(Debug)]
#[repr(C)]
pub struct Export<C> {
    mark: [u8; 16],
    kind: TypeId,
    code: C,
}

/// The same, of a code that is not known yet. All of it is bytes, so any memory is one.
#[repr(C)]
struct Head {
    mark: [u8; 16],
    kind: [u8; size_of::<TypeId>()],
}

impl<C: Copy + 'static> Export<C> {
    /// A record of `code`, to be kept in a static or a constant.
    pub const fn new(code: C) -> Self {
        Export { mark: MARK, kind: TypeId::of::<C>(), code }
    }

    /// The code itself.
    pub fn code(&self) -> C {
        self.code
    }

    /// Where this record is, whatever it is of.
    pub fn place(&'static self) -> Place {
        Place {
            start: std::ptr::from_ref(self).expose_provenance(),
            size: size_of::<Self>(),
        }
    }
}

/// Where a record is in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    start: usize,
    size: usize,
}

/// The shared object that a record lies in (empty for the program itself) and the offset in
/// it. `None` if it does not lie in memory of an object that nobody can write.
pub(crate) fn locate(Place { start, size }: Place) -> Option<(String, usize)> {
    let object = Object::that_keeps(&(start..start + size))?;
    Some((object.path, start - object.base))
}

/// The file of the shared object that a constant lies in; empty for the program itself.
pub(crate) fn object_of<T>(constant: &T) -> Option<String> {
    let start = std::ptr::from_ref(constant).addr();
    Object::that_keeps(&(start..start + size_of::<T>())).map(|object| object.path)
}

/// The code of type `C` that [`locate`] found in another process. Loads its object.
pub(crate) fn find<C: Copy + 'static>(path: &str, offset: usize) -> Result<C> {
    let object = Object::load(path)?;
    let none = |there: &str| {
        let object = if path.is_empty() { words::the_program() } else { path };
        let wanted = std::any::type_name::<C>();
        let place = format_args!("`{object}`+{offset:#x}");
        let text = words::no_code_at(place, there, wanted);
        Error::new(ErrorKind::NotFound, text)
    };
    let start = object.base.checked_add(offset);
    let end = start.and_then(|start| start.checked_add(size_of::<Export<C>>()));
    let (Some(start), Some(end)) = (start, end) else {
        return Err(none(words::object_too_small()));
    };
    if !object.keeps(&(start..end)) {
        return Err(none(words::not_a_constant()));
    }
    let record = std::ptr::with_exposed_provenance::<Export<C>>(start);
    if !record.is_aligned() {
        return Err(none(words::unaligned()));
    }
    // SAFETY: the bytes of the record lie in a segment of the object that is mapped, can
    // be read and not be written, and stays loaded; any bytes are a `Head`, which is as
    // aligned as bytes are.
    let head = unsafe { record.cast::<Head>().read() };
    if head.mark != MARK {
        return Err(none(words::something_else()));
    }
    if head.kind != bytes(TypeId::of::<C>()) {
        return Err(none(words::other_code()));
    }
    // SAFETY: in bounds and aligned as checked above. Mark and type were put there by
    // `Export::<C>::new`, together with a code of type `C`, which can be copied.
    Ok(unsafe { (*record).code })
}

fn bytes(kind: TypeId) -> [u8; size_of::<TypeId>()] {
    // SAFETY: of the same size, and without padding: it is a number of 128 bits.
    unsafe { std::mem::transmute(kind) }
}

/// Makes an `M` out of a function that captures nothing, in any process that has its code.
///
/// A closure that captures nothing has no bytes: whoever knows its type has it. The only
/// way to a `Maker` is [`Maker::of`], which was given the function. A captured value without
/// bytes is made along with it: the docs of `spawn` say what that means.
#[derive(Debug)]
pub struct Maker<M>(unsafe fn() -> M);

// Not derived: that would ask the same of `M`.
impl<M> Clone for Maker<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Maker<M> {}

impl<M: 'static> Maker<M> {
    /// A maker that hands `f` to `wrap`. Neither may capture anything.
    ///
    /// # Errors
    /// `f` itself, if it captures something.
    pub fn of<F, W>(f: F, wrap: W) -> std::result::Result<&'static Export<Self>, F>
    where
        F: Sync + 'static,
        W: Fn(&'static F) -> M + Sync + 'static,
    {
        const { assert!(is_nothing::<W>(), "the second function captures something") };
        if !is_nothing::<F>() {
            return Err(f);
        }
        // They were given away here and are not dropped: from now on they exist for ever.
        let _ = (ManuallyDrop::new(f), ManuallyDrop::new(wrap));
        Ok(Of::<F, W, M>::RECORD)
    }

    /// Makes one.
    pub fn make(self) -> M {
        // SAFETY: a maker comes from `of`, or from the record of one that an object holds for
        // its own call of `of`: that is what `without_bytes` asks for.
        unsafe { (self.0)() }
    }
}

struct Of<F, W, M>(PhantomData<(F, W, M)>);

impl<F, W, M> Of<F, W, M>
where
    F: Sync + 'static,
    W: Fn(&'static F) -> M + Sync + 'static,
    M: 'static,
{
    const RECORD: &'static Export<Maker<M>> = &Export::new(Maker(make::<F, W, M>));
}

/// # Safety
/// As for [`without_bytes`], of both types.
unsafe fn make<F, W, M>() -> M
where
    F: Sync + 'static,
    W: Fn(&'static F) -> M + Sync + 'static,
{
    // SAFETY: the caller promises it, and `Maker::of` has looked that both are nothing.
    let (f, wrap) = unsafe { (without_bytes::<F>(), without_bytes::<W>()) };
    wrap(f)
}

/// Whether a value is nothing but its type.
const fn is_nothing<F>() -> bool {
    size_of::<F>() == 0 && !needs_drop::<F>()
}

/// The function of a type that captures nothing.
///
/// # Safety
/// `is_nothing` holds for `F`, and a value of it was given away for ever, by a call of
/// [`Maker::of`] that is part of a loaded object: in this process, or in one that has loaded
/// the same object.
///
/// Where the call was made in this process, that is sound: the type has a value, to refer to it
/// is nobody else's right, and `F` is `Sync`, so any thread may. Where it was made in another
/// one, it is sound for a function and for a closure that captures nothing, and *unsound* for a
/// closure that captures a proof: a value without bytes, for all threads, on which `unsafe` code
/// relies because something was done in the process that made it. No bound of Rust tells the two
/// closures apart, so the docs of `spawn` say it, and what makes such a type safe from this.
unsafe fn without_bytes<F: Sync + 'static>() -> &'static F {
    // SAFETY: a dangling pointer is aligned and not null, and there is nothing to read
    // behind it; that a value exists is the caller's promise.
    unsafe { NonNull::<F>::dangling().as_ref() }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ONE: Export<fn() -> u32> = Export::new(|| 1);
    static NOT_CODE: [u64; 8] = [7; 8];

    /// Offset of a static of this program.
    fn offset<T>(value: &'static T) -> usize {
        std::ptr::from_ref(value).addr() - Object::load("").unwrap().base
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks the loader")]
    fn a_record_is_found_by_its_place() {
        let (path, offset) = locate(ONE.place()).unwrap();
        assert_eq!(path, "");
        assert_eq!(find::<fn() -> u32>("", offset).unwrap()(), 1);
        // On the heap a record has no place that another process could use.
        assert!(locate(Box::leak(Box::new(Export::new(1_u8))).place()).is_none());
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks the loader")]
    fn a_forged_place_is_an_error_that_names_it() {
        let place = offset(&ONE);
        let function = a_forged_place_is_an_error_that_names_it as *const ();
        let function = function.addr() - Object::load("").unwrap().base;
        for (forged, why) in [
            (0, "something else"),
            (8, "something else"),
            (offset(&NOT_CODE), "something else"),
            (function & !7, "something else"),
            (place + 1, "cannot begin"),
            (place + 8, "something else"),
            (1 << 40, "memory for constants"),
            (usize::MAX, "no object is as large"),
            (usize::MAX / 2, "memory for constants"),
        ] {
            let error = find::<fn() -> u32>("", forged).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            let text = error.to_string();
            assert!(text.contains(&format!("{forged:#x}")), "{text}");
            assert!(text.contains(why), "{forged:#x}: {text}");
        }
        let error = find::<fn() -> i32>("", place).unwrap_err().to_string();
        assert!(error.contains("another type") && error.contains("fn() -> i32"));
    }

    #[test]
    fn a_maker_makes_what_it_was_given() {
        let maker =
            Maker::<Box<dyn Fn(u32) -> u32>>::of(|n: u32| n + 1, |f| Box::new(f));
        let maker = maker.ok().unwrap().code();
        assert_eq!(maker.make()(4), 5);
        assert_eq!(maker.make()(5), 6);
    }

    #[test]
    fn what_captures_comes_back() {
        let n = 3;
        let back = Maker::<u32>::of(move || n, |_| 0).err().unwrap();
        assert_eq!(back(), 3);
        // It captures nothing, but has to be dropped.
        struct Told;
        impl Drop for Told {
            fn drop(&mut self) {}
        }
        assert!(Maker::<u32>::of(Told, |_| 0).is_err());
    }
}

//! An address of code that another process can use.
//!
//! A notebook cell is compiled to a shared object; an ordinary program is one. A constant
//! has a fixed offset in it, so *(object, offset)* finds the same constant in any process
//! that loads the object, wherever the system puts it there. The constants that count are
//! records of code, and an address is believed only where it leads to one.
//!
//! *What to notice*: only the code travels. A closure that captures variables is code and
//! data; it is refused when it is compiled, and its data has to be passed as an argument.

use super::report::Report;
use super::sys::{self, Maker, Place};
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

/// Where a record of code is, for every process that has its object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code {
    object: String,
    offset: usize,
}

/// Runs a function over `count` items that lie behind each other in the bytes.
pub(crate) type Entry = Box<dyn Fn(&[u8], u32, &mut dyn Results)>;

/// Where an [`Entry`] puts the result of each item.
pub(crate) trait Results {
    /// The next item begins.
    fn begin(&mut self);
    /// It has ended, and `add` writes its result into the report.
    fn end(&mut self, add: &mut dyn FnMut(&mut Report));
}

impl Code {
    /// The address of the entry that runs `f` over items of type `A`.
    ///
    /// # Errors
    /// The system does not know where the code of this process comes from.
    pub(crate) fn of_entry<F, A, R>(f: F) -> Result<Self>
    where
        F: Fn(A) -> R + Copy + Sync + 'static,
        A: DeserializeOwned,
        R: Serialize,
    {
        const {
            assert!(
                !is_pointer::<F>(),
                "a pointer to a function (or what a closure captures by reference) is an \
                 address in this process alone: write the function's own name, or send a \
                 number and choose there: `|(i, x)| [f, g][i](x)`"
            );
            assert!(
                size_of::<F>() == 0,
                "this closure captures variables, which stay in this process: pass them \
                 as the argument, or use `fork`, whose child has a copy of everything"
            );
        }
        let maker = Maker::<Entry>::of(f, |f| {
            Box::new(|items, count, results| run::<F, A, R>(f, items, count, results))
        });
        let captures = |_| Error::invalid(words::captures());
        Code::at(maker.map_err(captures)?.place())
    }

    /// The address of a record of this process.
    ///
    /// # Errors
    /// It lies in no object, or where it can be changed.
    pub fn at(place: Place) -> Result<Self> {
        thread_local! {
            static KNOWN: RefCell<HashMap<Place, Code>> = RefCell::default();
        }
        let known = KNOWN.with_borrow(|known| known.get(&place).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let (object, offset) = sys::locate(place)
            .ok_or_else(|| Error::unsupported(words::code_from_nowhere()))?;
        let found = Code { object, offset };
        KNOWN.with_borrow_mut(|known| known.insert(place, found.clone()));
        Ok(found)
    }

    /// The function, in this process.
    pub(crate) fn entry(&self) -> Result<Entry> {
        self.get::<Maker<Entry>>().map(Maker::make)
    }

    /// The code, in this process, whose object is loaded if it is not yet.
    ///
    /// # Errors
    /// There is no such object, or no record of a `C` at this place of it.
    pub fn get<C: Copy + 'static>(&self) -> Result<C> {
        sys::find(&self.object, self.offset)
    }

    /// The shared object that it is in; `None` for the program itself.
    pub fn object(&self) -> Option<&Path> {
        (!self.object.is_empty()).then(|| Path::new(&self.object))
    }

    /// The same code where its object is found by name, without a directory.
    pub fn by_name(&self) -> Self {
        let name = Path::new(&self.object).file_name().unwrap_or_default();
        Code { object: name.to_string_lossy().into_owned(), offset: self.offset }
    }

    /// The record at this place, if there is one.
    pub(crate) fn new(object: String, offset: usize) -> Self {
        Code { object, offset }
    }

    /// As arguments of a command line.
    pub fn to_args(&self) -> [String; 2] {
        [self.object.clone(), self.offset.to_string()]
    }

    /// What [`to_args`](Code::to_args) made arguments of.
    pub fn from_args(object: &str, offset: &str) -> Option<Self> {
        Some(Code { object: object.to_owned(), offset: offset.parse().ok()? })
    }

    /// Whether it belongs to the program itself rather than to an object it loaded.
    pub(crate) fn is_in_program(&self) -> bool {
        self.object.is_empty()
    }
}

/// Whether a value is one address: that of a function, which has a type of its own only as
/// long as it is called by its name, or a reference that a closure captured.
const fn is_pointer<F>() -> bool {
    // An address is never zero, and there is nothing else that it never is: that leaves
    // room for one `None`. A number leaves none, a `bool` or a `char` many.
    let size = size_of::<fn()>();
    size_of::<F>() == size
        && size_of::<Option<F>>() == size
        && size_of::<Option<Option<F>>>() > size
}

fn run<F, A, R>(f: &F, mut items: &[u8], count: u32, results: &mut dyn Results)
where
    F: Fn(A) -> R,
    A: DeserializeOwned,
    R: Serialize,
{
    for _ in 0..count {
        results.begin();
        let result = match postcard::take_from_bytes::<A>(items) {
            Ok((item, rest)) => {
                items = rest;
                super::panics::catch(|| f(item))
            }
            Err(error) => {
                let name = std::any::type_name::<A>();
                Err(Error::new(
                    ErrorKind::Undecodable,
                    words::not_the_argument(name, error),
                ))
            }
        };
        results.end(&mut |report| report.add(&result));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it is taken for a pointer.
    fn pointer<F: Fn(u64) -> u64>(_: &F) -> bool {
        is_pointer::<F>()
    }

    #[test]
    fn a_pointer_is_told_from_a_function_and_from_captured_values() {
        fn square(n: u64) -> u64 {
            n * n
        }
        let table: [fn(u64) -> u64; 1] = [square];
        assert!(pointer(&table[0]));
        let [f] = table;
        assert!(pointer(&(move |n| f(n))));
        assert!(!pointer(&square) && !pointer(&|n| square(n)));
        let (number, tea, flag) = (7_u64, 'x', (true, 3_u32));
        assert!(!pointer(&(move |n| n + number)));
        assert!(!pointer(&(move |n| n + u64::from(tea) + u64::from(flag.1))));
        assert!(!pointer(&(move |n| n + u64::from(flag.0) + u64::from(flag.1))));
    }
}

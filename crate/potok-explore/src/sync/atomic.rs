//! Atomics; see [`std::sync::atomic`]. Each use is one step.
//!
//! ```
//! use potok::explore::sync::atomic::{AtomicBool, Ordering};
//! let ready = AtomicBool::new(false).named("ready");
//! ready.store(true, Ordering::Release);
//! assert!(ready.load(Ordering::Acquire));
//! ```
//!
//! *What to notice*: the ordering makes no difference to the exploration: a step is seen
//! by all threads at once. `compare_exchange_weak` never fails spuriously.

use crate::context::context;
use crate::object::{Identity, Kind};
use crate::operation::Operation;
use std::fmt;
use std::sync::atomic as real;

pub use std::sync::atomic::Ordering;

macro_rules! atomic {
    ($name:ident, $value:ty, [$($fetch:ident)*]) => {
        #[doc = concat!("See [`std::sync::atomic::", stringify!($name), "`].")]
        #[derive(Default)]
        pub struct $name {
            inner: real::$name,
            identity: Identity,
        }

        impl $name {
            /// An atomic with this value.
            pub fn new(value: $value) -> Self {
                let atomic =
                    Self { inner: real::$name::new(value), identity: Identity::default() };
                if let Some(context) = context() {
                    atomic.identity.index(&context, || Kind::Atomic, || atomic.shown());
                }
                atomic
            }

            /// Gives it a name for pictures.
            #[must_use]
            pub fn named(self, name: &str) -> Self {
                self.identity.set_name(name);
                self
            }

            /// Reads the value.
            pub fn load(&self, order: Ordering) -> $value {
                let load = || self.inner.load(order);
                self.step("load", load, |value| format!("load → {value:?}"))
            }

            /// Replaces the value.
            pub fn store(&self, value: $value, order: Ordering) {
                let store = || self.inner.store(value, order);
                self.step("store", store, |()| format!("store {value:?}"));
            }

            /// Replaces the value and returns the previous one.
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                let swap = || self.inner.swap(value, order);
                self.step("swap", swap, |before| format!("swap {value:?} → {before:?}"))
            }

            /// Replaces the value if it is `current`.
            ///
            /// # Errors
            /// It was a different value, which is returned.
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.step(
                    "compare_exchange",
                    || self.inner.compare_exchange(current, new, success, failure),
                    |result| match result {
                        Ok(_) => format!("compare_exchange {current:?} → {new:?}"),
                        Err(value) => {
                            format!("compare_exchange {current:?} fails: {value:?}")
                        }
                    },
                )
            }

            /// The same; it never fails spuriously here.
            ///
            /// # Errors
            /// It was a different value, which is returned.
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }

            $(
                #[doc = concat!(
                    "See [`std::sync::atomic::", stringify!($name), "::",
                    stringify!($fetch), "`]."
                )]
                pub fn $fetch(&self, value: $value, order: Ordering) -> $value {
                    let name = stringify!($fetch);
                    let act = || self.inner.$fetch(value, order);
                    self.step(name, act, |before| format!("{name} {value:?} → {before:?}"))
                }
            )*

            /// Replaces the value by `f` of it; tries again if it has changed meanwhile.
            ///
            /// # Errors
            /// `f` returned `None` for the value in the error.
            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut f: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut before = self.load(fetch);
                while let Some(new) = f(before) {
                    match self.compare_exchange(before, new, set, fetch) {
                        Ok(before) => return Ok(before),
                        Err(other) => before = other,
                    }
                }
                Err(before)
            }

            /// Takes the value out.
            pub fn into_inner(self) -> $value {
                self.inner.into_inner()
            }

            /// The value; `&mut self` means that no other thread can use it now.
            pub fn get_mut(&mut self) -> &mut $value {
                self.inner.get_mut()
            }

            fn shown(&self) -> String {
                format!("{:?}", self.inner.load(Ordering::SeqCst))
            }

            fn step<R>(
                &self,
                verb: &'static str,
                act: impl FnOnce() -> R,
                words: impl FnOnce(&R) -> String,
            ) -> R {
                let Some(context) = context() else { return act() };
                let object =
                    self.identity.index(&context, || Kind::Atomic, || self.shown());
                context.step(Operation::Touch { object, verb }, |state| {
                    let result = act();
                    state.tell(object, || words(&result));
                    state.set_value(object, || self.shown());
                    result
                })
            }
        }

        impl From<$value> for $name {
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }

        /// Reads the value without a step.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

macro_rules! integer {
    ($($name:ident $value:ty),*) => {
        $(atomic!($name, $value, [
            fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min
        ]);)*
    };
}

atomic!(AtomicBool, bool, [fetch_and fetch_or fetch_xor]);
integer!(AtomicU8 u8, AtomicU16 u16, AtomicI8 i8, AtomicI16 i16);
integer!(AtomicU32 u32, AtomicU64 u64, AtomicUsize usize);
integer!(AtomicI32 i32, AtomicI64 i64, AtomicIsize isize);

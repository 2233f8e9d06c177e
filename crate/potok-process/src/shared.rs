//! Memory that several processes have at once: Python's `Value` and `Array`.
//!
//! ```
//! use potok::prelude::*;
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! let hits = processes::Shared::<AtomicU64>::new()?;
//! let children: Vec<_> = (0..2)
//!     .map(|_| processes::fork(|| for _ in 0..1_000 { hits.fetch_add(1, Ordering::Relaxed); }))
//!     .collect::<Result<_, _>>()?;
//! children.into_iter().try_for_each(processes::Child::join)?;
//! assert_eq!(hits.load(Ordering::Relaxed), 2_000);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the children add to the very same bytes. With a plain `u64` in place
//! of the atomic, `hits.set(hits.get() + 1)` compiles too, and loses some of the hits:
//! between processes no compiler can see the race.
//!
//! Shared memory can be an argument of a function that runs in another process; only its
//! descriptor is sent.

use super::carry;
use super::sys::{self, Memory};
use potok_base::error::{Error, Result};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::marker::PhantomData;
use std::ops::Deref;
use std::os::fd::OwnedFd;

pub use sys::{Atomic, Number, Plain};

/// Many values in shared memory, all zero at first.
///
/// Numbers are read and written one by one or copied in bulk; a slice of atomics is one.
#[derive(Debug)]
pub struct SharedSlice<T> {
    memory: Memory,
    fd: OwnedFd,
    length: usize,
    values: PhantomData<fn() -> T>,
}

/// One value in shared memory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "T: Plain")]
pub struct Shared<T>(SharedSlice<T>);

impl<T: Plain> SharedSlice<T> {
    /// `length` values, all zero.
    ///
    /// # Errors
    /// No values, or more than the system has memory for.
    pub fn new(length: usize) -> Result<Self> {
        let bytes = length.checked_mul(size_of::<T>());
        let bytes = bytes.ok_or_else(|| Error::invalid("more memory than there is"))?;
        let (memory, fd) = Memory::new(bytes)?;
        Ok(SharedSlice { memory, fd, length, values: PhantomData })
    }

    /// Another handle to the same memory.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn try_clone(&self) -> Result<Self> {
        let failed =
            |error: std::io::Error| Error::io("share memory once more", &error);
        let fd = self.fd.try_clone().map_err(failed)?;
        let memory = Memory::of(&fd, self.length * size_of::<T>())?;
        Ok(SharedSlice { memory, fd, length: self.length, values: PhantomData })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none; there always are some.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl<T: Number> SharedSlice<T> {
    /// The value at `at`, as it is at this moment.
    ///
    /// # Panics
    /// `at` is outside.
    pub fn get(&self, at: usize) -> T {
        self.memory.get(at)
    }

    /// Writes the value at `at`. Another process may overwrite it at any time.
    ///
    /// # Panics
    /// `at` is outside.
    pub fn set(&self, at: usize, value: T) {
        self.memory.set(at, value);
    }

    /// Copies `values` to the beginning, as fast as memory can be copied.
    ///
    /// No other thread of this process may use this handle meanwhile, hence `&mut`. Other
    /// processes see some of the values before and some after.
    ///
    /// # Panics
    /// They are more than there is room for.
    pub fn write(&mut self, values: &[T]) {
        self.memory.set_all(values);
    }

    /// All values, one after the other, each as it is when its turn comes.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        (0..self.length).map(|at| self.get(at))
    }
}

impl<T: Atomic> Deref for SharedSlice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.memory.atomics()
    }
}

impl<T: Plain> Shared<T> {
    /// One value, zero at first.
    ///
    /// # Errors
    /// The system has no memory left.
    pub fn new() -> Result<Self> {
        SharedSlice::new(1).map(Shared)
    }
}

impl<T: Number> Shared<T> {
    /// The value, as it is at this moment.
    pub fn get(&self) -> T {
        self.0.get(0)
    }

    /// Writes the value. Another process may overwrite it at any time.
    pub fn set(&self, value: T) {
        self.0.set(0, value);
    }
}

impl<T: Atomic> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0[0]
    }
}

impl<T: Plain> Serialize for SharedSlice<T> {
    fn serialize<S: Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        let fd = carry::Place(&self.fd);
        (fd, self.length as u64).serialize(serializer)
    }
}

impl<'de, T: Plain> Deserialize<'de> for SharedSlice<T> {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let (carry::Arrived(fd), length) = <(_, u64)>::deserialize(deserializer)?;
        let length = length as usize;
        let memory =
            Memory::of(&fd, length * size_of::<T>()).map_err(D::Error::custom)?;
        Ok(SharedSlice { memory, fd, length, values: PhantomData })
    }
}

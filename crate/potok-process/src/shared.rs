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

use super::descriptors;
use super::sys::{self, Memory};
use crate::words;
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
        let (memory, fd) = Memory::new(bytes_for::<T>(length)?)?;
        Ok(SharedSlice { memory, fd, length, values: PhantomData })
    }

    /// Another handle to the same memory.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn try_clone(&self) -> Result<Self> {
        let failed =
            |error: std::io::Error| Error::io(words::not_shared_again(), &error);
        let fd = self.fd.try_clone().map_err(failed)?;
        let memory = Memory::of(&fd, bytes_for::<T>(self.length)?)?;
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

    /// Copies `values` to the beginning.
    ///
    /// Whoever reads meanwhile, in this process or another, gets some of the values from
    /// before and some of the new, each of them whole. `&mut`, so that two threads cannot
    /// mix what they write through one handle.
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
        let fd = descriptors::Leaving(&self.fd);
        (fd, self.length as u64, std::any::type_name::<T>()).serialize(serializer)
    }
}

impl<'de, T: Plain> Deserialize<'de> for SharedSlice<T> {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        type Parts = (descriptors::Arrived, u64, String);
        let (descriptors::Arrived(fd), length, sent) =
            Parts::deserialize(deserializer)?;
        let wanted = std::any::type_name::<T>();
        if sent != wanted {
            return Err(D::Error::custom(words::other_shared(sent, wanted)));
        }
        let length = usize::try_from(length).map_err(D::Error::custom)?;
        let memory = bytes_for::<T>(length).and_then(|bytes| Memory::of(&fd, bytes));
        let memory = memory.map_err(D::Error::custom)?;
        Ok(SharedSlice { memory, fd, length, values: PhantomData })
    }
}

/// How many bytes `length` values take.
fn bytes_for<T: Plain>(length: usize) -> Result<usize> {
    length
        .checked_mul(size_of::<T>())
        .ok_or_else(|| Error::invalid(words::too_much_shared(length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// What arrives of a message with a descriptor of `there` numbers, and `said` numbers
    /// by its words. It is JSON, because postcard forgets why a value was refused.
    fn arrive(
        there: usize,
        said: u64,
    ) -> std::result::Result<SharedSlice<u64>, String> {
        let slice = SharedSlice::<u64>::new(there).unwrap();
        let (json, fds) =
            descriptors::collect(|| serde_json::to_value(&slice).unwrap());
        assert_eq!(json, serde_json::json!([0, there, "u64"]));
        descriptors::arrived(fds);
        let changed = serde_json::json!([0, said, "u64"]);
        serde_json::from_value(changed).map_err(|error| error.to_string())
    }

    #[test]
    fn a_length_that_arrives_is_not_believed() {
        let slice = arrive(512, 512).unwrap();
        assert_eq!(slice.iter().sum::<u64>(), 0);
        // Read where the file has ended, these would end the process by SIGBUS.
        for longer in [513, 1 << 20] {
            let error = arrive(512, longer).unwrap_err();
            assert!(error.contains("4096 bytes"), "{error}");
        }
        // Times eight, these are 8 and 0 modulo 2^64.
        for overflow in [(1 << 61) + 1, 1 << 61, u64::MAX] {
            let error = arrive(512, overflow).unwrap_err();
            assert!(error.contains("more memory than there is"), "{error}");
        }
        assert!(arrive(512, 0).is_err());
    }

    #[test]
    fn memory_of_another_type_is_refused() {
        let slice = SharedSlice::<u64>::new(4).unwrap();
        let (json, fds) =
            descriptors::collect(|| serde_json::to_value(&slice).unwrap());
        descriptors::arrived(fds);
        let other = serde_json::from_value::<SharedSlice<f64>>(json).unwrap_err();
        let text = other.to_string();
        assert!(text.contains("of `u64`") && text.contains("`f64` was"), "{text}");
    }

    #[test]
    fn whoever_reads_during_a_write_gets_whole_numbers() {
        fn check<T: Number + Sync + PartialEq + std::fmt::Debug>(one: T, other: T) {
            let mut slice = SharedSlice::<T>::new(1_000).unwrap();
            slice.write(&[one; 1_000]);
            let reader = slice.try_clone().unwrap();
            let done = AtomicBool::new(false);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        for value in reader.iter() {
                            assert!(value == one || value == other, "{value:?}");
                        }
                    }
                });
                for _ in 0..200 {
                    slice.write(&[other; 1_000]);
                    slice.write(&[one; 1_000]);
                }
                done.store(true, Ordering::Relaxed);
            });
            slice.write(&[other; 999]);
            assert_eq!((slice.get(998), slice.get(999)), (other, one));
        }
        check(0_u8, u8::MAX);
        check(0_u32, u32::MAX);
        check(0_u64, u64::MAX);
        check(1.5_f64, -2.25);
    }

    #[test]
    fn a_write_of_any_length_ends_where_it_should() {
        let mut slice = SharedSlice::<u8>::new(40).unwrap();
        let numbers: Vec<u8> = (1..=40).collect();
        for length in 0..=40 {
            slice.write(&[0; 40]);
            // From an odd address too.
            let values = &numbers[40 - length..];
            slice.write(values);
            assert!(
                slice.iter().eq(values.iter().copied().chain(vec![0; 40 - length]))
            );
        }
        let mut slice = SharedSlice::<i16>::new(7).unwrap();
        slice.write(&[-1, 2, -3, 4, -5, 6]);
        assert!(slice.iter().eq([-1, 2, -3, 4, -5, 6, 0]));
        let mut slice = SharedSlice::<f32>::new(3).unwrap();
        slice.write(&[0.5, -1.5, f32::MAX]);
        assert!(slice.iter().eq([0.5, -1.5, f32::MAX]));
    }

    #[test]
    #[should_panic(expected = "3 values do not fit into shared memory for 2")]
    fn more_values_than_there_is_room_for_are_refused() {
        SharedSlice::<u64>::new(2).unwrap().write(&[1, 2, 3]);
    }
}

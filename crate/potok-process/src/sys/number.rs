//! Numbers that may lie in memory shared between processes, and the atomics in their place.
//!
//! *Claimed*: any bits are a value of these types; whole aligned words that are stored at once
//! are relaxed stores of the numbers in them.
//!
//! *Checked*: the unit tests of `shared`, which write each length from 0 to 40 and read while
//! another thread writes, by valgrind's memcheck, which sees the inline assembly. Neither Miri
//! nor AddressSanitizer does.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize,
};

/// A type of which any bits are a value, so that memory full of zeros holds some.
///
/// # Safety
/// That has to be true; and the type must not contain padding or pointers.
pub unsafe trait Plain: 'static {}

/// A plain number, copied in and out.
pub trait Number: Plain + Copy {
    /// The atomic of its size.
    #[doc(hidden)]
    type Place: Atomic;
    #[doc(hidden)]
    fn load(place: &Self::Place) -> Self;
    #[doc(hidden)]
    fn store(place: &Self::Place, value: Self);
    #[doc(hidden)]
    fn store_all(places: &[Self::Place], values: &[Self]) {
        for (place, &value) in places.iter().zip(values) {
            Self::store(place, value);
        }
    }
}

/// An atomic number, used in place.
///
/// # Safety
/// As for [`Plain`]; only changed through atomic operations.
pub unsafe trait Atomic: Plain + Sync {}

macro_rules! atomics {
    ($($type:ty),*) => {$(
        // SAFETY: a number of the standard library: all bits are values, no padding.
        unsafe impl Plain for $type {}
        // SAFETY: as above.
        unsafe impl Atomic for $type {}
    )*};
}
atomics!(AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize);
atomics!(AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize);

macro_rules! number {
    ($type:ty, $place:ty, $out:expr, $in:expr) => {
        // SAFETY: a number of the standard library: all bits are values, no padding.
        unsafe impl Plain for $type {}
        impl Number for $type {
            type Place = $place;
            #[inline]
            fn load(place: &$place) -> Self {
                $out(place.load(Relaxed))
            }
            #[inline]
            fn store(place: &$place, value: Self) {
                place.store($in(value), Relaxed);
            }
            fn store_all(places: &[$place], values: &[Self]) {
                // SAFETY: number and atomic are of one size, and made of the same bits.
                let stored = unsafe { store_words(places, values) };
                for (place, &value) in places.iter().zip(values).skip(stored) {
                    Self::store(place, value);
                }
            }
        }
    };
    ($($type:ty: $place:ty),*) => {$(number!($type, $place, |n| n, |n| n);)*};
}
number!(u8: AtomicU8, u16: AtomicU16, u32: AtomicU32, u64: AtomicU64, usize: AtomicUsize);
number!(i8: AtomicI8, i16: AtomicI16, i32: AtomicI32, i64: AtomicI64, isize: AtomicIsize);
number!(f32, AtomicU32, f32::from_bits, f32::to_bits);
number!(f64, AtomicU64, f64::from_bits, f64::to_bits);

/// Stores numbers, as many as fill whole words of eight bytes: how many.
///
/// The compiler merges no atomic stores, and so writes a megabyte of bytes one by one. The
/// processor has an instruction that does the same as fast as `memcpy`.
///
/// # Safety
/// A number's bytes, stored in place of an atomic's, are what the atomic then holds.
unsafe fn store_words<A: Atomic, N: Number>(places: &[A], numbers: &[N]) -> usize {
    const { assert!(size_of::<A>() == size_of::<N>() && 8 % size_of::<N>() == 0) };
    if cfg!(not(target_arch = "x86_64")) || !places.as_ptr().cast::<u64>().is_aligned()
    {
        return 0;
    }
    let length = places.len().min(numbers.len());
    let words = length * size_of::<N>() / 8;
    // SAFETY: both slices have that many words. The processor stores an aligned word at
    // once, so to others this is a row of relaxed stores, each of one or more whole
    // numbers. Addresses increase: the direction flag is clear wherever Rust code runs.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!(
            "rep movsq",
            inout("rcx") words => _,
            inout("rsi") numbers.as_ptr() => _,
            inout("rdi") places.as_ptr() => _,
            options(nostack, preserves_flags),
        );
    }
    words * (8 / size_of::<N>())
}

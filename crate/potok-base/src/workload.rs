//! The same work everywhere: something that uses a processor, something that waits.
//!
//! ```
//! use potok::prelude::*;
//!
//! busy(ms(5));                                  // CPU-bound: 5 ms of processor time
//! wait(ms(5));                                  // I/O-bound: 5 ms of waiting
//! assert_eq!(count_primes(0..100), 25);         // CPU-bound, with an answer
//! ```
//!
//! *What to notice*: [`busy`] counts *processor* time. Two threads that are each `busy` for
//! 50 ms need 100 ms on one processor and 50 ms on two. [`wait`] counts wall-clock time, so
//! any number of waits overlap.

use crate::sys;
use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

/// `n` milliseconds, short enough to type in class.
pub const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Computes until the calling thread has used `cpu_time` of a processor.
///
/// Stands for CPU-bound work of a known length. On a shared processor it takes longer in
/// wall-clock time, as real work does. The thread reads its clock about every 10 µs; each
/// step in between depends on the one before, so no compiler can skip it.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let start = std::time::Instant::now();
/// busy(ms(3));
/// assert!(start.elapsed() >= ms(3));
/// ```
pub fn busy(cpu_time: Duration) {
    let end = sys::thread_cpu_time() + cpu_time;
    let mut state = 1;
    while sys::thread_cpu_time() < end {
        state = collatz_like(state, 4_000);
    }
    black_box(state);
}

/// Lets the calling thread wait for `time`, as for a disk or a network.
pub fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Counts the primes in `range` by trial division: CPU-bound, with a checkable answer.
///
/// Slow on purpose and not linear in the number, so that equal ranges are unequal work.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// assert_eq!(count_primes(0..10), 4);           // 2, 3, 5, 7
/// let halves = count_primes(0..500) + count_primes(500..1_000);
/// assert_eq!(halves, count_primes(0..1_000));
/// ```
pub fn count_primes(range: Range<u64>) -> u64 {
    range.filter(|&n| is_prime(n)).count() as u64
}

/// Cuts `range` into at most `n` pieces whose lengths differ by at most one.
///
/// Empty pieces are left out, so a short range gives fewer than `n`.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// assert_eq!(chunks(0..10, 3), [0..4, 4..7, 7..10]);
/// assert_eq!(chunks(0..2, 8).len(), 2);
/// ```
pub fn chunks(range: Range<u64>, n: usize) -> Vec<Range<u64>> {
    let length = range.end.saturating_sub(range.start);
    let n = (n as u64).min(length);
    let mut start = range.start;
    (0..n)
        .map(|i| {
            let end = start + length / n + u64::from(i < length % n);
            let piece = start..end;
            start = end;
            piece
        })
        .collect()
}

fn is_prime(n: u64) -> bool {
    n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
}

/// A chain of steps that LLVM cannot replace by a formula (it does so with a linear one).
pub fn collatz_like(mut state: u64, steps: u32) -> u64 {
    for _ in 0..steps {
        state = if state.is_multiple_of(2) {
            state / 2
        } else {
            state.wrapping_mul(3).wrapping_add(1) | 1 << 40
        };
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_uses_the_processor_time_it_was_asked_for() {
        let before = sys::thread_cpu_time();
        busy(ms(10));
        assert!(sys::thread_cpu_time() - before >= ms(10));
    }

    #[test]
    fn waiting_uses_hardly_any_processor_time() {
        let before = sys::thread_cpu_time();
        wait(ms(20));
        assert!(sys::thread_cpu_time() - before < ms(20));
    }

    proptest::proptest! {
        #[test]
        fn chunks_cover_the_range_in_order(start in 0u64..1000, len in 0u64..1000, n in 0usize..64) {
            let range = start..start + len;
            let pieces = chunks(range.clone(), n);
            let joined: Vec<u64> = pieces.iter().cloned().flatten().collect();
            if n > 0 {
                assert_eq!(joined, range.collect::<Vec<_>>());
            }
            assert!(pieces.iter().all(|piece| !piece.is_empty()));
            let lengths = pieces.iter().map(|piece| piece.end - piece.start);
            let spread = lengths.clone().max().unwrap_or(0) - lengths.min().unwrap_or(0);
            assert!(spread <= 1);
        }
    }
}

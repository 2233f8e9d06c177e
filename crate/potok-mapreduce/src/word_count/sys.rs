//! Where words begin and end, 64 bytes at a step.
//!
//! *Claimed*: four loads of 16 bytes lie within a block of 64.
//!
//! *Checked*: the unit test below, by AddressSanitizer.
#![allow(unsafe_code, reason = "vector loads; a safe function around them")]

/// The bits of the bytes above a space (0x20): bit *i* is for byte *i*.
#[cfg(target_arch = "x86_64")]
pub(super) fn letters(block: &[u8; 64]) -> u64 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_max_epu8, _mm_movemask_epi8, _mm_set1_epi8,
    };
    let mut bits = 0;
    for quarter in 0..4 {
        // SAFETY: reads 16 bytes from 0, 16, 32 or 48 on, all within the block's 64; the
        // load needs no alignment, and SSE2 is part of every x86-64 processor.
        let some = unsafe {
            let bytes = _mm_loadu_si128(block.as_ptr().add(16 * quarter).cast());
            // Unsigned `byte >= 0x21`: the larger of the two is the byte itself.
            let above = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x21)), bytes);
            _mm_movemask_epi8(above)
        };
        bits |= u64::from(some as u32) << (16 * quarter);
    }
    bits
}

/// The bits of the bytes above a space (0x20): bit *i* is for byte *i*.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn letters(block: &[u8; 64]) -> u64 {
    block.iter().rev().fold(0, |bits, &byte| bits << 1 | u64::from(byte > b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        for byte in 0..=255_u8 {
            for at in [0, 15, 16, 40, 63] {
                let mut block = [b' '; 64];
                block[at] = byte;
                assert_eq!(
                    letters(&block),
                    u64::from(byte > b' ') << at,
                    "{byte} at {at}"
                );
            }
        }
    }
}

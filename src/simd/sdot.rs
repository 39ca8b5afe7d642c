//! NEON's products of four signed bytes. The compiler's own name for the instruction is not stable yet.

use std::arch::aarch64::*;
use std::arch::asm;

#[target_feature(enable = "neon,dotprod")]
#[inline]
pub(super) fn dot(mut sum: int32x4_t, w: int8x16_t, x: int8x16_t) -> int32x4_t {
    // SAFETY: registers in, register out.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {w:v}.16b, {x:v}.16b",
            sum = inout(vreg) sum,
            w = in(vreg) w,
            x = in(vreg) x,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

/*
 * From a counter's ticks to nanoseconds, by one multiplication and a shift.
 *
 * ns = ticks * multiplier / 2^shift, with the shift as large as 32 bits of multiplier allow.  The
 * product would need 96 bits, so it is made of two halves.
 */
#ifndef ARCH_X86_CLOCK_SCALE_H
#define ARCH_X86_CLOCK_SCALE_H

#include "lib/types.h"

struct clock_scale {
    u32 multiplier;
    u8 shift; /* at most 32 */
};

/* The scale for a counter of @hz, at least 1 Hz and less than 2^32 GHz. */
static inline struct clock_scale clock_scale_make(u64 hz)
{
    u8 shift = 32;
    while (shift && (1000000000ull << shift) / hz > UINT32_MAX)
        shift--;
    return (struct clock_scale){ (u32)((1000000000ull << shift) / hz), shift };
}

/* How many ns are @ticks? */
static inline u64 clock_scale_ns(struct clock_scale scale, u64 ticks)
{
    u64 high = (ticks >> 32) * scale.multiplier;
    u64 low = (ticks & UINT32_MAX) * scale.multiplier;
    return (high << (32 - scale.shift)) + (low >> scale.shift);
}

#endif

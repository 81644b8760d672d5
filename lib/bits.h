/*
 * Finding and counting bits.
 *
 * Everything takes 64 bits, of which the compiler drops what it knows to be 0.
 */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include "lib/types.h"

/* The number of the lowest bit set in @x, which is not 0. */
static inline unsigned lowest_bit(u64 x)
{
    if (sizeof(long) == sizeof(u64))
        return (unsigned)__builtin_ctzl((unsigned long)x);
    u32 low = (u32)x; /* in halves, or the compiler would call a library */
    return (unsigned)(low ? __builtin_ctz(low) : 32 + __builtin_ctz((u32)(x >> 32)));
}

/* The number of the highest bit set in @x, which is not 0. */
static inline unsigned highest_bit(u64 x)
{
    if (sizeof(long) == sizeof(u64))
        return 63 - (unsigned)__builtin_clzl((unsigned long)x);
    u32 high = (u32)(x >> 32);
    return 31 - (unsigned)(high ? __builtin_clz(high) - 32 : __builtin_clz((u32)x));
}

/* The largest n with 2^n <= @x, which is not 0. */
static inline unsigned log2_floor(u64 x) { return highest_bit(x); }

/* The smallest n with 2^n >= @x, which is not 0. */
static inline unsigned log2_ceil(u64 x) { return x == 1 ? 0 : highest_bit(x - 1) + 1; }

static inline bool is_power_of_two(u64 x) { return x != 0 && (x & (x - 1)) == 0; }

/* The smallest power of two >= @x, which is neither 0 nor beyond 2^63. */
static inline u64 round_up_to_power_of_two(u64 x) { return (u64)1 << log2_ceil(x); }

/*
 * How many bits are set in @x: sums of ever wider neighbours.
 * Source: Warren, "Hacker's Delight" (2nd ed. 2012), 5-1 "Counting 1-Bits".
 */
static inline unsigned count_ones(u64 x)
{
    x -= x >> 1 & 0x5555555555555555;
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (unsigned)(x * 0x0101010101010101 >> 56);
}

/* A word whose bits @first to @first + @count - 1 are set; @count may be 0 to 64. */
static inline u64 bit_range(unsigned first, unsigned count)
{
    return count == 0 ? 0 : (~(u64)0 >> (64 - count)) << first;
}

#endif

/*
 * Division of 64 bits where a word has 32.
 *
 * The compiler calls these by itself.  Its own library has them, but compiled to take arguments
 * from the stack, while this kernel passes them in registers.  They divide words only: a division
 * of 64 bits here would call itself.
 *
 * Source: Knuth, "The Art of Computer Programming" vol. 2, 4.3.1 "The Classical Algorithms",
 * algorithm D, with digits of 16 bits; Warren, "Hacker's Delight" (2nd ed. 2012), 9-5 "Doubleword
 * Division from Long Division".
 */
#include "lib/types.h"

#if UINTPTR_MAX == UINT32_MAX

u64 __udivmoddi4(u64 dividend, u64 divisor, u64 *remainder);
u64 __udivdi3(u64 dividend, u64 divisor);
u64 __umoddi3(u64 dividend, u64 divisor);
s64 __divmoddi4(s64 dividend, s64 divisor, s64 *remainder);
s64 __divdi3(s64 dividend, s64 divisor);
s64 __moddi3(s64 dividend, s64 divisor);

/*
 * One digit of the quotient: @rest, which is less than @divisor * 2^16, by @divisor, whose highest
 * bit is set.  The digit is guessed from the divisor's upper half, and at most 2 too large.
 */
static u32 divide_digit(u64 rest, u32 divisor)
{
    u32 rest_high = (u32)(rest >> 16);
    u32 digit = rest_high / (divisor >> 16);
    while ((u64)digit * divisor > rest)
        digit--;
    return digit;
}

/* @high * 2^32 + @low by @divisor, where @high < @divisor: so the quotient fits a word. */
static u32 divide_two_words(u32 high, u32 low, u32 divisor)
{
    int shift = __builtin_clz(divisor);
    u64 dividend = ((u64)high << 32 | low) << shift;
    divisor <<= shift;

    u32 first = divide_digit(dividend >> 16, divisor);
    u64 rest = (dividend >> 16) - (u64)first * divisor;
    u32 second = divide_digit(rest << 16 | (dividend & 0xffff), divisor);
    return first << 16 | second;
}

/* By a divisor of one word: the upper word first, what it leaves with the lower word. */
static u64 divide_by_word(u64 dividend, u32 divisor)
{
    u32 high = (u32)(dividend >> 32);
    u32 low = (u32)dividend;
    if (high == 0)
        return low / divisor;
    return (u64)(high / divisor) << 32 | divide_two_words(high % divisor, low, divisor);
}

/*
 * By a divisor of two words, of which the upper 32 significant bits are taken.  With the dividend
 * halved the quotient fits a word, and after the shifts it is right or 1 too large.
 */
static u64 divide_by_two_words(u64 dividend, u64 divisor)
{
    int shift = __builtin_clz((u32)(divisor >> 32));
    u32 upper = (u32)(divisor << shift >> 32);
    u64 half = dividend >> 1;
    u32 quotient = divide_two_words((u32)(half >> 32), (u32)half, upper) >> (31 - shift);

    if (quotient > 0)
        quotient--; /* 1 too small, or right */
    if (dividend - quotient * divisor >= divisor)
        quotient++;
    return quotient;
}

u64 __udivdi3(u64 dividend, u64 divisor)
{
    u32 high = (u32)(divisor >> 32);
    return high == 0 ? divide_by_word(dividend, (u32)divisor)
                     : divide_by_two_words(dividend, divisor);
}

u64 __udivmoddi4(u64 dividend, u64 divisor, u64 *remainder)
{
    u64 quotient = __udivdi3(dividend, divisor);
    if (remainder)
        *remainder = dividend - quotient * divisor;
    return quotient;
}

u64 __umoddi3(u64 dividend, u64 divisor)
{
    return dividend - __udivdi3(dividend, divisor) * divisor;
}

static u64 magnitude(s64 x) { return x < 0 ? -(u64)x : (u64)x; }

s64 __divdi3(s64 dividend, s64 divisor)
{
    u64 quotient = __udivdi3(magnitude(dividend), magnitude(divisor));
    return (s64)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

s64 __divmoddi4(s64 dividend, s64 divisor, s64 *remainder)
{
    s64 quotient = __divdi3(dividend, divisor);
    *remainder = (s64)((u64)dividend - (u64)quotient * (u64)divisor);
    return quotient;
}

s64 __moddi3(s64 dividend, s64 divisor)
{
    s64 remainder;
    __divmoddi4(dividend, divisor, &remainder);
    return remainder;
}

#endif

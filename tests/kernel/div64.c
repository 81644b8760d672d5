/*
 * 64-bit division as the compiler calls it: on i386 this is lib/div64.c, with our calling
 * convention; on x86_64 the CPU does it.  The host tests have the many cases.
 */
#include "lib/types.h"

#include "kernel/ktest.h"
#include "lib/random.h"

/* Check the division by the rule that defines it, which needs only multiplication. */
static void check(u64 dividend, u64 divisor)
{
    u64 quotient = dividend / divisor, remainder = dividend % divisor;
    ktest_assert(remainder < divisor);
    ktest_equal(quotient * divisor + remainder, dividend);
    ktest_assert(!__builtin_mul_overflow(quotient, divisor, &quotient));

    s64 a = (s64)dividend, b = (s64)(divisor >> 1 | 1);
    s64 part = a / b, rest = a % b;
    ktest_equal(part * b + rest, a);
    ktest_assert(rest < b && rest > -b && (rest == 0 || (rest < 0) == (a < 0)));
}

KTEST(quotients_and_remainders_obey_the_rule_of_division)
{
    struct random random;
    random_seed(&random, ktest_random());
    for (unsigned i = 0; i < 20000; i++) {
        u64 dividend = random_u64(&random) >> random_below(&random, 64);
        u64 divisor = random_u64(&random) >> random_below(&random, 64);
        check(dividend, divisor ? divisor : 1);
    }
}

KTEST(known_quotients_are_right)
{
    volatile u64 seconds = 1234567890123456789, thousand = 1000, big = 0x100000001;
    ktest_equal(seconds / thousand, 1234567890123456);
    ktest_equal(seconds % thousand, 789);
    ktest_equal(seconds / big, 287445236);
    ktest_equal(seconds % big, 1825009697);
    volatile s64 negative = -1000000000007, billion = 1000000000;
    ktest_equal(negative / billion, -1000);
    ktest_equal(negative % billion, -7);
}

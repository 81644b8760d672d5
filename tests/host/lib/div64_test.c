/*
 * The 64-bit division of the 32-bit builds, against the host's.
 *
 * Links: lib/random.c
 */
#include "lib/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/random.h"

/* As where a word has 32 bits: else the file is empty. */
#undef UINTPTR_MAX
#define UINTPTR_MAX UINT32_MAX
#include "lib/div64.c"

enum { ROUNDS = 2000000 };

/* A number of any size, often next to a power of two, where mistakes live. */
static u64 make_number(struct random *random)
{
    u64 number = random_u64(random) >> random_below(random, 64);
    if (random_below(random, 3) == 0)
        number = ((u64)1 << random_below(random, 64)) + random_below(random, 5) - 2;
    if (random_below(random, 3) == 0)
        number = ~number;
    return number;
}

static void check(u64 dividend, u64 divisor)
{
    u64 remainder;
    assert_true(__udivdi3(dividend, divisor) == dividend / divisor);
    assert_true(__umoddi3(dividend, divisor) == dividend % divisor);
    assert_true(__udivmoddi4(dividend, divisor, &remainder) == dividend / divisor);
    assert_true(remainder == dividend % divisor);

    s64 a = (s64)dividend, b = (s64)divisor, rest;
    if (a == INT64_MIN && b == -1)
        return; /* the host traps */
    assert_true(__divdi3(a, b) == a / b);
    assert_true(__moddi3(a, b) == a % b);
    assert_true(__divmoddi4(a, b, &rest) == a / b);
    assert_true(rest == a % b);
}

static void random_quotients_and_remainders_are_right(void **state)
{
    struct random random = { 1 };
    for (int round = 0; round < ROUNDS; round++) {
        u64 dividend = make_number(&random), divisor = make_number(&random);
        if (divisor != 0)
            check(dividend, divisor);
    }
}

static void edges_are_right(void **state)
{
    static const u64 edges[] = { 1,
                                 2,
                                 3,
                                 0xffff,
                                 0x10000,
                                 0x10001,
                                 0x7fffffff,
                                 0x80000000,
                                 0xfffeffff,
                                 0xffff0000,
                                 0xffffffff,
                                 0x100000000,
                                 0x100000001,
                                 0x1ffffffff,
                                 0x7fffffffffffffff,
                                 0x8000000000000000,
                                 0xfffeffffffffffff,
                                 0xffffffff00000000,
                                 0xfffffffffffffffe,
                                 0xffffffffffffffff };
    for (size_t i = 0; i < ARRAY_COUNT(edges); i++)
        for (size_t j = 0; j < ARRAY_COUNT(edges); j++)
            check(edges[i], edges[j]);
    check(0, 1);
    check(0, 0x100000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_quotients_and_remainders_are_right),
        cmocka_unit_test(edges_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

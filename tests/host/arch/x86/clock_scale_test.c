/* Ticks to nanoseconds, against exact arithmetic. */
#include "arch/x86/clock_scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const u64 frequencies[] = { 1193182,    3579545,    14318180,   100000000,  999999999,
                                   1000000000, 1000000001, 2596122546, 5000000000, 9999999999 };

static u64 exact(u64 ticks, u64 hz) { return (u64)((__uint128_t)ticks * 1000000000 / hz); }

static void a_year_is_right_to_a_second(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(frequencies); i++) {
        u64 hz = frequencies[i], ticks = hz * 86400 * 365;
        u64 ns = clock_scale_ns(clock_scale_make(hz), ticks);
        u64 right = exact(ticks, hz);
        u64 difference = ns > right ? ns - right : right - ns;
        assert_true(difference < 1000000000);
    }
}

static void a_millisecond_is_right_to_a_nanosecond(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(frequencies); i++) {
        u64 hz = frequencies[i], ticks = hz / 1000;
        u64 ns = clock_scale_ns(clock_scale_make(hz), ticks);
        assert_in_range(ns, exact(ticks, hz) - 1, exact(ticks, hz) + 1);
    }
}

static void more_ticks_are_never_less_time(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(frequencies); i++) {
        struct clock_scale scale = clock_scale_make(frequencies[i]);
        u64 before = 0;
        for (u64 ticks = ((u64)1 << 32) - 1000; ticks < ((u64)1 << 32) + 1000; ticks++) {
            u64 now = clock_scale_ns(scale, ticks);
            assert_true(now >= before);
            before = now;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_is_right_to_a_second),
        cmocka_unit_test(a_millisecond_is_right_to_a_nanosecond),
        cmocka_unit_test(more_ticks_are_never_less_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

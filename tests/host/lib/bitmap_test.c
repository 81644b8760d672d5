/*
 * Bits, bitmaps, rounding, smaller and greater: against the plainest possible way to do it.
 *
 * Links: lib/random.c
 */
#include "lib/bitmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/align.h"
#include "lib/bits.h"
#include "lib/minmax.h"
#include "lib/random.h"
#include "lib/string.h"

enum { BITS = 200, ROUNDS = 20000 };

static void bits_are_found_and_counted(void **state)
{
    struct random random = { 1 };
    for (int round = 0; round < ROUNDS; round++) {
        u64 x = random_u64(&random) >> random_below(&random, 64) << random_below(&random, 64);
        unsigned ones = 0, low = 64, high = 64;
        for (unsigned bit = 0; bit < 64; bit++) {
            if (!(x >> bit & 1))
                continue;
            ones++;
            high = bit;
            low = min(low, bit);
        }
        assert_int_equal(count_ones(x), ones);
        assert_int_equal(is_power_of_two(x), ones == 1);
        if (x == 0)
            continue;
        assert_int_equal(lowest_bit(x), low);
        assert_int_equal(highest_bit(x), high);
        assert_int_equal(log2_floor(x), high);
        assert_int_equal(log2_ceil(x), ones == 1 ? high : high + 1);
    }
    assert_int_equal(log2_ceil(1), 0);
    assert_int_equal(round_up_to_power_of_two(4097), 8192);
    assert_int_equal(round_up_to_power_of_two((u64)1 << 63), (u64)1 << 63);
    assert_int_equal(bit_range(4, 3), 0x70);
    assert_int_equal(bit_range(0, 64), UINT64_MAX);
    assert_int_equal(bit_range(9, 0), 0);
}

static void rounding_keeps_the_upper_half_of_wide_numbers(void **state)
{
    assert_int_equal(align_down((paddr_t)0x123456789, 4096), 0x123456000);
    assert_int_equal(align_up((paddr_t)0x123456789, 4096u), 0x123457000);
    assert_int_equal(align_up((paddr_t)0x123456000, 4096), 0x123456000);
    assert_true(is_aligned((paddr_t)0x100000000, 0x40000000));
    assert_false(is_aligned(4097u, 4096));
    assert_int_equal(divide_up(4097u, 4096), 2);
    assert_int_equal(divide_up((u64)8192, 4096), 2);
}

static void smaller_greater_and_between(void **state)
{
    assert_int_equal(min(-1, 1), -1);
    assert_int_equal(max(-1, 1), 1);
    assert_int_equal(clamp(7, 1, 5), 5);
    assert_int_equal(clamp(-7, 1, 5), 1);
    assert_int_equal(clamp(3, 1, 5), 3);
    assert_int_equal(min_of(u64, 5u, (u64)1 << 40), 5);
}

static bool plain[BITS];
static unsigned long bitmap[BITMAP_WORDS(BITS)];

static size_t plain_find(size_t bits, size_t from, bool value)
{
    while (from < bits && plain[from] != value)
        from++;
    return min(from, bits);
}

static size_t plain_find_run(size_t bits, size_t count)
{
    for (size_t start = plain_find(bits, 0, false); start < bits; start++)
        if (start + count <= bits && plain_find(start + count, start, true) == start + count)
            return start;
    return bits;
}

static void bitmaps_do_what_arrays_of_bools_do(void **state)
{
    struct random random = { 2 };
    for (int round = 0; round < ROUNDS; round++) {
        size_t start = random_below(&random, BITS);
        size_t count = random_below(&random, (u32)(BITS - start) + 1) >> random_below(&random, 6);
        bool value = random_below(&random, 2);
        for (size_t i = start; i < start + count; i++)
            plain[i] = value;
        (value ? bitmap_set_range : bitmap_clear_range)(bitmap, start, count);
        plain[start] = !value;
        (value ? bitmap_clear : bitmap_set)(bitmap, start);

        size_t ones = 0;
        size_t bits = random_below(&random, BITS + 1);
        for (size_t i = 0; i < BITS; i++)
            assert_int_equal(bitmap_test(bitmap, i), plain[i]);
        for (size_t i = 0; i < bits; i++)
            ones += plain[i];
        size_t from = random_below(&random, (u32)bits + 1);
        assert_int_equal(bitmap_count(bitmap, bits), ones);
        assert_int_equal(bitmap_find_set(bitmap, bits, from), plain_find(bits, from, true));
        assert_int_equal(bitmap_find_clear(bitmap, bits, from), plain_find(bits, from, false));
        size_t run = 1 + random_below(&random, 20);
        assert_int_equal(bitmap_find_clear_run(bitmap, bits, run), plain_find_run(bits, run));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_found_and_counted),
        cmocka_unit_test(rounding_keeps_the_upper_half_of_wide_numbers),
        cmocka_unit_test(smaller_greater_and_between),
        cmocka_unit_test(bitmaps_do_what_arrays_of_bools_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Sorting and random numbers.
 *
 * Links: lib/random.c
 */
#include "lib/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/random.h"

enum { COUNT = 300 };

/* An odd size, so that elements stand at odd addresses. */
struct pair {
    u8 key, value, check;
};

static int compare_pairs(const void *a, const void *b)
{
    return ((const struct pair *)a)->key - ((const struct pair *)b)->key;
}

static void any_array_is_in_order_afterwards(void **state)
{
    struct random random = { 1 };
    for (size_t count = 0; count < COUNT; count++) {
        struct pair array[COUNT];
        u32 sum = 0, sum_after = 0;
        for (size_t i = 0; i < count; i++) {
            u8 key = (u8)random_below(&random, 100), value = (u8)random_u64(&random);
            array[i] = (struct pair){ key, value, (u8)(key ^ value) };
            sum += key;
        }
        sort(array, count, sizeof(array[0]), compare_pairs);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(array[i].check, array[i].key ^ array[i].value);
            assert_true(i == 0 || array[i - 1].key <= array[i].key);
            sum_after += array[i].key;
        }
        assert_int_equal(sum_after, sum);
    }
}

/* The first numbers of seed 1234567, as the algorithm's reference implementation gives them. */
static void random_numbers_are_splitmix64(void **state)
{
    struct random random;
    random_seed(&random, 1234567);
    assert_true(random_u64(&random) == 6457827717110365317u);
    assert_true(random_u64(&random) == 3203168211198807973u);
    assert_true(random_u64(&random) == 9817491932198370423u);
}

static void numbers_below_a_limit_are_all_as_likely(void **state)
{
    struct random random = { 2 };
    u32 seen[7] = { 0 };
    for (int i = 0; i < 70000; i++)
        seen[random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 9500, 10500);
    assert_int_equal(random_below(&random, 1), 0);
    expect_assert_failure(random_below(&random, 0));
}

static void random_bytes_fill_just_the_buffer(void **state)
{
    struct random random = { 3 };
    u8 buffer[16] = { 0 };
    random_bytes(&random, buffer + 1, 13);
    unsigned zeroes = 0;
    for (int i = 1; i < 14; i++)
        zeroes += buffer[i] == 0;
    assert_int_equal(buffer[0] | buffer[14] | buffer[15], 0);
    assert_true(zeroes < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_array_is_in_order_afterwards),
        cmocka_unit_test(random_numbers_are_splitmix64),
        cmocka_unit_test(numbers_below_a_limit_are_all_as_likely),
        cmocka_unit_test(random_bytes_fill_just_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

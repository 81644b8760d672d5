/*
 * Strings and bytes, against the C library's on random input.
 *
 * The runner renames ours (memcpy means quire_memcpy here); __builtin_memcpy is the C library's.
 *
 * Links: lib/random.c
 */
#include "lib/string.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/minmax.h"
#include "lib/random.h"

enum { BYTES = 300, ROUNDS = 20000 };

static int sign(int x) { return (x > 0) - (x < 0); }

/* Two equal arrays, to run ours on one and the C library's on the other. */
static u8 ours[BYTES], theirs[BYTES], source[BYTES];

static void fill(struct random *random)
{
    random_bytes(random, ours, BYTES);
    random_bytes(random, source, BYTES);
    for (size_t i = 0; i < BYTES; i++)
        theirs[i] = ours[i];
}

static void assert_same(void)
{
    for (size_t i = 0; i < BYTES; i++)
        assert_int_equal(ours[i], theirs[i]);
}

static void memcpy_copies_any_length_at_any_address(void **state)
{
    struct random random = { 1 };
    for (int round = 0; round < ROUNDS; round++) {
        fill(&random);
        size_t to = random_below(&random, BYTES), from = random_below(&random, BYTES);
        size_t count = random_below(&random, (u32)(BYTES - max(to, from)) + 1);
        assert_ptr_equal(memcpy(ours + to, source + from, count), ours + to);
        __builtin_memcpy(theirs + to, source + from, count);
        assert_same();
    }
}

static void memmove_copies_overlapping_bytes(void **state)
{
    struct random random = { 2 };
    for (int round = 0; round < ROUNDS; round++) {
        fill(&random);
        size_t to = random_below(&random, BYTES), from = random_below(&random, BYTES);
        size_t count = random_below(&random, (u32)(BYTES - max(to, from)) + 1);
        assert_ptr_equal(memmove(ours + to, ours + from, count), ours + to);
        __builtin_memmove(theirs + to, theirs + from, count);
        assert_same();
    }
}

static void memset_sets_any_length_at_any_address(void **state)
{
    struct random random = { 3 };
    for (int round = 0; round < ROUNDS; round++) {
        fill(&random);
        size_t to = random_below(&random, BYTES);
        size_t count = random_below(&random, (u32)(BYTES - to) + 1);
        int byte = (int)random_below(&random, 1024) - 512;
        assert_ptr_equal(memset(ours + to, byte, count), ours + to);
        __builtin_memset(theirs + to, byte, count);
        assert_same();
    }
}

static void memcmp_and_memchr_find_the_first_difference(void **state)
{
    struct random random = { 4 };
    for (int round = 0; round < ROUNDS; round++) {
        fill(&random);
        size_t count = random_below(&random, BYTES);
        size_t at = random_below(&random, BYTES);
        theirs[at] ^= (u8)(1 << random_below(&random, 8));
        assert_int_equal(sign(memcmp(ours, theirs, count)),
                         sign(__builtin_memcmp(ours, theirs, count)));
        assert_ptr_equal(memchr(ours, theirs[at], count),
                         __builtin_memchr(ours, theirs[at], count));
    }
}

/* A short string of few different letters, so that matches happen. */
static void make_string(struct random *random, char *string, u32 limit)
{
    u32 length = random_below(random, limit);
    for (u32 i = 0; i < length; i++)
        string[i] = "ab\xe4"[random_below(random, 3)];
    string[length] = '\0';
}

static void searches_find_what_the_c_library_finds(void **state)
{
    struct random random = { 5 };
    char a[16], b[16], part[4];
    for (int round = 0; round < ROUNDS; round++) {
        make_string(&random, a, sizeof(a));
        make_string(&random, b, sizeof(b));
        make_string(&random, part, sizeof(part));
        size_t limit = random_below(&random, 18);
        assert_int_equal(strlen(a), __builtin_strlen(a));
        assert_int_equal(strnlen(a, limit), min(limit, __builtin_strlen(a)));
        assert_int_equal(sign(strcmp(a, b)), sign(__builtin_strcmp(a, b)));
        assert_int_equal(sign(strncmp(a, b, limit)), sign(__builtin_strncmp(a, b, limit)));
        assert_ptr_equal(strchr(a, part[0]), __builtin_strchr(a, part[0]));
        assert_ptr_equal(strrchr(a, part[0]), __builtin_strrchr(a, part[0]));
        assert_ptr_equal(strstr(a, part), __builtin_strstr(a, part));
        assert_int_equal(strspn(a, part), __builtin_strspn(a, part));
        assert_int_equal(strcspn(a, part), __builtin_strcspn(a, part));
    }
}

static void strlcpy_cuts_and_says_how_long_it_was(void **state)
{
    char to[4] = "xxx";
    assert_int_equal(strlcpy(to, "ab", sizeof(to)), 2);
    assert_string_equal(to, "ab");
    assert_int_equal(strlcpy(to, "abcdef", sizeof(to)), 6);
    assert_string_equal(to, "abc");
    assert_int_equal(strlcpy(to, "zz", 0), 2);
    assert_string_equal(to, "abc");
}

static void strlcat_appends_and_cuts(void **state)
{
    char to[6] = "ab";
    assert_int_equal(strlcat(to, "cd", sizeof(to)), 4);
    assert_string_equal(to, "abcd");
    assert_int_equal(strlcat(to, "efg", sizeof(to)), 7);
    assert_string_equal(to, "abcde");
}

static void starts_with_compares_the_prefix_alone(void **state)
{
    assert_true(string_starts_with("kernel", "kern"));
    assert_true(string_starts_with("kernel", ""));
    assert_false(string_starts_with("ker", "kern"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memcpy_copies_any_length_at_any_address),
        cmocka_unit_test(memmove_copies_overlapping_bytes),
        cmocka_unit_test(memset_sets_any_length_at_any_address),
        cmocka_unit_test(memcmp_and_memchr_find_the_first_difference),
        cmocka_unit_test(searches_find_what_the_c_library_finds),
        cmocka_unit_test(strlcpy_cuts_and_says_how_long_it_was),
        cmocka_unit_test(strlcat_appends_and_cuts),
        cmocka_unit_test(starts_with_compares_the_prefix_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

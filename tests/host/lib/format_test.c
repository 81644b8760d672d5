/*
 * Formatting, against the C library's for every combination of flags, widths and lengths.
 *
 * The runner renames ours; __builtin_snprintf is the C library's.
 *
 * Links: lib/random.c
 */
#include "lib/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/random.h"
#include "lib/string.h"

enum { ROUNDS = 200000 };

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define assert_same_output(...)                                                     \
    do {                                                                            \
        char ours[128], theirs[128];                                                \
        memset(ours, 'x', sizeof(ours));                                            \
        memset(theirs, 'x', sizeof(theirs));                                        \
        int our_length = snprintf(ours, sizeof(ours), __VA_ARGS__);                 \
        int their_length = __builtin_snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
        assert_string_equal(ours, theirs);                                          \
        assert_int_equal(our_length, their_length);                                 \
    } while (0)

/* A % with random flags, width, precision, then @rest. */
static void make_spec(struct random *random, char *spec, const char *rest)
{
    *spec++ = '%';
    for (const char *flag = "-0+ #"; *flag; flag++)
        if (random_below(random, 3) == 0)
            *spec++ = *flag;
    if (random_below(random, 2))
        spec += __builtin_sprintf(spec, "%u", 1 + random_below(random, 30));
    if (random_below(random, 2))
        spec += __builtin_sprintf(spec, ".%u", random_below(random, 30));
    strlcpy(spec, rest, 8);
}

/* A number of any size: all bits random, shifted. */
static u64 make_number(struct random *random)
{
    return random_u64(random) >> random_below(random, 64) >> random_below(random, 2);
}

static void integers_look_as_the_c_library_prints_them(void **state)
{
    static const char *const conversions[] = { "d",   "i",  "u",   "x",   "X",  "o",  "hd",
                                               "hhd", "hu", "hhx", "ld",  "lu", "lx", "lo",
                                               "zu",  "zx", "lld", "llu", "jd", "td", "llX" };
    struct random random = { 1 };
    for (int round = 0; round < ROUNDS; round++) {
        char spec[64];
        make_spec(&random, spec, conversions[random_below(&random, ARRAY_COUNT(conversions))]);
        u64 number = make_number(&random);
        assert_same_output(spec, number);
    }
}

static void strings_and_characters_look_as_the_c_library_prints_them(void **state)
{
    struct random random = { 2 };
    for (int round = 0; round < ROUNDS; round++) {
        static const char *const strings[] = { "", "a", "hello", "a longer piece of text" };
        int width = (int)random_below(&random, 40) - 20;
        int precision = (int)random_below(&random, 12) - 4;
        const char *string = strings[random_below(&random, 4)];
        assert_same_output("<%*.*s>", width, precision, string);
        assert_same_output("<%-*c|%%>", width, string[0] ? string[0] : '-');
        assert_same_output("<%*d|%.*d>", width, width, precision, precision);
    }
}

static void a_short_buffer_gets_the_start_and_the_whole_length(void **state)
{
    char buffer[8] = "1234567";
    assert_int_equal(snprintf(buffer, 5, "%s-%d", "abc", 1234), 8);
    assert_string_equal(buffer, "abc-");
    assert_int_equal(buffer[5], '6');
    assert_int_equal(snprintf(buffer, 0, "%d", 77), 2);
    assert_string_equal(buffer, "abc-");
    assert_int_equal(snprintf(NULL, 0, "%20s", "x"), 20);
}

static void scnprintf_counts_what_stands_in_the_buffer(void **state)
{
    char buffer[8];
    assert_int_equal(scnprintf(buffer, sizeof(buffer), "%s", "abc"), 3);
    assert_int_equal(scnprintf(buffer, sizeof(buffer), "%s", "abcdefghij"), 7);
    assert_int_equal(scnprintf(buffer, 0, "%s", "abc"), 0);
}

static void pointers_have_all_digits(void **state)
{
    char buffer[32];
    snprintf(buffer, sizeof(buffer), "%p", (void *)0xc0de);
    assert_string_equal(buffer, "0x000000000000c0de");
}

static void null_strings_and_unknown_conversions_show_themselves(void **state)
{
    char buffer[64];
    snprintf(buffer, sizeof(buffer), "%s", (const char *)NULL);
    assert_string_equal(buffer, "(null)");
    snprintf(buffer, sizeof(buffer), "%y %5k %", 1, 2);
    assert_string_equal(buffer, "%y %5k %");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_look_as_the_c_library_prints_them),
        cmocka_unit_test(strings_and_characters_look_as_the_c_library_prints_them),
        cmocka_unit_test(a_short_buffer_gets_the_start_and_the_whole_length),
        cmocka_unit_test(scnprintf_counts_what_stands_in_the_buffer),
        cmocka_unit_test(pointers_have_all_digits),
        cmocka_unit_test(null_strings_and_unknown_conversions_show_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Numbers, sizes and patterns that people type, right and wrong ones. */
#include "lib/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/errno.h"

static void expect_number(const char *text, int error, u64 expected)
{
    u64 value = 4711;
    assert_int_equal(parse_u64(text, &value), error);
    assert_int_equal(value, error ? 4711 : expected);
}

static void numbers_are_decimal_hexadecimal_or_octal(void **state)
{
    expect_number("0", 0, 0);
    expect_number("1234567890", 0, 1234567890);
    expect_number("0x1fF", 0, 0x1ff);
    expect_number("0X10", 0, 16);
    expect_number("0755", 0, 0755);
    expect_number("18446744073709551615", 0, UINT64_MAX);
    expect_number("0xffffffffffffffff", 0, UINT64_MAX);
}

static void what_is_no_number_is_refused(void **state)
{
    static const char *const bad[] = { "",   " ",   "-1", "+1", "x",   "0x",  "0xg",
                                       "08", "12x", "1 ", " 1", "1.5", "0x-1" };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        expect_number(bad[i], -EINVAL, 0);
}

static void what_does_not_fit_is_refused(void **state)
{
    expect_number("18446744073709551616", -ERANGE, 0);
    expect_number("0x10000000000000000", -ERANGE, 0);
    expect_number("99999999999999999999999999", -ERANGE, 0);

    u32 value = 4711;
    assert_int_equal(parse_u32("8", 8, &value), 0);
    assert_int_equal(value, 8);
    assert_int_equal(parse_u32("9", 8, &value), -ERANGE);
    assert_int_equal(parse_u32("4294967296", UINT32_MAX, &value), -ERANGE);
    assert_int_equal(value, 8);
}

static void expect_size(const char *text, int error, u64 expected)
{
    u64 bytes = 4711;
    assert_int_equal(parse_size(text, &bytes), error);
    assert_int_equal(bytes, error ? 4711 : expected);
}

static void sizes_have_suffixes(void **state)
{
    expect_size("256M", 0, (u64)256 << 20);
    expect_size("4G", 0, (u64)4 << 30);
    expect_size("4g", 0, (u64)4 << 30);
    expect_size("0x1000", 0, 0x1000);
    expect_size("0x10k", 0, 0x4000);
    expect_size("1T", 0, (u64)1 << 40);
    expect_size("0", 0, 0);
    expect_size("16777215T", 0, (u64)16777215 << 40);
}

static void bad_sizes_are_refused(void **state)
{
    static const char *const bad[] = { "", "M", "4MB", "4 M", "12q", "-4M", "4P", "0x" };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        expect_size(bad[i], -EINVAL, 0);
    expect_size("16777216T", -ERANGE, 0);
    expect_size("18446744073709551616", -ERANGE, 0);
}

static void patterns_match_whole_texts(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        { "", "", true },
        { "", "a", false },
        { "*", "", true },
        { "*", "anything", true },
        { "buddy.*", "buddy.merges", true },
        { "buddy.*", "buddy", false },
        { "a?c", "abc", true },
        { "a?c", "ac", false },
        { "*b*b*", "abcb", true },
        { "*b*b*", "abc", false },
        { "*ab", "aab", true },
        { "**", "x", true },
        { "[a-c]x", "bx", true },
        { "[a-c]x", "dx", false },
        { "[!a-c]x", "dx", true },
        { "[!a-c]x", "ax", false },
        { "[]x]", "]", true },
        { "[a-]", "-", true },
        { "[ab", "[ab", true },
        { "*[0-9]", "tlb7", true },
        { "*[0-9]", "tlb", false },
        { "*aaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        if (glob_match(cases[i].pattern, cases[i].text) != cases[i].matches)
            fail_msg("%s %s", cases[i].pattern, cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_decimal_hexadecimal_or_octal),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(sizes_have_suffixes),
        cmocka_unit_test(bad_sizes_are_refused),
        cmocka_unit_test(patterns_match_whole_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The terminal's lines: what keys make of a line, and who gets it.
 */
#include "kernel/dev/tty.h"

#include "kernel/fs/iov.h"
#include "kernel/ktest.h"
#include "lib/string.h"

static char got[8192];

static void type(const char *text) { tty_input(&console_tty, (const u8 *)text, strlen(text)); }

static ssize_t read_some(size_t size)
{
    struct iov to = iov_kernel(got, size);
    return tty_read(&console_tty, &to, false);
}

/* Read once and compare. */
static void expect_read(const char *expected)
{
    ktest_assert(tty_readable(&console_tty));
    ssize_t count = read_some(sizeof(got) - 1);
    ktest_equal(count, strlen(expected));
    got[count] = '\0';
    ktest_assert(strcmp(got, expected) == 0);
}

KTEST(a_line_is_readable_when_it_is_whole)
{
    type("# ab");
    ktest_assert(!tty_readable(&console_tty));
    type("c\r");
    expect_read("# abc\n");
    ktest_assert(!tty_readable(&console_tty));
}

KTEST(each_read_gets_one_line)
{
    type("# one\n# two\n");
    expect_read("# one\n");
    expect_read("# two\n");
}

KTEST(a_short_read_leaves_the_rest_of_the_line)
{
    type("# abcdef\n");
    ktest_equal(read_some(4), 4);
    ktest_assert(memcmp(got, "# ab", 4) == 0);
    expect_read("cdef\n");
}

KTEST(backspace_and_line_erase_edit_the_line_but_not_the_one_before)
{
    type("# done\n\177\177# abx\177c\n");
    expect_read("# done\n");
    expect_read("# abc\n");
    type("junk\025\003# new\n");
    expect_read("# new\n");
    type("# \xc3\xa4\177u\n"); /* a character of two bytes goes as one */
    expect_read("# u\n");
}

KTEST(end_of_file_ends_a_line_or_is_an_empty_read)
{
    type("# ab\004cd\n\004");
    expect_read("# ab");
    expect_read("cd\n");
    expect_read("");
}

KTEST(a_full_terminal_has_no_room_and_a_read_makes_some)
{
    size_t room = tty_input_room(&console_tty);
    unsigned lines = 0;
    for (; tty_input_room(&console_tty) >= 64; lines++) /* "# 64 characters" */
        type("# 3456789012345678901234567890123456789012345678901234567890123\n");
    ktest_equal(lines, room / 64);
    type("# xx\n");
    while (tty_input_room(&console_tty) > 0)
        type("\n");
    type("lost\n");
    ktest_equal(tty_input_room(&console_tty), 0);
    ktest_equal(read_some(sizeof(got)), 64);
    ktest_equal(tty_input_room(&console_tty), 64);
    while (tty_readable(&console_tty))
        ktest_assert(read_some(sizeof(got)) > 0);
    ktest_equal(tty_input_room(&console_tty), room);
}

KTEST(a_line_that_is_too_long_keeps_its_start_and_its_end)
{
    for (unsigned i = 0; i < 5000; i++)
        type(i == 0 ? "#" : "x");
    type("\n");
    ktest_equal(read_some(sizeof(got)), 4096);
    ktest_equal(got[0], '#');
    ktest_equal(got[4094], 'x');
    ktest_equal(got[4095], '\n');
    ktest_assert(!tty_readable(&console_tty));
}

static void type_later(void *data)
{
    ktest_note("typing");
    type("# for you\n");
}

KTEST(a_reader_sleeps_until_somebody_types)
{
    struct task *typist = ktest_thread(type_later, NULL, -1);
    ssize_t count = read_some(sizeof(got));
    ktest_join(typist);
    ktest_equal(count, 10);
}

/* Keys: what is typed on a US keyboard, and the bytes that come of it. */
#include "arch/x86/keymap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/string.h"

/* Feed the codes in @codes, zero at the end, to a keyboard with no key down. */
static void expect(const u8 *codes, const char *expected, size_t length)
{
    struct keymap keys = { 0 };
    char all[64];
    size_t count = 0;
    for (; *codes; codes++)
        count += keymap_decode(&keys, *codes, all + count);
    assert_int_equal(count, length);
    assert_memory_equal(all, expected, length);
}

#define expect_keys(expected, ...) \
    expect((const u8[]){ __VA_ARGS__, 0 }, expected, sizeof(expected) - 1)

static void keys_send_their_character_when_they_go_down(void **state)
{
    expect_keys("hi\r", 0x23, 0xa3, 0x17, 0x97, 0x1c, 0x9c);
    expect_keys("1-=\177\t\033", 0x02, 0x0c, 0x0d, 0x0e, 0x0f, 0x01);
    expect_keys("`\\z/ *;'[]", 0x29, 0x2b, 0x2c, 0x35, 0x39, 0x37, 0x27, 0x28, 0x1a, 0x1b);
}

static void shift_holds_until_it_is_released(void **state)
{
    expect_keys("A!a", 0x2a, 0x1e, 0x02, 0xaa, 0x1e);
    expect_keys("~|\"", 0x36, 0x29, 0x2b, 0x28);
    expect_keys("Aa", 0x2a, 0x36, 0xaa, 0x1e, 0xb6, 0x1e);
}

static void caps_lock_is_for_letters_and_shift_undoes_it(void **state)
{
    expect_keys("A1aa", 0x3a, 0xba, 0x1e, 0x02, 0x2a, 0x1e, 0xaa, 0x3a, 0xba, 0x1e);
}

static void ctrl_makes_control_characters(void **state)
{
    expect_keys("\003\004\000\033c", 0x1d, 0x2e, 0x20, 0x39, 0x1a, 0x9d, 0x2e);
    expect_keys("\003c", 0xe0, 0x1d, 0x2e, 0xe0, 0x9d, 0x2e);
}

static void alt_puts_an_escape_in_front(void **state)
{
    expect_keys("\033bb", 0x38, 0x30, 0xb8, 0x30);
}

static void cursor_keys_send_sequences(void **state)
{
    expect_keys("\033[A\033[B\033[C\033[D", 0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0x50, 0xe0, 0x4d, 0xe0,
                0x4b);
    expect_keys("\033[1~\033[4~\033[3~\033[5~", 0xe0, 0x47, 0xe0, 0x4f, 0xe0, 0x53, 0xe0, 0x49);
    expect_keys("\033[[A\033[24~", 0x3b, 0x58);
    expect_keys("\r/", 0xe0, 0x1c, 0xe0, 0x35);
}

static void keys_that_send_more_than_a_code_leave_no_trace(void **state)
{
    expect_keys("a", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x1e);                   /* Pause */
    expect_keys("\033[Aa", 0xe0, 0x2a, 0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0xaa, 0x1e); /* wrapped */
    expect_keys("", 0xe0, 0x5b, 0xe0, 0xdb, 0x7f, 0xff, 0x59);                    /* unknown ones */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_send_their_character_when_they_go_down),
        cmocka_unit_test(shift_holds_until_it_is_released),
        cmocka_unit_test(caps_lock_is_for_letters_and_shift_undoes_it),
        cmocka_unit_test(ctrl_makes_control_characters),
        cmocka_unit_test(alt_puts_an_escape_in_front),
        cmocka_unit_test(cursor_keys_send_sequences),
        cmocka_unit_test(keys_that_send_more_than_a_code_leave_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

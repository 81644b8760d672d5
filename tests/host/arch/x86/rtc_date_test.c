/* The real-time clock's registers as seconds since 1970, against the C library. */
#include "arch/x86/rtc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static u8 bcd(int value) { return (u8)(value / 10 << 4 | value % 10); }

/* The registers for @unix_s in @mode. */
static struct rtc_registers registers_of(time_t unix_s, u8 mode)
{
    struct tm date;
    gmtime_r(&unix_s, &date);
    int year = date.tm_year + 1900, hour = date.tm_hour;
    if (!(mode & RTC_24_HOURS))
        hour = hour % 12 ? hour % 12 : 12;

    int values[] = { date.tm_sec,     date.tm_min, hour,      date.tm_mday,
                     date.tm_mon + 1, year % 100,  year / 100 };
    u8 coded[7];
    for (size_t i = 0; i < 7; i++)
        coded[i] = mode & RTC_BINARY ? (u8)values[i] : bcd(values[i]);
    if (!(mode & RTC_24_HOURS) && date.tm_hour >= 12)
        coded[2] |= 0x80;
    return (struct rtc_registers){ coded[0], coded[1], coded[2], coded[3],
                                   coded[4], coded[5], coded[6], mode };
}

static void dates_in_all_modes_are_right(void **state)
{
    static const u8 modes[] = { 0, RTC_24_HOURS, RTC_BINARY, RTC_BINARY | RTC_24_HOURS };
    for (size_t i = 0; i < ARRAY_COUNT(modes); i++) {
        for (time_t unix_s = 0; unix_s < 4102444800 + 86400 * 70L; unix_s += 40009) {
            struct rtc_registers registers = registers_of(unix_s, modes[i]);
            assert_int_equal(rtc_to_unix(&registers), unix_s);
        }
    }
}

static void without_a_century_it_is_the_twenty_first(void **state)
{
    struct rtc_registers registers = registers_of(1784592000, RTC_24_HOURS); /* 2026 */
    registers.century = 0;
    assert_int_equal(rtc_to_unix(&registers), 1784592000);
    registers.century = 0xff;
    assert_int_equal(rtc_to_unix(&registers), 1784592000);
}

static void what_is_no_date_is_0(void **state)
{
    const struct rtc_registers good = registers_of(1784592000, RTC_24_HOURS | RTC_BINARY);
    static const struct {
        size_t member;
        u8 value;
    } bad[] = { { 0, 61 }, { 1, 60 }, { 2, 24 }, { 3, 0 },
                { 3, 32 }, { 4, 0 },  { 4, 13 }, { 4, 255 } };

    assert_int_not_equal(rtc_to_unix(&good), 0);
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct rtc_registers registers = good;
        ((u8 *)&registers)[bad[i].member] = bad[i].value;
        assert_int_equal(rtc_to_unix(&registers), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_in_all_modes_are_right),
        cmocka_unit_test(without_a_century_it_is_the_twenty_first),
        cmocka_unit_test(what_is_no_date_is_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

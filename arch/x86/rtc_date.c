/*
 * From the real-time clock's registers to a number of seconds.
 */
#include "arch/x86/rtc.h"

enum {
    HOUR_PM = 1 << 7,
    FIRST_YEAR = 1970,
    SECONDS_PER_DAY = 86400,
};

static unsigned decode(u8 value, u8 mode)
{
    return mode & RTC_BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static unsigned decode_hour(u8 value, u8 mode)
{
    if (mode & RTC_24_HOURS)
        return decode(value, mode);
    unsigned hour = decode((u8)(value & ~HOUR_PM), mode) % 12;
    return value & HOUR_PM ? hour + 12 : hour;
}

static bool is_leap(unsigned year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static unsigned days_in(unsigned month, unsigned year)
{
    static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && is_leap(year));
}

u64 rtc_to_unix(const struct rtc_registers *registers)
{
    u8 mode = registers->mode;
    unsigned second = decode(registers->second, mode), minute = decode(registers->minute, mode);
    unsigned hour = decode_hour(registers->hour, mode), day = decode(registers->day, mode);
    unsigned month = decode(registers->month, mode), year = decode(registers->year, mode);
    unsigned century = decode(registers->century, mode);

    bool century_ok = century >= 19 && century <= 21; /* else: not where we look for it */
    year += century_ok ? century * 100 : 2000;
    if (second > 60 || minute > 59 || hour > 23 || month < 1 || month > 12 || year < FIRST_YEAR ||
        day < 1 || day > days_in(month, year))
        return 0;

    u64 days = day - 1;
    for (unsigned y = FIRST_YEAR; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (unsigned m = 1; m < month; m++)
        days += days_in(m, year);
    return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}

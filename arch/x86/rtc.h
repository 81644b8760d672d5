/*
 * The real-time clock: the date, kept by a battery.
 */
#ifndef ARCH_X86_RTC_H
#define ARCH_X86_RTC_H

#include "lib/types.h"

/* The registers as they are read. */
struct rtc_registers {
    u8 second, minute, hour, day, month, year, century;
    u8 mode; /* register B: RTC_BINARY, RTC_24_HOURS */
};

/* Source: MC146818A data sheet, "Register B". */
enum { RTC_24_HOURS = 1 << 1, RTC_BINARY = 1 << 2 };

/* Seconds since 1970 of the time in @registers (UTC); 0: that is no date. */
u64 rtc_to_unix(const struct rtc_registers *registers);

/* Seconds since 1970 now, UTC; 0: unknown.  Takes up to 2 ms.  Thread context. */
u64 rtc_read_unix(void);

#endif

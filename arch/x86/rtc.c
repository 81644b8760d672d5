/*
 * The real-time clock.
 *
 * Its registers change once a second, within 2 ms that register A announces; a reading that was
 * announced, or that a second one contradicts, is repeated.  What the bytes mean (binary or
 * decimal, 12 or 24 hours) is up to the firmware.
 *
 * Source: MC146818A data sheet; the century's place: ACPI specification 6.4, 5.2.9.
 */
#include "arch/x86/rtc.h"

#include "arch/x86/port.h"
#include "kernel/spinlock.h"

enum {
    INDEX = 0x70,
    DATA = 0x71,

    REG_SECOND = 0,
    REG_MINUTE = 2,
    REG_HOUR = 4,
    REG_DAY = 7,
    REG_MONTH = 8,
    REG_YEAR = 9,
    REG_A = 10,
    REG_B = 11,
    REG_CENTURY = 0x32, /* where all PCs that have one have it */
    A_CHANGING = 1 << 7,

    ATTEMPTS = 20000, /* of a few microseconds each */
};

static SPINLOCK(rtc_lock, RANK_CLOCK);

static u8 reg_read(u8 reg)
{
    port_write8(INDEX, reg);
    return port_read8(DATA);
}

static struct rtc_registers read_registers(void)
{
    return (struct rtc_registers){
        .second = reg_read(REG_SECOND),
        .minute = reg_read(REG_MINUTE),
        .hour = reg_read(REG_HOUR),
        .day = reg_read(REG_DAY),
        .month = reg_read(REG_MONTH),
        .year = reg_read(REG_YEAR),
        .century = reg_read(REG_CENTURY),
        .mode = reg_read(REG_B) & (RTC_BINARY | RTC_24_HOURS),
    };
}

u64 rtc_read_unix(void)
{
    u64 previous = 0, now = 0;

    irqflags_t flags = spin_lock_irqsave(&rtc_lock);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        if (reg_read(REG_A) & A_CHANGING)
            continue;
        struct rtc_registers registers = read_registers();
        now = rtc_to_unix(&registers);
        if (now == previous)
            break;
        previous = now;
    }
    spin_unlock_irqrestore(&rtc_lock, flags);
    return now == previous ? now : 0;
}

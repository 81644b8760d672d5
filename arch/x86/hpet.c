/*
 * The HPET.  Its comparators stay off: ticks are the local APIC's business.
 *
 * Only the counter's low half is used: 64 bits cannot be read at once from 32-bit code, nor does
 * every HPET have them.
 *
 * Source: IA-PC HPET specification 1.0a, 2.3 "Register Definitions".
 */
#include "arch/x86/hpet.h"

#include "kernel/printk.h"
#include "mm/fixmap.h"

enum {
    REG_CAPABILITIES = 0x00,
    REG_PERIOD = 0x04, /* femtoseconds */
    REG_CONFIGURATION = 0x10,
    REG_COUNTER = 0xf0,

    VENDOR_SHIFT = 16,
    CONFIG_ENABLE = 1 << 0,
    CONFIG_LEGACY = 1 << 1, /* it takes over the PIT's and the RTC's lines */
    PERIOD_MAX = 100000000, /* 10 MHz */
};
#define FEMTOSECONDS_PER_SECOND 1000000000000000ull

static volatile u32 *registers; /* constant after hpet_start() */

static u32 reg_read(unsigned offset) { return registers[offset / sizeof(u32)]; }
static void reg_write(unsigned offset, u32 value) { registers[offset / sizeof(u32)] = value; }

u64 hpet_start(paddr_t phys)
{
    registers = fixmap_set(FIX_HPET, phys, (prot_t){ PROT_READ | PROT_WRITE | PROT_UNCACHED });
    u32 period = reg_read(REG_PERIOD);
    u16 vendor = (u16)(reg_read(REG_CAPABILITIES) >> VENDOR_SHIFT);
    if (period == 0 || period > PERIOD_MAX || vendor == 0 || vendor == UINT16_MAX) {
        pr_warn("hpet: nothing that makes sense at %#llx", (unsigned long long)phys);
        fixmap_clear(FIX_HPET);
        registers = NULL;
        return 0;
    }

    u32 config = reg_read(REG_CONFIGURATION) & ~(u32)CONFIG_LEGACY;
    reg_write(REG_CONFIGURATION, config | CONFIG_ENABLE);
    return FEMTOSECONDS_PER_SECOND / period;
}

u32 hpet_read_counter(void) { return reg_read(REG_COUNTER); }

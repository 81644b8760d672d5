/*
 * The HPET: a counter that all CPUs share, at 10 MHz or more.
 */
#ifndef ARCH_X86_HPET_H
#define ARCH_X86_HPET_H

#include "lib/types.h"

enum {
    HPET_COUNTER_BITS = 32, /* as we read it; so at least once in 4 s */
};

/*
 * Map and start the HPET at @phys.
 *
 * Returns: its frequency in Hz; 0: what is there is no HPET.
 */
u64 hpet_start(paddr_t phys);

/* The low 32 bits of its counter.  Any context. */
u32 hpet_read_counter(void);

#endif

/*
 * The 8254 timer: the tick on machines without an APIC, and a counter of last resort.
 *
 * Its three channels count the same 1.19 MHz.  Channel 0 interrupts (line 0), channel 2 counts
 * freely; channel 1 once refreshed memory.
 */
#ifndef ARCH_X86_PIT_H
#define ARCH_X86_PIT_H

#include "lib/types.h"

enum {
    PIT_HZ = 1193182,
    PIT_COUNTER_BITS = 16, /* so it must be read at least every 54 ms */
};

/* Make channel 0 interrupt @hz times a second (at least 19).  Interrupts off. */
void pit_start_tick(unsigned hz);

/* Make channel 2 count from 65535 down to 0, over and over. */
void pit_start_counter(void);

/* How far channel 2 has counted, modulo 2^16.  Takes the PIT's lock: any context but NMI. */
u16 pit_read_counter(void);

#endif

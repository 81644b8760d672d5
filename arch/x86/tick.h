/*
 * The tick: HZ interrupts a second on every CPU, from its local APIC, or on the only CPU from the
 * PIT.
 */
#ifndef ARCH_X86_TICK_H
#define ARCH_X86_TICK_H

#include "lib/types.h"

/* Measure what ticks.  Once, when there is a clock; interrupts off. */
void tick_init(void);

/* Start this CPU's tick.  Interrupts off. */
void tick_start_this(void);

/* Handle one tick of this CPU.  Called by irq_dispatch(). */
void tick_interrupt(void);

/* Ticks of @cpu since it started.  A snapshot. */
u64 tick_count(unsigned cpu);

#endif

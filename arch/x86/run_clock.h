/*
 * The clock that tells how long a task ran: read at each switch, so it must cost next to nothing.
 *
 * It is the TSC wherever one counts, even where that may not be the clock: a stretch begins and
 * ends on one CPU, and nobody minds whether another CPU's TSC agrees.  Its unit is its own.
 */
#ifndef ARCH_X86_RUN_CLOCK_H
#define ARCH_X86_RUN_CLOCK_H

#include "arch/x86/cpu.h"
#include "lib/annotate.h"
#include "lib/types.h"

extern bool run_clock_is_tsc; /* constant after time_init(); else the unit is a nanosecond */

u64 run_clock_without_tsc(void);

/* What it shows; 0 until there is a clock.  Any context. */
static inline u64 run_clock(void)
{
    return likely(run_clock_is_tsc) ? rdtsc() : run_clock_without_tsc();
}

/* How many ns are @count? */
u64 run_clock_ns(u64 count);

#endif

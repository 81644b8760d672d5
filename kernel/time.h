/*
 * Time: nanoseconds since boot, and the tick.
 *
 * The clock is arch/x86's: whatever counter this machine has (TSC, HPET, PIT).  It never goes
 * back, on any CPU.  The tick interrupts every CPU HZ times a second; it drives time slices and
 * timers, but is never a clock.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include "lib/types.h"

enum {
    HZ = 100,
};
#define NS_PER_US   1000ull
#define NS_PER_MS   1000000ull
#define NS_PER_S    1000000000ull
#define NS_PER_TICK (NS_PER_S / HZ)
#define NEVER_NS    UINT64_MAX

/* The moment @span_ns after @moment_ns; NEVER_NS: after the end of time. */
static inline u64 time_add_ns(u64 moment_ns, u64 span_ns)
{
    return span_ns < NEVER_NS - moment_ns ? moment_ns + span_ns : NEVER_NS;
}

/* Nanoseconds since boot; 0 until there is a clock.  Any context. */
u64 time_now_ns(void);

/* Nanoseconds since 1970, UTC; 0 if nobody knows the date.  Any context. */
u64 time_wall_ns(void);

/*
 * What every CPU's tick does: timers, time slices.  @was_user: it interrupted a program.
 * Interrupts off, inside irq_enter().
 */
void time_tick(bool was_user);

/* Sleep for at least @ns.  Sleeps. */
void time_sleep_ns(u64 ns);

/* Wait for @ns with the CPU busy.  Any context with a clock. */
void time_delay_ns(u64 ns);

#endif

/*
 * How long something ran, in units of run_clock().  Exact as a sum; whether in user mode or in the
 * kernel is what each tick found, for all the time since the one before.
 */
#ifndef KERNEL_RUN_TIME_H
#define KERNEL_RUN_TIME_H

#include "arch/x86/run_clock.h"
#include "kernel/time.h"
#include "lib/types.h"

enum run_mode { RUN_USER, RUN_SYSTEM, RUN_MODES };

struct run_time {
    u64 count[RUN_MODES];
};

static inline u64 run_time_ns(const struct run_time *run, enum run_mode mode)
{
    return run_clock_ns(run->count[mode]);
}

/* As clock_t, whose unit is the tick. */
static inline long run_time_ticks(const struct run_time *run, enum run_mode mode)
{
    return (long)(run_time_ns(run, mode) / NS_PER_TICK);
}

static inline u64 run_time_total_ns(const struct run_time *run)
{
    return run_clock_ns(run->count[RUN_USER] + run->count[RUN_SYSTEM]);
}

#endif

/*
 * The wall clock: what time it is outside.
 *
 * It is the kernel's clock and a distance, which somebody may change.  Timers and sleeps that run
 * by it obey (kernel/timer.h), and so does the vDSO.
 */
#ifndef KERNEL_WALL_CLOCK_H
#define KERNEL_WALL_CLOCK_H

#include "lib/annotate.h"
#include "lib/types.h"

/* Ask the machine's battery-backed clock.  Once, in thread context. */
void wall_clock_init(void);

/* Seconds since 1970, until 2106: for the times of files.  Any context. */
u32 wall_clock_s(void);

/* Nanoseconds since 1970, UTC; since boot, if the machine does not know.  Any context. */
u64 wall_clock_ns(void);

/* What it shows when the kernel's clock shows @now_ns, unless it is set.  Any context. */
u64 wall_clock_at(u64 now_ns);

/*
 * Set it to @ns, or move it by @by_ns, forward or back.  The machine's battery-backed clock stays.
 * Returns: 0; -EINVAL: it would show less than the kernel's clock, or more than it can.  Any
 * context but NMI.
 */
int wall_clock_set(u64 ns) MUST_CHECK;
int wall_clock_move(s64 by_ns) MUST_CHECK;

/* Where on Earth it is, which is told to who asks and changes nothing.  Source: settimeofday(2). */
struct wall_zone {
    int minutes_west, dst;
};

/* Any context but NMI. */
struct wall_zone wall_clock_zone(void);
void wall_clock_set_zone(struct wall_zone zone);

#endif

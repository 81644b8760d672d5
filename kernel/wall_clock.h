/*
 * The wall clock: what time it is outside.
 */
#ifndef KERNEL_WALL_CLOCK_H
#define KERNEL_WALL_CLOCK_H

#include "lib/types.h"

/* Ask the machine's battery-backed clock.  Once, in thread context. */
void wall_clock_init(void);

/* Seconds since 1970, until 2106: for the times of files.  Any context. */
u32 wall_clock_s(void);

/* Nanoseconds since 1970, UTC; since boot, if the machine does not know.  Any context. */
u64 wall_clock_ns(void);

#endif

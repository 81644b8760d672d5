/*
 * The load: how many tasks wanted a CPU, on average over the last 1, 5 and 15 minutes.
 *
 * Source: proc(5), "loadavg".
 */
#ifndef KERNEL_LOAD_H
#define KERNEL_LOAD_H

#include "lib/types.h"

enum {
    LOADS = 3,
    LOAD_ONE_SHIFT = 16,
    LOAD_ONE = 1 << LOAD_ONE_SHIFT, /* one task, as sysinfo(2) counts */
    LOAD_PERIOD_S = 5,              /* so often they are counted */
};

/* Begin to count.  Once, before the first program. */
void load_init(void);

/* The three averages, in LOAD_ONE.  Each is read on its own.  Any context. */
void load_get(u32 loads[LOADS]);

/* What average number @which of the three is when it was @load a period ago and @tasks want now. */
u32 load_after(u32 load, unsigned which, unsigned tasks);

#endif

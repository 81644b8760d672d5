/*
 * How urgent a task is to its user, as far as he can say so: nice values and policies.
 *
 * All tasks take turns, and nobody is served before others for what he wishes.  A wish makes his
 * turns longer or shorter.
 *
 * Source: sched(7), setpriority(2), Linux uapi linux/sched.h.
 */
#ifndef KERNEL_SCHED_WISH_H
#define KERNEL_SCHED_WISH_H

#include "lib/annotate.h"
#include "lib/types.h"

enum {
    SLICE_TICKS = 2, /* a turn of somebody who wishes nothing */
    NICE_MIN = -20,
    NICE_MAX = 19,
    PRIORITY_OF_NICE_0 = 20, /* a priority is 20 - nice: from 1 to 40 */
};

enum {
    SCHED_OTHER = 0,
    SCHED_FIFO = 1,
    SCHED_RR = 2,
    SCHED_BATCH = 3,
    SCHED_IDLE = 5,
    SCHED_DEADLINE = 6,
    SCHED_RESET_ON_FORK = 0x40000000,
};

/* Each member is read and written on its own: whoever sees two may see an old and a new one. */
struct sched_wish {
    s8 nice;            /* -20, long turns, to 19, short ones */
    u8 policy;          /* SCHED_OTHER, SCHED_BATCH, or SCHED_IDLE: the shortest turns */
    bool reset_on_fork; /* children are as nice as others */
    u16 io_priority;    /* as ioprio_set(2) gave it: for show */
};

/* How many ticks a turn of somebody is who wishes anything: in proportion to his priority. */
u8 sched_turn_of_wish(const struct sched_wish *wish);

/* The same of anybody: at least one. */
static inline u8 sched_turn_ticks(const struct sched_wish *wish)
{
    bool is_usual = !READ_ONCE(wish->nice) && READ_ONCE(wish->policy) != SCHED_IDLE;
    return likely(is_usual) ? SLICE_TICKS : sched_turn_of_wish(wish);
}

/* What a child of somebody with @wish begins with. */
struct sched_wish sched_wish_of_child(const struct sched_wish *wish);

#endif

/*
 * A moment that comes again and again: what timers of timer_create(2) and timerfd_create(2) stand
 * at, and how often their time has come while nobody looked.
 */
#ifndef KERNEL_PERIOD_H
#define KERNEL_PERIOD_H

#include "kernel/itimer.h"
#include "lib/types.h"

struct period {
    u64 next_ns;     /* 0: it does not come */
    u64 interval_ns; /* 0: it does not come again */
};

/* How many times, @interval_ns apart, are there from @first_ns to @now, which is not before it? */
static inline u64 period_count(u64 first_ns, u64 interval_ns, u64 now)
{
    return (now - first_ns) / interval_ns + 1;
}

/*
 * It has come: how often by @now?  Once at least, though the clock has been set back since.
 * next_ns is the first time after that, 0: it comes no more.
 */
static inline u64 period_pass(struct period *period, u64 now)
{
    if (!period->interval_ns) {
        period->next_ns = 0;
        return 1;
    }
    if (period->next_ns > now)
        return 1;
    u64 times = period_count(period->next_ns, period->interval_ns, now);
    period->next_ns += times * period->interval_ns;
    return times;
}

/* What is left at @now until it comes; @runs: its timer has not found out yet that it has come. */
static inline struct itimer_value period_left(const struct period *period, u64 now, bool runs)
{
    struct itimer_value left = { .interval_ns = period->interval_ns };
    u64 next = period->next_ns;
    if (next && next <= now && period->interval_ns)
        next += period_count(next, period->interval_ns, now) * period->interval_ns;
    if (next > now)
        left.left_ns = next - now;
    else if (next && runs)
        left.left_ns = 1; /* any moment now */
    return left;
}

#endif

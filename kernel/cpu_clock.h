/*
 * Clocks of CPU time: they show how long a process, or a thread, has run.
 *
 *     CLOCK_PROCESS_CPUTIME_ID    2     the caller's process
 *     CLOCK_THREAD_CPUTIME_ID     3     the caller
 *     ~number << 3 | 4 | kind           thread @number of the caller's process
 *     ~number << 3     | kind           process @number; 0: the caller's
 *
 * Source: clock_getcpuclockid(3), pthread_getcpuclockid(3), Linux uapi linux/time.h.
 */
#ifndef KERNEL_CPU_CLOCK_H
#define KERNEL_CPU_CLOCK_H

#include "kernel/sys_time.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct process;

/* One of them.  (c) constant */
struct cpu_clock {
    const struct process *asker; /* (c) no reference: it asks while it lives */
    int number;                  /* (c) */
    bool is_thread;              /* (c) */
    u8 kind;                     /* (c) of time: all of it, by ticks; in user mode; all of it */
};

/* Is @clock, as programs name it, one of CPU time? */
static inline bool clock_is_cpu(int clock)
{
    return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
}

/*
 * What the current task means by @clock, and what that shows: *@now_ns.
 * Returns: 0; -EINVAL: there is no such clock.
 */
int cpu_clock_find(int clock, struct cpu_clock *result, u64 *now_ns) MUST_CHECK;

/* What it shows.  Returns: 0; -EINVAL: who it belongs to is gone.  Any context but NMI. */
int cpu_clock_read(const struct cpu_clock *clock, u64 *ns) MUST_CHECK;

/* The step in which it advances, in ns. */
u64 cpu_clock_resolution(const struct cpu_clock *clock);

/*
 * It shows less than @ns by @left_ns: the moment when it may show that at the earliest, if all CPUs
 * run for it; but not before the next tick.
 */
u64 cpu_clock_earliest(u64 left_ns);

#endif

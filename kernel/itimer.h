/*
 * Interval timers: setitimer(2), alarm(2).
 *
 *     ITIMER_REAL     the clock              SIGALRM     a struct timer
 *     ITIMER_VIRTUAL  the process's threads  SIGVTALRM   counted down by the tick that finds one
 *                     in user mode                       of them there
 *     ITIMER_PROF     or in the kernel       SIGPROF     the same
 */
#ifndef KERNEL_ITIMER_H
#define KERNEL_ITIMER_H

#include "kernel/timer.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct process;

/* Source: setitimer(2), Linux uapi linux/time.h. */
enum itimer { ITIMER_REAL = 0, ITIMER_VIRTUAL = 1, ITIMER_PROF = 2, ITIMERS = 3 };

/* Until the signal, and from each to the next; 0: it does not run, it does not come again. */
struct itimer_value {
    u64 left_ns, interval_ns;
};

/* A process's timers.  (i) under itimer_lock, and by the timer's function; (t) under tasks_lock */
struct itimers {
    struct timer real;
    u64 real_next_ns, real_interval_ns; /* (i) */
    struct itimer_value cpu[2];         /* (t) ITIMER_VIRTUAL, ITIMER_PROF */
    bool counts_cpu;                    /* (t) one of cpu runs; read by the tick without it */
};

void itimers_init(struct itimers *timers);

/* What timer @which of the current process stands at; set it to @wanted unless that is NULL. */
struct itimer_value itimer_exchange(enum itimer which, const struct itimer_value *wanted);

/* The process ends: its timers stop.  Sleeps. */
void itimers_stop(struct process *process);

/*
 * The tick found the current task running: its process's timers of CPU time, and RLIMIT_CPU.
 *
 * @was_user: it was in user mode.  Interrupts off.
 */
void itimer_tick(bool was_user);

#endif

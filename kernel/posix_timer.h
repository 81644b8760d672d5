/*
 * A process's own timers: timer_create(2).
 *
 *     timer_set()     starts a struct timer for the next time
 *     expired         a signal is sent, with memory that was taken beforehand; if it waits now, the
 *                     timer rests
 *     the signal is   posix_timer_taken(): how often would it have come meanwhile?  That many are
 *     taken           its overrun; it starts again for the time after them
 *
 * So a signal that nobody takes does not come again and again, and there is at most one in a queue.
 */
#ifndef KERNEL_POSIX_TIMER_H
#define KERNEL_POSIX_TIMER_H

#include "kernel/cpu_clock.h"
#include "kernel/itimer.h"
#include "lib/annotate.h"
#include "lib/types.h"

struct process;
struct signal_info;

/* Source: timer_create(2), Linux uapi asm-generic/siginfo.h. */
enum { SIGEV_SIGNAL = 0, SIGEV_NONE = 1, SIGEV_THREAD = 2, SIGEV_THREAD_ID = 4 };

/* What timer_create() asks for. */
struct posix_timer_wish {
    bool is_wall; /* moments are the wall clock's */
    bool is_cpu;  /* it runs by a clock of CPU time: */
    struct cpu_clock cpu;
    int notify; /* SIGEV_... */
    int signal;
    int thread; /* SIGEV_THREAD_ID: whom to send it */
    u64 value;  /* for siginfo */
    bool has_value;
};

/* Make a timer of the current process.  Returns: its number; -EAGAIN, -EINVAL.  Sleeps. */
int posix_timer_create(const struct posix_timer_wish *wish) MUST_CHECK;

/*
 * What timer @id stands at: *@before; set it to @wanted unless that is NULL, @is_moment: left_ns is
 * one of its clock's, not from now on.  Returns: 0 or -EINVAL.  Sleeps.
 */
int posix_timer_set(int id, const struct itimer_value *wanted, bool is_moment,
                    struct itimer_value *before) MUST_CHECK;

/* The overrun of the last signal of timer @id that was taken, or -EINVAL.  Sleeps. */
int posix_timer_overrun(int id);

/* Returns: 0 or -EINVAL.  Sleeps. */
int posix_timer_delete(int id);

/* @process ends, or becomes another program: its timers go.  Sleeps. */
void posix_timers_delete(struct process *process);

/* @info, a signal of a timer (SI_TIMER) of the current process, was taken from a queue.  Sleeps. */
void posix_timer_taken(struct signal_info *info);

#endif

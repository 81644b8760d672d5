/*
 * Times as programs hand them over.
 */
#ifndef KERNEL_SYS_TIME_H
#define KERNEL_SYS_TIME_H

#include "arch/x86/user_copy.h"
#include "kernel/time.h"

/* Source: clock_gettime(2), Linux uapi time.h. */
enum {
    CLOCK_REALTIME = 0,
    CLOCK_MONOTONIC = 1,
    CLOCK_PROCESS_CPUTIME_ID = 2,
    CLOCK_THREAD_CPUTIME_ID = 3,
    CLOCK_MONOTONIC_RAW = 4,
    CLOCK_REALTIME_COARSE = 5,
    CLOCK_MONOTONIC_COARSE = 6,
    CLOCK_BOOTTIME = 7,
    CLOCK_REALTIME_ALARM = 8, /* would wake a machine that sleeps: this one never does */
    CLOCK_BOOTTIME_ALARM = 9, /* likewise */
    CLOCK_TAI = 11,           /* no leap second has ever been told of */
    TIMER_ABSTIME = 1,
};

/* Fetch a struct timespec, of words or (i386's newer calls) of 64 bits, as a number of ns.
 * Returns: 0, -EFAULT, -EINVAL.  Sleeps. */
int get_time(const void __user *user, u64 *ns) MUST_CHECK;
int get_time64(const void __user *user, u64 *ns) MUST_CHECK;

/* Store @ns.  Returns: 0 or -EFAULT.  Sleeps. */
long put_time(void __user *user, u64 ns);
long put_time64(void __user *user, u64 ns);

/* How a struct itimerspec, two times, the interval first, is read and written: with both kinds. */
struct itimer_form {
    int (*get)(const void __user *user, u64 *ns);
    long (*put)(void __user *user, u64 ns);
    size_t bytes; /* of one time */
};

extern const struct itimer_form itimer_narrow, itimer_wide;

/* Returns: 0, -EFAULT, -EINVAL; 0 or -EFAULT.  Sleep. */
struct itimer_value;
int itimer_get(const struct itimer_form *form, const void __user *user, struct itimer_value *value)
    MUST_CHECK;
long itimer_put(const struct itimer_form *form, void __user *user,
                const struct itimer_value *value);

struct abi_timeval {
    long s, us;
};

static inline struct abi_timeval timeval_of(u64 ns)
{
    return (struct abi_timeval){ (long)(ns / NS_PER_S), (long)(ns % NS_PER_S / NS_PER_US) };
}

/* The same with struct timeval: microseconds.  More than a second of them is fine. */
int get_timeval(const void __user *user, u64 *ns) MUST_CHECK;
long put_timeval(void __user *user, u64 ns);

/* Is @clock one that clock_gettime(2) reads? */
bool clock_exists(int clock);

/* @clock, or which one it is in all but its name. */
int clock_plain(int clock);

/* The moment @ns from now, as timers take it; NEVER_NS: after the end of time. */
u64 deadline_after(u64 ns);

#endif

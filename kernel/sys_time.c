/*
 * System calls about time.  i386 has most of them twice: with seconds of 32 bits, and of 64.
 */
#include "kernel/sys.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"

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
    TIMER_ABSTIME = 1,
};

struct abi_timespec64 {
    s64 s;
    s64 ns; /* on i386 the upper half is padding */
};

struct abi_timespec {
    long s, ns;
};

/* What @clock shows, in ns.  -EINVAL: there is no such clock. */
static int read_clock(int clock, u64 *ns)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *ns = wall_clock_ns();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *ns = time_now_ns();
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        *ns = current->ticks * NS_PER_TICK;
        return 0;
    default:
        return -EINVAL;
    }
}

static bool is_coarse(int clock)
{
    return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

static long put_time(void __user *user, u64 ns)
{
    struct abi_timespec time = { (long)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
    return copy_to_user(user, &time, sizeof(time)) ? -EFAULT : 0;
}

static long put_time64(struct abi_timespec64 __user *user, u64 ns)
{
    struct abi_timespec64 time = { (s64)(ns / NS_PER_S), (s64)(ns % NS_PER_S) };
    return copy_to_user(user, &time, sizeof(time)) ? -EFAULT : 0;
}

/* A span or moment in ns, cut where 64 bits end: after 584 years. */
static int to_ns(s64 s, s64 ns, u64 *result)
{
    if (s < 0 || ns < 0 || ns >= (s64)NS_PER_S)
        return -EINVAL;
    u64 limit = UINT64_MAX / NS_PER_S - 1;
    *result = ((u64)s < limit ? (u64)s : limit) * NS_PER_S + (u64)ns;
    return 0;
}

static int get_time(const void __user *user, u64 *ns)
{
    struct abi_timespec time;
    return copy_from_user(&time, user, sizeof(time)) ? -EFAULT : to_ns(time.s, time.ns, ns);
}

static int get_time64(const struct abi_timespec64 __user *user, u64 *ns)
{
    struct abi_timespec64 time;
    if (copy_from_user(&time, user, sizeof(time)))
        return -EFAULT;
    return to_ns(time.s, sizeof(long) == 4 ? (s64)(s32)time.ns : time.ns, ns);
}

long sys_clock_gettime(int clock, void __user *time)
{
    u64 ns;
    int error = read_clock(clock, &ns);
    return error ? error : put_time(time, ns);
}

long sys_clock_gettime64(int clock, struct abi_timespec64 __user *time)
{
    u64 ns;
    int error = read_clock(clock, &ns);
    return error ? error : put_time64(time, ns);
}

long sys_clock_getres(int clock, void __user *resolution)
{
    u64 ns;
    int error = read_clock(clock, &ns);
    if (error || !resolution)
        return error;
    return put_time(resolution, is_coarse(clock) ? NS_PER_TICK : 1);
}

long sys_clock_getres64(int clock, struct abi_timespec64 __user *resolution)
{
    u64 ns;
    int error = read_clock(clock, &ns);
    if (error || !resolution)
        return error;
    return put_time64(resolution, is_coarse(clock) ? NS_PER_TICK : 1);
}

/* Sleep for @ns, or until @clock shows @ns. */
static long sleep_on(int clock, int flags, u64 ns)
{
    u64 now;
    if (is_coarse(clock))
        return -EOPNOTSUPP;
    int error = read_clock(clock, &now);
    if (error)
        return error;
    if (flags & TIMER_ABSTIME)
        ns = ns > now ? ns - now : 0;
    if (ns)
        time_sleep_ns(ns);
    return 0;
}

long sys_clock_nanosleep(int clock, int flags, const void __user *wanted, void __user *left)
{
    u64 ns;
    int error = get_time(wanted, &ns);
    return error ? error : sleep_on(clock, flags, ns);
}

long sys_clock_nanosleep64(int clock, int flags, const struct abi_timespec64 __user *wanted,
                           struct abi_timespec64 __user *left)
{
    u64 ns;
    int error = get_time64(wanted, &ns);
    return error ? error : sleep_on(clock, flags, ns);
}

long sys_nanosleep(const void __user *wanted, void __user *left)
{
    return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, wanted, left);
}

long sys_gettimeofday(void __user *time, void __user *zone)
{
    u64 ns = wall_clock_ns();
    struct abi_timespec now = { (long)(ns / NS_PER_S), (long)(ns % NS_PER_S / NS_PER_US) };
    const u64 utc = 0; /* struct timezone: two zeroes */
    if (time && copy_to_user(time, &now, sizeof(now)))
        return -EFAULT;
    return zone && copy_to_user(zone, &utc, sizeof(utc)) ? -EFAULT : 0;
}

long sys_time(long __user *seconds)
{
    long now = (long)(wall_clock_ns() / NS_PER_S);
    return seconds && copy_to_user(seconds, &now, sizeof(now)) ? -EFAULT : now;
}

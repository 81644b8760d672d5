/*
 * System calls about time.  i386 has most of them twice: with seconds of 32 bits, and of 64.
 */
#include "kernel/sys_time.h"

#include "kernel/cpu_clock.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "kernel/wall_clock.h"
#include "lib/errno.h"
#include "lib/minmax.h"

struct abi_timespec64 {
    s64 s;
    s64 ns; /* on i386 the upper half is padding */
};

struct abi_timespec {
    long s, ns;
};

static int read_cpu_clock(int name, u64 *ns, u64 *resolution)
{
    struct cpu_clock clock;
    if (!clock_is_cpu(name) || cpu_clock_find(name, &clock, ns))
        return -EINVAL;
    *resolution = cpu_clock_resolution(&clock);
    return 0;
}

int clock_plain(int clock)
{
    if (clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI)
        return CLOCK_REALTIME;
    return clock == CLOCK_BOOTTIME_ALARM ? CLOCK_BOOTTIME : clock;
}

/* What @clock shows, in ns.  -EINVAL: there is no such clock. */
static int read_clock(int clock, u64 *ns)
{
    switch (clock_plain(clock)) {
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
    default:
        return read_cpu_clock(clock, ns, &(u64){ 0 });
    }
}

bool clock_exists(int clock)
{
    u64 now;
    return read_clock(clock, &now) == 0;
}

long put_time(void __user *user, u64 ns)
{
    struct abi_timespec time = { (long)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
    return copy_to_user(user, &time, sizeof(time)) ? -EFAULT : 0;
}

long put_time64(void __user *user, u64 ns)
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

int get_time(const void __user *user, u64 *ns)
{
    struct abi_timespec time;
    return copy_from_user(&time, user, sizeof(time)) ? -EFAULT : to_ns(time.s, time.ns, ns);
}

int get_time64(const void __user *user, u64 *ns)
{
    struct abi_timespec64 time;
    if (copy_from_user(&time, user, sizeof(time)))
        return -EFAULT;
    return to_ns(time.s, sizeof(long) == 4 ? (s64)(s32)time.ns : time.ns, ns);
}

u64 deadline_after(u64 ns) { return time_add_ns(time_now_ns(), ns); }

int get_timeval(const void __user *user, u64 *ns)
{
    const long us_per_s = NS_PER_S / NS_PER_US;
    struct abi_timespec time; /* ns: us */
    if (copy_from_user(&time, user, sizeof(time)))
        return -EFAULT;
    if (time.s < 0 || time.ns < 0)
        return -EINVAL;
    return to_ns((s64)time.s + time.ns / us_per_s, time.ns % us_per_s * (s64)NS_PER_US, ns);
}

long put_timeval(void __user *user, u64 ns)
{
    struct abi_timeval time = timeval_of(ns);
    return copy_to_user(user, &time, sizeof(time)) ? -EFAULT : 0;
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

/* The step in which @clock advances, in ns. */
static int read_resolution(int clock, u64 *ns)
{
    u64 now;
    *ns = 1;
    return clock_is_cpu(clock) ? read_cpu_clock(clock, &now, ns) : read_clock(clock, &now);
}

long sys_clock_getres(int clock, void __user *resolution)
{
    u64 ns;
    int error = read_resolution(clock, &ns);
    return error || !resolution ? error : put_time(resolution, ns);
}

long sys_clock_getres64(int clock, struct abi_timespec64 __user *resolution)
{
    u64 ns;
    int error = read_resolution(clock, &ns);
    return error || !resolution ? error : put_time64(resolution, ns);
}

/* A sleep, as it may have to be resumed after a signal that has no handler. */
struct nap {
    int clock;         /* CLOCK_MONOTONIC, CLOCK_REALTIME or one of CPU time */
    u64 deadline_ns;   /* what it shows at the end */
    void __user *left; /* where to write what is left; NULL: nowhere */
    bool is_wide;      /* as 64 bits */
};

static long sleep_again(const struct syscall_restart *restart);

/* What is left of @nap, in ns of its clock. */
static u64 left_of(const struct nap *nap)
{
    u64 now;
    bool is_over = read_clock(nap->clock, &now) || now >= nap->deadline_ns;
    return is_over ? 0 : nap->deadline_ns - now;
}

/* Sleep until nothing is left, or a signal comes.  Returns: what is left. */
static u64 sleep_on(const struct nap *nap)
{
    WAIT_QUEUE(nobody);
    u64 left;
    int error = 0;
    while ((left = left_of(nap)) && error != -EINTR) {
        u64 until = clock_is_cpu(nap->clock) ? cpu_clock_earliest(left) : nap->deadline_ns;
        error = nap->clock == CLOCK_REALTIME
                    ? wait_event_interruptible_until_wall(&nobody, false, until)
                    : wait_event_interruptible_until(&nobody, false, until);
    }
    return left;
}

static long sleep_until(const struct nap *nap)
{
    u64 left = sleep_on(nap);
    if (!left)
        return 0;
    if (nap->left) {
        if ((nap->is_wide ? put_time64(nap->left, left) : put_time(nap->left, left)) < 0)
            return -EFAULT;
    }
    current->restart = (struct syscall_restart){
        .function = sleep_again,
        .deadline_ns = nap->deadline_ns,
        .address = (vaddr_t)nap->left,
        .value = nap->is_wide,
        .operation = (u32)nap->clock,
    };
    return -ERESTART_BLOCK;
}

static long sleep_again(const struct syscall_restart *restart)
{
    return sleep_until(&(struct nap){
        .clock = (int)restart->operation,
        .deadline_ns = restart->deadline_ns,
        .left = (void __user *)restart->address,
        .is_wide = restart->value,
    });
}

static bool is_own_thread(int name)
{
    struct cpu_clock clock;
    u64 now;
    return clock_is_cpu(name) && cpu_clock_find(name, &clock, &now) == 0 && clock.is_thread &&
           clock.number == current->pid;
}

/* May one sleep by @clock?  0, -EINVAL, -EOPNOTSUPP. */
static int check_sleep(int clock)
{
    u64 now;
    int error = read_clock(clock, &now);
    if (error)
        return error;
    if (is_own_thread(clock)) /* which would never run again */
        return clock == CLOCK_THREAD_CPUTIME_ID ? -EOPNOTSUPP : -EINVAL;
    bool has_sleepers = clock_is_cpu(clock) || clock == CLOCK_REALTIME ||
                        clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME;
    return has_sleepers ? 0 : -EOPNOTSUPP;
}

/* Sleep for @ns, or until @clock shows @ns: only then it matters that somebody may set it. */
static long nap_for(int clock, int flags, u64 ns, struct nap *nap)
{
    u64 now = 0;
    bool is_moment = flags & TIMER_ABSTIME;
    clock = clock_plain(clock);
    int error = check_sleep(clock);
    if (error)
        return error;
    bool by_it = clock_is_cpu(clock) || (is_moment && clock == CLOCK_REALTIME);
    nap->clock = by_it ? clock : CLOCK_MONOTONIC;
    if (is_moment)
        nap->left = NULL;
    else if (read_clock(nap->clock, &now))
        return -EINVAL; /* who it belonged to has just gone */
    nap->deadline_ns = min(time_add_ns(now, ns), NEVER_NS - 1);
    return sleep_until(nap);
}

long sys_clock_nanosleep(int clock, int flags, const void __user *wanted, void __user *left)
{
    u64 ns;
    int error = get_time(wanted, &ns);
    return error ? error : nap_for(clock, flags, ns, &(struct nap){ .left = left });
}

long sys_clock_nanosleep64(int clock, int flags, const struct abi_timespec64 __user *wanted,
                           struct abi_timespec64 __user *left)
{
    u64 ns;
    int error = get_time64(wanted, &ns);
    return error ? error
                 : nap_for(clock, flags, ns, &(struct nap){ .left = left, .is_wide = true });
}

long sys_nanosleep(const void __user *wanted, void __user *left)
{
    return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, wanted, left);
}

/* Go on with a system call that was interrupted, for which no handler ran. */
long sys_restart_syscall(void)
{
    struct syscall_restart restart = current->restart;
    current->restart = (struct syscall_restart){ 0 };
    return restart.function ? restart.function(&restart) : -EINTR;
}

long sys_gettimeofday(void __user *time, void __user *zone)
{
    const struct wall_zone here = wall_clock_zone();
    if (time && put_timeval(time, wall_clock_ns()))
        return -EFAULT;
    return zone && copy_to_user(zone, &here, sizeof(here)) ? -EFAULT : 0;
}

long sys_time(long __user *seconds)
{
    long now = (long)(wall_clock_ns() / NS_PER_S);
    return seconds && copy_to_user(seconds, &now, sizeof(now)) ? -EFAULT : now;
}

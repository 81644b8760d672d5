/*
 * System calls that have a signal sent later: setitimer(2), getitimer(2), alarm(2).
 */
#include "kernel/itimer.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/time.h"
#include "lib/errno.h"

struct abi_itimerval {
    struct abi_timeval interval, value;
};

#define US_PER_S (NS_PER_S / NS_PER_US)

/* A span in ns, at most what 64 bits hold.  -EINVAL: it is none. */
static int to_ns(const struct abi_timeval *time, u64 *ns)
{
    if (time->s < 0 || time->us < 0 || time->us >= (long)US_PER_S)
        return -EINVAL;
    u64 most = NEVER_NS / NS_PER_S - 1, s = (u64)time->s;
    *ns = (s < most ? s : most) * NS_PER_S + (u64)time->us * NS_PER_US;
    return 0;
}

/* What is told is no shorter than it is: who has a rest of a microsecond left still waits. */
static struct abi_timeval to_timeval(u64 ns)
{
    u64 us = ns / NS_PER_US + (ns % NS_PER_US != 0);
    return (struct abi_timeval){ (long)(us / US_PER_S), (long)(us % US_PER_S) };
}

static long put_value(struct abi_itimerval __user *user, const struct itimer_value *value)
{
    struct abi_itimerval out = { to_timeval(value->interval_ns), to_timeval(value->left_ns) };
    return copy_to_user(user, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_getitimer(int which, void __user *user)
{
    if (which < 0 || which >= ITIMERS)
        return -EINVAL;
    struct itimer_value value = itimer_exchange((enum itimer)which, NULL);
    return put_value(user, &value);
}

long sys_setitimer(int which, const void __user *wanted, void __user *old)
{
    struct abi_itimerval in = { 0 };
    struct itimer_value value;
    if (wanted && copy_from_user(&in, wanted, sizeof(in)))
        return -EFAULT;
    int error = to_ns(&in.value, &value.left_ns);
    if (!error)
        error = to_ns(&in.interval, &value.interval_ns);
    if (!error && (which < 0 || which >= ITIMERS))
        error = -EINVAL;
    if (error)
        return error;
    value = itimer_exchange((enum itimer)which, &value);
    return old ? put_value(old, &value) : 0;
}

/* Returns: the seconds that were left, rounded, but not to 0. */
long sys_alarm(unsigned seconds)
{
    struct itimer_value value = { .left_ns = seconds * NS_PER_S };
    value = itimer_exchange(ITIMER_REAL, &value);
    u64 left = (value.left_ns + NS_PER_S / 2) / NS_PER_S;
    return value.left_ns && !left ? 1 : (long)left;
}

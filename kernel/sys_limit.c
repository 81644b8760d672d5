/*
 * System calls about limits and what is used: getrlimit(2), getrusage(2), sysinfo(2).
 */
#include "kernel/fs/files.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/zone.h"

/* Source: getrlimit(2), Linux uapi asm-generic/resource.h. */
enum {
    RLIMIT_STACK = 3,
    RLIMIT_CORE = 4,
    RLIMIT_NOFILE = 7,
    RLIMITS = 16,
    RUSAGE_CHILDREN = -1,
    RUSAGE_SELF = 0,
    RUSAGE_THREAD = 1,
};
#define RLIM64_INFINITY UINT64_MAX

struct abi_rlimit64 {
    u64 now, most;
};

struct abi_timeval {
    long s, us;
};

struct abi_rusage {
    struct abi_timeval user, system;
    long peak_kib, shared, data, stack;
    long minor_faults, major_faults, swaps;
    long blocks_in, blocks_out, sent, received, signals;
    long voluntary_switches, involuntary_switches;
};

struct abi_sysinfo {
    long uptime_s;
    unsigned long loads[3];
    unsigned long total, free, shared, buffers, swap_total, swap_free;
    u16 processes, pad;
    unsigned long high_total, high_free;
    u32 unit;
    char unused[20 - 2 * sizeof(long) - sizeof(u32)];
};

static struct abi_rlimit64 limit_of(unsigned resource)
{
    switch (resource) {
    case RLIMIT_STACK:
        return (struct abi_rlimit64){ MM_STACK_LIMIT, RLIM64_INFINITY };
    case RLIMIT_CORE:
        return (struct abi_rlimit64){ 0, RLIM64_INFINITY };
    case RLIMIT_NOFILE:
        return (struct abi_rlimit64){ FILES_MAX, FILES_MAX };
    default:
        return (struct abi_rlimit64){ RLIM64_INFINITY, RLIM64_INFINITY };
    }
}

/* Store limits in words, the largest of which, @infinity, also stands for everything larger. */
static long put_limit(unsigned resource, unsigned long __user *user, unsigned long infinity)
{
    if (resource >= RLIMITS)
        return -EINVAL;
    struct abi_rlimit64 limit = limit_of(resource);
    unsigned long words[2];
    words[0] = limit.now < infinity ? (unsigned long)limit.now : infinity;
    words[1] = limit.most < infinity ? (unsigned long)limit.most : infinity;
    return copy_to_user(user, words, sizeof(words)) ? -EFAULT : 0;
}

long sys_getrlimit(unsigned resource, unsigned long __user *limit)
{
    return put_limit(resource, limit, UINTPTR_MAX);
}

/* i386's first getrlimit(), whose numbers are signed. */
long sys_getrlimit_old(unsigned resource, unsigned long __user *limit)
{
    return put_limit(resource, limit, INTPTR_MAX);
}

long sys_prlimit64(int pid, unsigned resource, const struct abi_rlimit64 __user *new_limit,
                   struct abi_rlimit64 __user *old_limit)
{
    struct abi_rlimit64 wanted, limit;
    if (resource >= RLIMITS)
        return -EINVAL;
    if (pid && pid != current->tgid)
        return -ESRCH;
    if (new_limit) {
        if (copy_from_user(&wanted, new_limit, sizeof(wanted)))
            return -EFAULT;
        if (wanted.now > wanted.most)
            return -EINVAL;
        return -EPERM; /* limits are what they are */
    }
    limit = limit_of(resource);
    return old_limit && copy_to_user(old_limit, &limit, sizeof(limit)) ? -EFAULT : 0;
}

long sys_getrusage(int who, void __user *user)
{
    const struct task *task = current;
    struct abi_rusage usage = { 0 };
    if (who != RUSAGE_SELF && who != RUSAGE_THREAD && who != RUSAGE_CHILDREN)
        return -EINVAL;
    if (who != RUSAGE_CHILDREN) {
        usage.user.s = (long)(task->ticks / HZ);
        usage.user.us = (long)(task->ticks % HZ * (1000000 / HZ));
        usage.peak_kib = (long)(mm_resident_pages(task->mm) << (PAGE_SHIFT - 10));
        usage.minor_faults = (long)task->faults;
        usage.voluntary_switches = (long)task->switches;
    }
    return copy_to_user(user, &usage, sizeof(usage)) ? -EFAULT : 0;
}

long sys_sysinfo(void __user *user)
{
    struct zone_stat high;
    zone_stat(ZONE_HIGHMEM, &high);
    struct abi_sysinfo info = {
        .uptime_s = (long)(time_now_ns() / NS_PER_S),
        .total = pages_total(),
        .free = pages_free(),
        .processes = (u16)task_count(),
        .high_total = high.pages,
        .high_free = high.free_pages + high.cached_pages,
        .unit = PAGE_BYTES,
    };
    return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

/*
 * System calls about limits and what is used: getrlimit(2), getrusage(2), sysinfo(2).
 */
#include "kernel/fs/files.h"
#include "kernel/load.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/sys_usage.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/mm.h"
#include "mm/zone.h"

/* Source: getrusage(2). */
enum {
    RUSAGE_CHILDREN = -1,
    RUSAGE_SELF = 0,
    RUSAGE_THREAD = 1,
};

struct abi_rlimit64 {
    u64 now, most;
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

/* The limit of @process as it is; then, if @wanted is given, that instead.  Returns: 0, -EINVAL. */
static int exchange_limit(struct process *process, unsigned resource,
                          const struct abi_rlimit64 *wanted, struct abi_rlimit64 *before)
{
    struct process_limit *limit = &process->limit[resource];
    if (wanted && wanted->now > wanted->most)
        return -EINVAL;
    if (wanted && resource == RLIMIT_NOFILE && wanted->most > FILES_MAX)
        return -EPERM; /* as fs.nr_open says */
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    *before = (struct abi_rlimit64){ limit->now, limit->most };
    if (wanted)
        *limit = (struct process_limit){ wanted->now, wanted->most };
    spin_unlock_irqrestore(&tasks_lock, flags);
    struct mm *mm = wanted ? process_get_mm(process) : NULL;
    if (mm) {
        process_limit_mm(process, mm);
        mm_put(mm);
    }
    return 0;
}

/* Store limits in words, the largest of which, @infinity, also stands for everything larger. */
static long put_limit(unsigned resource, unsigned long __user *user, unsigned long infinity)
{
    if (resource >= RLIMITS)
        return -EINVAL;
    struct abi_rlimit64 limit;
    unsigned long words[2];
    (void)exchange_limit(current->process, resource, NULL, &limit);
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

long sys_setrlimit(unsigned resource, const unsigned long __user *user)
{
    unsigned long words[2];
    struct abi_rlimit64 limit, before;
    if (resource >= RLIMITS)
        return -EINVAL;
    if (copy_from_user(words, user, sizeof(words)))
        return -EFAULT;
    limit.now = words[0] == UINTPTR_MAX ? RLIMIT_NONE : words[0];
    limit.most = words[1] == UINTPTR_MAX ? RLIMIT_NONE : words[1];
    return exchange_limit(current->process, resource, &limit, &before);
}

long sys_prlimit64(int pid, unsigned resource, const struct abi_rlimit64 __user *new_limit,
                   struct abi_rlimit64 __user *old_limit)
{
    struct abi_rlimit64 wanted, before;
    if (resource >= RLIMITS)
        return -EINVAL;
    if (new_limit && copy_from_user(&wanted, new_limit, sizeof(wanted)))
        return -EFAULT;
    struct process *process = process_find(pid ? pid : current->process->pid);
    if (!process)
        return -ESRCH;
    int error = exchange_limit(process, resource, new_limit ? &wanted : NULL, &before);
    process_put(process);
    if (error)
        return error;
    return old_limit && copy_to_user(old_limit, &before, sizeof(before)) ? -EFAULT : 0;
}

static struct usage usage_of_current(void)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct usage usage = usage_of_process(current->process);
    spin_unlock_irqrestore(&tasks_lock, flags);
    usage.peak_pages = max(usage.peak_pages, READ_ONCE(current->mm->peak_pages));
    return usage;
}

static struct usage usage_of_children(void)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    struct usage usage = current->process->children_usage;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return usage;
}

int put_usage(const struct usage *used, void __user *user)
{
    struct abi_rusage usage = {
        .user = timeval_of(run_time_ns(&used->run, RUN_USER)),
        .system = timeval_of(run_time_ns(&used->run, RUN_SYSTEM)),
        .peak_kib = (long)(used->peak_pages << (PAGE_SHIFT - 10)),
        .minor_faults = (long)used->faults,
        .voluntary_switches = (long)used->switches,
    };
    return copy_to_user(user, &usage, sizeof(usage)) ? -EFAULT : 0;
}

long sys_getrusage(int who, void __user *user)
{
    struct usage usage = { 0 };
    const struct task *task = current;
    mm_note_peak(task->mm);
    switch (who) {
    case RUSAGE_SELF:
        usage = usage_of_current();
        break;
    case RUSAGE_THREAD:
        usage = (struct usage){ sched_run_time(task), task->faults, task->switches,
                                task->mm->peak_pages };
        break;
    case RUSAGE_CHILDREN:
        usage = usage_of_children();
        break;
    default:
        return -EINVAL;
    }
    return put_usage(&usage, user);
}

/* Returns: ticks since boot.  Source: times(2). */
long sys_times(void __user *user)
{
    const struct run_time own = usage_of_current().run, children = usage_of_children().run;
    const long times[] = {
        run_time_ticks(&own, RUN_USER),
        run_time_ticks(&own, RUN_SYSTEM),
        run_time_ticks(&children, RUN_USER),
        run_time_ticks(&children, RUN_SYSTEM),
    };
    if (user && copy_to_user(user, times, sizeof(times)))
        return -EFAULT;
    return (long)(time_now_ns() / NS_PER_TICK);
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
    u32 loads[LOADS];
    load_get(loads);
    for (unsigned i = 0; i < LOADS; i++)
        info.loads[i] = loads[i];
    return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

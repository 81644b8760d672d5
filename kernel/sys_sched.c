/*
 * System calls about scheduling.  All take turns: nice values and policies make turns longer or
 * shorter, and there is no real time, which is refused as it is for a user who may not.
 */
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/minmax.h"

/* Source: getpriority(2). */
enum { REAL_TIME_MAX = 99, PRIO_PROCESS = 0, PRIO_PGRP = 1, PRIO_USER = 2 };

/* Source: ioprio_set(2), whose first argument's values are those of getpriority(), and 1 more. */
enum {
    IOPRIO_CLASS_NONE = 0,
    IOPRIO_CLASS_RT = 1,
    IOPRIO_CLASS_BE = 2,
    IOPRIO_CLASS_IDLE = 3,
    IOPRIO_CLASS_SHIFT = 13,
    IOPRIO_LEVELS = 8,
};

long sys_sched_yield(void)
{
    sched_yield();
    return 0;
}

/* Task @pid, 0: the current one, with a reference; or NULL, and *@error is -ESRCH or -EINVAL. */
static struct task *find_task(int pid, int *error)
{
    struct task *task = pid < 0 ? NULL : task_find_or_current(pid);
    *error = task ? 0 : pid < 0 ? -EINVAL : -ESRCH;
    return task;
}

static u32 online(void) { return (2u << (cpus_online - 1)) - 1; }

long sys_sched_getaffinity(int pid, size_t bytes, unsigned long __user *mask)
{
    unsigned long cpus;
    if (bytes < sizeof(cpus) || bytes % sizeof(cpus))
        return -EINVAL;
    struct task *task = task_find_or_current(pid);
    if (!task)
        return -ESRCH;
    cpus = READ_ONCE(task->affinity) & online();
    task_put(task);
    return copy_to_user(mask, &cpus, sizeof(cpus)) ? -EFAULT : (long)sizeof(cpus);
}

long sys_sched_setaffinity(int pid, size_t bytes, const unsigned long __user *mask)
{
    unsigned long cpus = 0;
    if (copy_from_user(&cpus, mask, min(bytes, sizeof(cpus))))
        return -EFAULT;
    struct task *task = task_find_or_current(pid);
    if (!task)
        return -ESRCH;
    int error = cpus & online() ? sched_set_affinity(task, (u32)cpus & online()) : -EINVAL;
    task_put(task);
    return error;
}

long sys_sched_getscheduler(int pid)
{
    int error;
    struct task *task = find_task(pid, &error);
    if (!task)
        return error;
    const struct sched_wish wish = task->wish;
    task_put(task);
    return wish.policy | (wish.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

long sys_sched_getparam(int pid, int __user *priority)
{
    int error = -EINVAL;
    struct task *task = priority ? find_task(pid, &error) : NULL;
    if (!task)
        return error;
    task_put(task);
    return put_user(0, priority);
}

/* May @policy, with @priority, be had? */
static int check_policy(int policy, int priority)
{
    switch (policy & ~SCHED_RESET_ON_FORK) {
    case SCHED_OTHER:
    case SCHED_BATCH:
    case SCHED_IDLE:
        return priority ? -EINVAL : 0;
    case SCHED_FIFO:
    case SCHED_RR:
        return priority < 1 || priority > REAL_TIME_MAX ? -EINVAL : -EPERM;
    default:
        return -EINVAL;
    }
}

/* Give task @pid, 0: the current one, the policy @policy, or if that is -1 none but its own. */
static long set_policy(int pid, int policy, const int __user *user)
{
    int priority;
    if (pid < 0 || !user)
        return -EINVAL;
    if (get_user(priority, (int __user *)user))
        return -EFAULT;
    struct task *task = task_find_or_current(pid);
    if (!task)
        return -ESRCH;
    int error = check_policy(policy < 0 ? task->wish.policy : policy, priority);
    if (!error && policy >= 0) {
        WRITE_ONCE(task->wish.policy, (u8)(policy & ~SCHED_RESET_ON_FORK));
        WRITE_ONCE(task->wish.reset_on_fork, !!(policy & SCHED_RESET_ON_FORK));
    }
    task_put(task);
    return error;
}

long sys_sched_setscheduler(int pid, int policy, const int __user *user)
{
    return policy < 0 ? -EINVAL : set_policy(pid, policy, user);
}

long sys_sched_setparam(int pid, const int __user *user) { return set_policy(pid, -1, user); }

static bool is_policy(int policy)
{
    return policy >= SCHED_OTHER && policy <= SCHED_DEADLINE && policy != 4;
}

long sys_sched_get_priority_max(int policy)
{
    if (!is_policy(policy))
        return -EINVAL;
    return policy == SCHED_FIFO || policy == SCHED_RR ? REAL_TIME_MAX : 0;
}

long sys_sched_get_priority_min(int policy)
{
    if (!is_policy(policy))
        return -EINVAL;
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* How long a turn of task @pid is, in ns.  -EINVAL, -ESRCH. */
static s64 turn_ns(int pid)
{
    int error;
    struct task *task = find_task(pid, &error);
    if (!task)
        return error;
    const unsigned ticks = sched_turn_ticks(&task->wish);
    task_put(task);
    return ticks * NS_PER_TICK;
}

long sys_sched_rr_get_interval(int pid, void __user *interval)
{
    s64 ns = turn_ns(pid);
    return ns < 0 ? (long)ns : put_time(interval, (u64)ns);
}

long sys_sched_rr_get_interval64(int pid, void __user *interval)
{
    s64 ns = turn_ns(pid);
    return ns < 0 ? (long)ns : put_time64(interval, (u64)ns);
}

/* Is @task, which has a process, one that @which and @who, as of getpriority(), mean? */
static bool is_meant(const struct task *task, int which, int who) MUST_HOLD(tasks_lock)
{
    switch (which) {
    case PRIO_PROCESS:
        return task->pid == (who ? who : current->pid);
    case PRIO_PGRP:
        return task->process->group == (who ? who : current->process->group);
    default:
        return !who; /* there is one user */
    }
}

/* Find the highest priority of those meant, then make all of them *@nice unless that is NULL. */
static long prioritize(int which, int who, const int *nice)
{
    long highest = -ESRCH;
    struct task *task;
    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    for_each_task (task) {
        if (!task->process || !is_meant(task, which, who))
            continue;
        highest = max_of(long, highest, PRIORITY_OF_NICE_0 - READ_ONCE(task->wish.nice));
        if (nice)
            WRITE_ONCE(task->wish.nice, (s8)clamp(*nice, (int)NICE_MIN, (int)NICE_MAX));
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return highest;
}

long sys_getpriority(int which, int who) { return prioritize(which, who, NULL); }

long sys_setpriority(int which, int who, int nice)
{
    long priority = prioritize(which, who, &nice);
    return priority < 0 ? priority : 0;
}

long sys_nice(int more)
{
    const int range = NICE_MAX - NICE_MIN, nice = READ_ONCE(current->wish.nice);
    return sys_setpriority(PRIO_PROCESS, 0, nice + clamp(more, -range, range));
}

/* The best of those that @which and @who mean, class first; set all to @wanted unless negative. */
static long exchange_io_priority(int which, int who, int wanted)
{
    enum { BEST_EFFORT_4 = 2 << IOPRIO_CLASS_SHIFT | 4 };
    if (which <= PRIO_PROCESS || which > PRIO_USER + 1)
        return -EINVAL;
    long best = -ESRCH;
    struct task *task;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    for_each_task (task) {
        if (!task->process || !is_meant(task, which - 1, who))
            continue;
        u16 now = READ_ONCE(task->wish.io_priority);
        if (best < 0 || (now ? now : BEST_EFFORT_4) < (best ? best : BEST_EFFORT_4))
            best = now;
        if (wanted >= 0)
            WRITE_ONCE(task->wish.io_priority, (u16)wanted);
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return best;
}

long sys_ioprio_get(int which, int who) { return exchange_io_priority(which, who, -1); }

long sys_ioprio_set(int which, int who, int priority)
{
    int class = priority >> IOPRIO_CLASS_SHIFT, level = priority & ((1 << IOPRIO_CLASS_SHIFT) - 1);
    bool has_level = class == IOPRIO_CLASS_RT || class == IOPRIO_CLASS_BE;
    if (class < IOPRIO_CLASS_NONE || class > IOPRIO_CLASS_IDLE)
        return -EINVAL;
    if ((has_level && level >= IOPRIO_LEVELS) || (class == IOPRIO_CLASS_NONE && level))
        return -EINVAL;
    return min_of(long, exchange_io_priority(which, who, priority), 0);
}

long sys_getcpu(unsigned __user *cpu, unsigned __user *node)
{
    unsigned zero = 0, this_cpu = cpu_id();
    if (cpu && copy_to_user(cpu, &this_cpu, sizeof(this_cpu)))
        return -EFAULT;
    return node && copy_to_user(node, &zero, sizeof(zero)) ? -EFAULT : 0;
}

/*
 * System calls about scheduling.  There is one policy, in turn, and all tasks have one priority:
 * what asks for another is refused as it is for a user who may not, and nice values are forgotten.
 */
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/sys.h"
#include "kernel/sys_time.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/minmax.h"

/* Source: sched(7), getpriority(2), Linux uapi linux/sched.h. */
enum {
    SCHED_OTHER = 0,
    SCHED_FIFO = 1,
    SCHED_RR = 2,
    SCHED_BATCH = 3,
    SCHED_IDLE = 5,
    SCHED_DEADLINE = 6,
    SCHED_RESET_ON_FORK = 0x40000000,
    REAL_TIME_MAX = 99,
    PRIO_PROCESS = 0,
    PRIO_USER = 2,
    PRIORITY_OF_NICE_0 = 20, /* getpriority() returns 20 - nice */
};

long sys_sched_yield(void)
{
    sched_yield();
    return 0;
}

/* Does @pid name a task?  0, -ESRCH, -EINVAL. */
static int check_task(int pid)
{
    struct task *task = pid < 0 ? NULL : task_find_or_current(pid);
    if (task)
        task_put(task);
    return task ? 0 : pid < 0 ? -EINVAL : -ESRCH;
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
    int error = check_task(pid);
    return error ? error : SCHED_OTHER;
}

long sys_sched_getparam(int pid, int __user *priority)
{
    int error = priority ? check_task(pid) : -EINVAL;
    return error ? error : put_user(0, priority);
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

long sys_sched_setscheduler(int pid, int policy, const int __user *user)
{
    int priority;
    if (policy < 0 || pid < 0 || !user)
        return -EINVAL;
    if (get_user(priority, (int __user *)user))
        return -EFAULT;
    int error = check_task(pid);
    return error ? error : check_policy(policy, priority);
}

long sys_sched_setparam(int pid, const int __user *user)
{
    return sys_sched_setscheduler(pid, SCHED_OTHER, user);
}

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

long sys_sched_rr_get_interval(int pid, void __user *interval)
{
    int error = check_task(pid);
    return error ? error : put_time(interval, SLICE_TICKS * NS_PER_TICK);
}

long sys_sched_rr_get_interval64(int pid, void __user *interval)
{
    int error = check_task(pid);
    return error ? error : put_time64(interval, SLICE_TICKS * NS_PER_TICK);
}

long sys_getpriority(int which, int who)
{
    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    if (which == PRIO_PROCESS && (who < 0 || check_task(who)))
        return -ESRCH;
    return PRIORITY_OF_NICE_0;
}

long sys_setpriority(int which, int who, int nice)
{
    long error = sys_getpriority(which, who);
    return error < 0 ? error : 0;
}

long sys_getcpu(unsigned __user *cpu, unsigned __user *node)
{
    unsigned zero = 0, this_cpu = cpu_id();
    if (cpu && copy_to_user(cpu, &this_cpu, sizeof(this_cpu)))
        return -EFAULT;
    return node && copy_to_user(node, &zero, sizeof(zero)) ? -EFAULT : 0;
}

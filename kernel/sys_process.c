/*
 * System calls about the program itself and its threads.
 */
#include "kernel/clone.h"
#include "kernel/process.h"
#include "kernel/robust_list.h"
#include "kernel/sched.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Source: Linux uapi prctl.h. */
enum {
    PR_GET_DUMPABLE = 3,
    PR_SET_DUMPABLE = 4,
    PR_SET_NAME = 15,
    PR_GET_NAME = 16,
};

long sys_exit(int code) { thread_exit((code & 0xff) << 8); }
long sys_exit_group(int code) { process_exit((code & 0xff) << 8); }

long sys_getpid(void) { return current->tgid; }
long sys_gettid(void) { return current->pid; }
long sys_getppid(void) { return READ_ONCE(current->process->parent_pid); }

long sys_fork(void) { return process_clone(&(struct clone_args){ .flags = SIGCHLD }); }

long sys_vfork(void)
{
    return process_clone(&(struct clone_args){ .flags = CLONE_VM | CLONE_VFORK | SIGCHLD });
}
long sys_get_id(void) { return 0; }

long sys_set_tid_address(int __user *address)
{
    current->clear_child_tid = address;
    return current->pid;
}

long sys_set_robust_list(void __user *head, size_t bytes)
{
    if (bytes != sizeof(struct robust_head))
        return -EINVAL;
    WRITE_ONCE(current->robust_list, head);
    return 0;
}

long sys_get_robust_list(int pid, vaddr_t __user *head, size_t __user *bytes)
{
    struct task *task = pid ? task_find(pid) : current;
    if (!task)
        return -ESRCH;
    const vaddr_t there = (vaddr_t)READ_ONCE(task->robust_list);
    if (pid)
        task_put(task);
    if (put_user(sizeof(struct robust_head), bytes))
        return -EFAULT;
    return put_user(there, head);
}

long sys_prctl(int operation, unsigned long argument)
{
    char name[TASK_NAME_BYTES] = "";
    switch (operation) {
    case PR_SET_NAME:
        if (strncpy_from_user(name, (const char __user *)argument, sizeof(name) - 1) < 0)
            return -EFAULT;
        task_set_name(current, name);
        return 0;
    case PR_GET_NAME:
        strlcpy(name, current->name, sizeof(name));
        return copy_to_user((void __user *)argument, name, sizeof(name)) ? -EFAULT : 0;
    case PR_GET_DUMPABLE:
        return 1;
    case PR_SET_DUMPABLE:
        return argument > 1 ? -EINVAL : 0;
    default:
        return -EINVAL;
    }
}

long sys_sched_yield(void)
{
    sched_yield();
    return 0;
}

long sys_sched_getaffinity(int pid, size_t bytes, unsigned long __user *mask)
{
    unsigned long cpus = current->affinity & ((2ul << (cpus_online - 1)) - 1);
    if (bytes < sizeof(cpus) || bytes % sizeof(cpus))
        return -EINVAL;
    if (pid && pid != current->pid)
        return -ESRCH;
    return copy_to_user(mask, &cpus, sizeof(cpus)) ? -EFAULT : (long)sizeof(cpus);
}

long sys_getcpu(unsigned __user *cpu, unsigned __user *node)
{
    unsigned zero = 0, this_cpu = cpu_id();
    if (cpu && copy_to_user(cpu, &this_cpu, sizeof(this_cpu)))
        return -EFAULT;
    return node && copy_to_user(node, &zero, sizeof(zero)) ? -EFAULT : 0;
}

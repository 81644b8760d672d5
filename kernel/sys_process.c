/*
 * System calls about the program itself and its threads.
 */
#include "kernel/clone.h"
#include "kernel/process.h"
#include "kernel/robust_list.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Source: Linux uapi prctl.h; personality(2): the number that only asks. */
#define PERSONALITY_ASK 0xffffffffu

enum {
    PR_SET_PDEATHSIG = 1,
    PR_GET_PDEATHSIG = 2,
    PR_GET_DUMPABLE = 3,
    PR_SET_DUMPABLE = 4,
    PR_SET_NAME = 15,
    PR_GET_NAME = 16,
    PR_GET_KEEPCAPS = 7,
    PR_SET_KEEPCAPS = 8,
    PR_GET_SECCOMP = 21,
    PR_CAPBSET_READ = 23,
    PR_GET_SECUREBITS = 27,
    PR_GET_TIMERSLACK = 30,
    PR_SET_NO_NEW_PRIVS = 38,
    PR_GET_NO_NEW_PRIVS = 39,
    TIMERSLACK_NS = 50000,
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
    struct task *task = task_find_or_current(pid);
    if (!task)
        return -ESRCH;
    const vaddr_t there = (vaddr_t)READ_ONCE(task->robust_list);
    task_put(task);
    if (put_user(sizeof(struct robust_head), bytes))
        return -EFAULT;
    return put_user(there, head);
}

/* What the caller is sent when its parent ends. */
static long set_parent_death_signal(unsigned long signal)
{
    if (signal > SIGNALS)
        return -EINVAL;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    current->parent_death_signal = (u8)signal;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return 0;
}

long sys_prctl(int operation, unsigned long argument, unsigned long second, unsigned long third,
               unsigned long fourth)
{
    bool is_alone = !second && !third && !fourth;
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
    case PR_SET_PDEATHSIG:
        return set_parent_death_signal(argument);
    case PR_GET_PDEATHSIG:
        return put_user(current->parent_death_signal, (int __user *)argument);
    case PR_GET_KEEPCAPS:
        return current->keeps_capabilities;
    case PR_SET_KEEPCAPS:
        if (argument > 1)
            return -EINVAL;
        current->keeps_capabilities = argument;
        return 0;
    case PR_GET_SECCOMP:
    case PR_GET_SECUREBITS:
        return 0;
    case PR_GET_NO_NEW_PRIVS:
        return argument || !is_alone ? -EINVAL : current->no_new_privileges;
    case PR_SET_NO_NEW_PRIVS:
        if (argument != 1 || !is_alone)
            return -EINVAL;
        current->no_new_privileges = true;
        return 0;
    case PR_CAPBSET_READ:
        return argument > CAP_LAST ? -EINVAL : 1;
    case PR_GET_TIMERSLACK:
        return TIMERSLACK_NS;
    case PR_SET_DUMPABLE:
        return argument > 1 ? -EINVAL : 0;
    default:
        return -EINVAL;
    }
}

long sys_personality(u32 wanted)
{
    u32 *ours = &current->process->personality;
    return (long)(wanted == PERSONALITY_ASK ? __atomic_load_n(ours, __ATOMIC_RELAXED)
                                            : __atomic_exchange_n(ours, wanted, __ATOMIC_RELAXED));
}

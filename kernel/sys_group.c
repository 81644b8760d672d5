/*
 * System calls about process groups and sessions: setpgid(2), setsid(2) and their kin.
 */
#include "kernel/dev/tty.h"
#include "kernel/pid.h"
#include "kernel/process.h"
#include "kernel/sys.h"
#include "lib/errno.h"

/* Does session @session have a group @group? */
static bool group_exists(int group, int session) MUST_HOLD(tasks_lock)
{
    struct process *process;
    for_each_process (process) {
        if (process->group == group && process->session == session)
            return true;
    }
    return false;
}

static long set_group(int pid, int group) MUST_HOLD(tasks_lock)
{
    struct process *here = current->process;
    struct process *process = pid ? process_lookup(pid) : here;
    if (!process || (process != here && process->parent != here))
        return -ESRCH;
    if (process != here && process->has_execed)
        return -EACCES;
    if (process->session != here->session || process->session == process->pid)
        return -EPERM;
    if (!group)
        group = process->pid;
    if (group != process->pid && !group_exists(group, here->session))
        return -EPERM;
    process_set_group(process, group, process->session);
    return 0;
}

long sys_setpgid(int pid, int group)
{
    if (group < 0)
        return -EINVAL;
    if (pid < 0)
        return -ESRCH;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    long result = set_group(pid, group);
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

/* The process numbered @pid, 0: the current one, or NULL. */
static const struct process *find(int pid) MUST_HOLD(tasks_lock)
{
    return pid ? process_lookup(pid) : current->process;
}

long sys_getpgid(int pid)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    const struct process *process = find(pid);
    long result = process ? process->group : -ESRCH;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

long sys_getpgrp(void) { return sys_getpgid(0); }

long sys_getsid(int pid)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    const struct process *process = find(pid);
    long result = process ? process->session : -ESRCH;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

long sys_setsid(void)
{
    struct process *here = current->process, *process;
    long result = here->pid;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    bool is_first = tty_session_leave(here); /* the first program begins as a leader */
    for_each_process (process) {
        if (process->group == here->pid && !is_first)
            result = -EPERM; /* it leads a group, or its number still names one */
    }
    if (result > 0) {
        process_set_group(here, here->pid, here->pid);
        here->left_tty = false;
    }
    spin_unlock_irqrestore(&tasks_lock, flags);
    return result;
}

/*
 * Job control: see job.h.
 */
#include "kernel/job.h"

#include "kernel/dev/tty.h"
#include "kernel/pid.h"

void group_signal(int group, int signal)
{
    struct process *process;
    struct signal_info info = { .signal = signal, .code = SI_KERNEL };
    for_each_process (process) {
        struct signal_entry *none = NULL;
        if (process->group == group)
            (void)signal_send_locked(process, NULL, &info, &none);
    }
}

/* @process's parent once @leaving has gone. */
static const struct process *parent_without(const struct process *process,
                                            const struct process *leaving) MUST_HOLD(tasks_lock)
{
    return leaving && process->parent == leaving ? process_lookup(PID_INIT) : process->parent;
}

bool group_is_orphaned(int group, const struct process *leaving)
{
    struct process *process;
    for_each_process (process) {
        if (process->group != group || process->is_zombie || process == leaving)
            continue;
        const struct process *parent = parent_without(process, leaving);
        if (parent && parent->group != group && parent->session == process->session)
            return false;
    }
    return true;
}

static bool has_stopped_member(int group) MUST_HOLD(tasks_lock)
{
    struct process *process;
    for_each_process (process) {
        if (process->group == group && process->stop_signal && !process->is_zombie)
            return true;
    }
    return false;
}

static void hang_up_if_orphaned(int group, const struct process *leaving) MUST_HOLD(tasks_lock)
{
    if (!has_stopped_member(group) || !group_is_orphaned(group, leaving))
        return;
    group_signal(group, SIGHUP);
    group_signal(group, SIGCONT);
}

/* Does @parent, in another group of its session, keep @process's group from being orphaned? */
static bool controls(const struct process *parent, const struct process *process)
{
    return parent && parent->group != process->group && parent->session == process->session;
}

void job_process_ends(struct process *process)
{
    struct process *child;
    if (process->session == process->pid)
        tty_session_ends(process->session);
    if (controls(process->parent, process))
        hang_up_if_orphaned(process->group, process);
    list_for_each_entry (child, &process->children, sibling) {
        if (controls(process, child))
            hang_up_if_orphaned(child->group, process);
    }
}

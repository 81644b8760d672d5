/*
 * /proc/<pid>/oom_score and oom_score_adj: who ends first for want of memory, proc(5).
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/oom.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/parse.h"

int proc_show_task_oom_score(struct text *text, struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    unsigned score = task->process ? oom_score(task->process) : 0;
    spin_unlock_irqrestore(&tasks_lock, flags);
    text_add(text, "%u\n", score);
    return 0;
}

int proc_show_task_oom_score_adj(struct text *text, struct task *task)
{
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    int adjustment = task->process ? task->process->oom_adjustment : 0;
    spin_unlock_irqrestore(&tasks_lock, flags);
    text_add(text, "%d\n", adjustment);
    return 0;
}

int proc_store_task_oom_score_adj(struct task *task, const char *line)
{
    u32 number;
    const bool negative = *line == '-';
    int error = parse_u32(line + negative, OOM_ADJUSTMENT_MAX, &number);
    if (error)
        return -EINVAL;
    irqflags_t flags = spin_lock_irqsave(&tasks_lock);
    if (task->process)
        task->process->oom_adjustment = negative ? -(int)number : (int)number;
    else
        error = -EINVAL;
    spin_unlock_irqrestore(&tasks_lock, flags);
    return error;
}

/*
 * The sleeping locks a task holds, checked against the order of ranks.
 *
 * Spinlocks belong to a CPU (spinlock.c), these to a task: it may sleep and move while it holds
 * them.  The list is the task's own, so it needs no lock.
 */
#include "kernel/lock_held.h"

#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/report.h"
#include "kernel/task.h"

void lock_note_taking(const void *lock, enum lock_rank rank, const char *name)
{
    const struct task *task = current;
    for (unsigned i = 0; i < task->held_count; i++) {
        const struct held_lock *held = &task->held[i];
        if (held->lock == lock)
            report("deadlock: task %d (%s) holds \"%s\" already", task->pid, task->name, name);
        else if (held->rank >= rank)
            report("lock order: taking \"%s\" (rank %u) while holding \"%s\" (rank %u)", name, rank,
                   held->name, held->rank);
    }
    lock_note_taken(lock, rank, name);
}

void lock_note_taken(const void *lock, enum lock_rank rank, const char *name)
{
    struct task *task = current;
    if (task->held_count == TASK_HELD_MAX)
        panic("task %d (%s) holds %u sleeping locks", task->pid, task->name, TASK_HELD_MAX);
    task->held[task->held_count++] = (struct held_lock){ lock, name, (u8)rank };
}

bool lock_note_released(const void *lock, const char *name)
{
    struct task *task = current;
    for (unsigned i = task->held_count; i-- > 0;) {
        if (task->held[i].lock != lock)
            continue;
        task->held_count--;
        for (; i < task->held_count; i++)
            task->held[i] = task->held[i + 1];
        return true;
    }
    report("task %d (%s) releases \"%s\", which it does not hold", task->pid, task->name, name);
    return false;
}

void lock_print_held(void)
{
    const struct task *task = current;
    for (unsigned i = 0; i < task->held_count; i++)
        pr_err("  task %d (%s) holds \"%s\" (rank %u)\n", task->pid, task->name, task->held[i].name,
               task->held[i].rank);
}

/*
 * The sleeping locks a task holds, in whatever order they come.
 *
 * Usual is that they are taken in the order of their ranks and released in reverse; that is
 * inline, in lock_held.h.  Another order comes from a trylock, or from a mistake.
 */
#include "kernel/lock_held.h"

#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/report.h"

const struct lock_id lock_none = { .rank = RANK_NONE, .name = "none" };

/* However many are noted here, one of each rank has room besides: the usual case need not look. */
static_assert(TASK_HELD_MAX > (int)RANK_SPINNING, "and some room for locks of a rank already held");

static void check_order(const struct task *task, const struct lock_id *lock)
{
    for (const struct lock_id *const *held = task->held_top; (*held)->rank >= lock->rank; held--) {
        if (*held == lock)
            report("deadlock: task %d (%s) holds \"%s\" already", task->pid, task->name,
                   lock->name);
        else
            report("lock order: taking \"%s\" (rank %u) while holding \"%s\" (rank %u)", lock->name,
                   lock->rank, (*held)->name, (*held)->rank);
    }
}

void lock_note_taking(const struct lock_id *lock)
{
    check_order(current, lock);
    lock_note_taken(lock);
}

void lock_note_taken(const struct lock_id *lock)
{
    struct task *task = current;
    if (lock_count_held(task) >= TASK_HELD_MAX - RANK_SPINNING)
        panic("task %d (%s) holds too many sleeping locks", task->pid, task->name);
    const struct lock_id **place = ++task->held_top;
    for (; place[-1]->rank > lock->rank; place--)
        place[0] = place[-1];
    *place = lock;
}

bool lock_note_released(const struct lock_id *lock)
{
    struct task *task = current;
    const struct lock_id **place = task->held_top;
    while (place > task->held && *place != lock)
        place--;
    if (place == task->held) {
        report("task %d (%s) releases \"%s\", which it does not hold", task->pid, task->name,
               lock->name);
        return false;
    }
    for (; place < task->held_top; place++)
        place[0] = place[1];
    task->held_top--;
    return true;
}

void lock_print_held(void)
{
    const struct task *task = current;
    for (unsigned i = 1; i <= lock_count_held(task); i++)
        pr_err("  task %d (%s) holds \"%s\" (rank %u)\n", task->pid, task->name,
               task->held[i]->name, task->held[i]->rank);
}

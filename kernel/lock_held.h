/*
 * The sleeping locks a task holds, checked against the order of ranks.
 *
 * Spinlocks belong to a CPU (spinlock.h), these to a task: it may sleep and move while it holds
 * them.  The list is the task's own, so it needs no lock.  It is an array, highest rank last, with
 * lock_none before the first: one comparison checks a new lock against all of them.
 */
#ifndef KERNEL_LOCK_HELD_H
#define KERNEL_LOCK_HELD_H

#include "kernel/lock_order.h"
#include "kernel/task.h"
#include "lib/annotate.h"
#include "lib/types.h"

/* Prepare the list of @task, which is new. */
static inline void lock_init_held(struct task *task)
{
    task->held[0] = &lock_none;
    task->held_top = task->held;
}

/* Note that @task, the current one, takes @lock, if its rank is above all that are held. */
static inline bool lock_note_usual(struct task *task, const struct lock_id *lock)
{
    const struct lock_id **top = task->held_top;
    if (unlikely((*top)->rank >= lock->rank))
        return false;
    top[1] = lock;
    task->held_top = top + 1;
    return true;
}

/*
 * Note that the current task is about to take @lock; report it if a held lock's rank is not below
 * its rank, or if the task holds @lock already.
 */
void lock_note_taking(const struct lock_id *lock);

/* The same for a trylock, which never waits and so may come in any order. */
void lock_note_taken(const struct lock_id *lock);

/* Note that @task, the current one, lets @lock go, if it is the last it has taken. */
static inline bool lock_forget_usual(struct task *task, const struct lock_id *lock)
{
    if (unlikely(*task->held_top != lock))
        return false;
    task->held_top--;
    return true;
}

/*
 * Note that the current task lets @lock go; report it if the task does not hold it.
 * Returns: whether it does.
 */
bool lock_note_released(const struct lock_id *lock);

/* How many sleeping locks @task holds. */
static inline unsigned lock_count_held(const struct task *task)
{
    return (unsigned)(task->held_top - task->held);
}

/* Print the sleeping locks of the current task, for reports.  Any context. */
void lock_print_held(void);

#endif

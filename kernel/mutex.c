/*
 * Mutexes, handed from holder to longest waiter.
 *
 * Handing over makes the lock fair, and waking simple: whoever wakes up holds it.  The price, a
 * switch of tasks for each contended unlock, is fine where contention is rare.
 */
#include "kernel/mutex.h"

#include "kernel/lock_held.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/assert.h"

/* A task in mutex->queue; lives on its stack. */
struct mutex_waiter {
    struct list_node node;
    struct task *task;
};

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name)
{
    assert(rank < RANK_SPINNING);
    spin_lock_init(&mutex->lock, RANK_WAIT_QUEUE, name);
    mutex->holder = NULL;
    list_init(&mutex->queue);
    mutex->rank = (u8)rank;
    mutex->name = name;
}

/* Wait in the queue until the mutex is ours. */
static irqflags_t wait_for_turn(struct mutex *mutex, irqflags_t flags) MUST_HOLD(mutex->lock)
{
    struct mutex_waiter self = { .task = current };
    list_add_tail(&self.node, &mutex->queue);
    while (mutex->holder != self.task) {
        WRITE_ONCE(self.task->state, TASK_UNINTERRUPTIBLE);
        spin_unlock_irqrestore(&mutex->lock, flags);
        schedule();
        flags = spin_lock_irqsave(&mutex->lock);
    }
    return flags;
}

void mutex_lock(struct mutex *mutex) UNCHECKED_LOCKS
{
    might_sleep();
    lock_note_taking(mutex, mutex->rank, mutex->name);
    irqflags_t flags = spin_lock_irqsave(&mutex->lock);
    if (mutex->holder)
        flags = wait_for_turn(mutex, flags);
    else
        mutex->holder = current;
    spin_unlock_irqrestore(&mutex->lock, flags);
}

bool mutex_trylock(struct mutex *mutex) UNCHECKED_LOCKS
{
    irqflags_t flags = spin_lock_irqsave(&mutex->lock);
    bool free = !mutex->holder;
    if (free)
        mutex->holder = current;
    spin_unlock_irqrestore(&mutex->lock, flags);
    if (free)
        lock_note_taken(mutex, mutex->rank, mutex->name);
    return free;
}

void mutex_unlock(struct mutex *mutex) UNCHECKED_LOCKS
{
    if (!lock_note_released(mutex, mutex->name))
        return;
    irqflags_t flags = spin_lock_irqsave(&mutex->lock);
    assert(mutex->holder == current);
    mutex->holder = NULL;
    if (!list_empty(&mutex->queue)) {
        struct mutex_waiter *next = list_first_entry(&mutex->queue, struct mutex_waiter, node);
        list_del(&next->node);
        mutex->holder = next->task;
        task_wake(next->task); /* while the lock keeps its stack, where next is, from going */
    }
    spin_unlock_irqrestore(&mutex->lock, flags);
}

bool mutex_is_held(const struct mutex *mutex) { return READ_ONCE(mutex->holder) == current; }

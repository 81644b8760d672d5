/*
 * Mutexes, handed from holder to longest waiter.
 *
 * Handing over makes the lock fair, and waking simple: whoever wakes up holds it.  The price, a
 * switch of tasks for each contended unlock, is fine where contention is rare.
 *
 *     owner            | who may change it
 *    ------------------+----------------------------------------------------------------
 *     0                | anybody, to himself: it is free, and nobody waits
 *     task             | the task, to 0; a newcomer, under lock, to task | WAITERS
 *     task | WAITERS   | the task, under lock, to the first in the queue
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
    assert(rank > RANK_NONE && rank < RANK_SPINNING);
    mutex->id = (struct lock_id){ (u8)rank, name };
    mutex->owner = 0;
    spin_lock_init(&mutex->lock, RANK_WAIT_QUEUE, name);
    list_init(&mutex->queue);
}

static bool take_if_free(struct mutex *mutex, struct task *task)
{
    uintptr_t free = 0;
    return __atomic_compare_exchange_n(&mutex->owner, &free, (uintptr_t)task, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Let @mutex go if nobody waits. */
static bool free_if_alone(struct mutex *mutex, struct task *task)
{
    uintptr_t owner = (uintptr_t)task;
    return __atomic_compare_exchange_n(&mutex->owner, &owner, 0, false, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED);
}

/* Say that somebody waits.  Returns: false: it was free, and is @task's now. */
static bool announce_waiter(struct mutex *mutex, struct task *task) MUST_HOLD(mutex->lock)
{
    for (;;) {
        uintptr_t owner = READ_ONCE(mutex->owner);
        if (owner & MUTEX_WAITERS)
            return true;
        if (owner && __atomic_compare_exchange_n(&mutex->owner, &owner, owner | MUTEX_WAITERS,
                                                 false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
        if (!owner && take_if_free(mutex, task))
            return false;
    }
}

static NOINLINE void lock_slowly(struct mutex *mutex)
{
    struct task *task = current;
    struct mutex_waiter self = { .task = task };
    irqflags_t flags = spin_lock_irqsave(&mutex->lock);
    if (announce_waiter(mutex, task)) {
        list_add_tail(&self.node, &mutex->queue);
        while ((mutex->owner & ~(uintptr_t)MUTEX_WAITERS) != (uintptr_t)task) {
            WRITE_ONCE(task->state, TASK_UNINTERRUPTIBLE);
            spin_unlock_irqrestore(&mutex->lock, flags);
            schedule();
            flags = spin_lock_irqsave(&mutex->lock);
        }
    }
    spin_unlock_irqrestore(&mutex->lock, flags);
}

static NOINLINE void lock_unusually(struct mutex *mutex)
{
    might_sleep();
    lock_note_taking(&mutex->id);
    if (!take_if_free(mutex, current))
        lock_slowly(mutex);
}

void mutex_lock(struct mutex *mutex) UNCHECKED_LOCKS
{
    struct task *task = current;
    if (unlikely(!may_sleep_at_once()) || unlikely(!lock_note_usual(task, &mutex->id)))
        lock_unusually(mutex);
    else if (unlikely(!take_if_free(mutex, task)))
        lock_slowly(mutex);
}

void mutex_lock_nested(struct mutex *mutex) UNCHECKED_LOCKS
{
    might_sleep();
    assert(!mutex_is_held(mutex));
    lock_note_taken(&mutex->id);
    if (!take_if_free(mutex, current))
        lock_slowly(mutex);
}

bool mutex_trylock(struct mutex *mutex) UNCHECKED_LOCKS
{
    if (!take_if_free(mutex, current))
        return false;
    lock_note_taken(&mutex->id);
    return true;
}

/* Hand @mutex to the first in the queue. */
static NOINLINE void hand_over(struct mutex *mutex)
{
    irqflags_t flags = spin_lock_irqsave(&mutex->lock);
    assert(mutex->owner == ((uintptr_t)current | MUTEX_WAITERS));
    struct mutex_waiter *next = list_first_entry(&mutex->queue, struct mutex_waiter, node);
    list_del(&next->node);
    uintptr_t waiters = list_empty(&mutex->queue) ? 0 : MUTEX_WAITERS;
    __atomic_store_n(&mutex->owner, (uintptr_t)next->task | waiters, __ATOMIC_RELEASE);
    task_wake(next->task); /* while the lock keeps its stack, where next is, from going */
    spin_unlock_irqrestore(&mutex->lock, flags);
}

static NOINLINE void unlock_unusually(struct mutex *mutex)
{
    if (lock_note_released(&mutex->id) && !free_if_alone(mutex, current))
        hand_over(mutex);
}

void mutex_unlock(struct mutex *mutex) UNCHECKED_LOCKS
{
    struct task *task = current;
    if (unlikely(!lock_forget_usual(task, &mutex->id)))
        unlock_unusually(mutex);
    else if (unlikely(!free_if_alone(mutex, task)))
        hand_over(mutex);
}

bool mutex_is_held(const struct mutex *mutex)
{
    return (READ_ONCE(mutex->owner) & ~(uintptr_t)MUTEX_WAITERS) == (uintptr_t)current;
}

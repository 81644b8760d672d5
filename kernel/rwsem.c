/*
 * Reader-writer semaphores: one queue, first come, first served.
 *
 *     who comes | may go in at once when
 *    -----------+----------------------------------------------
 *     a reader  | no writer holds it and nobody waits
 *     a writer  | nobody holds it (then nobody waits, either)
 *
 * Whoever leaves it free, or to readers alone, lets in the head of the queue: one writer, or all
 * readers up to the next writer.  They find it theirs when they wake.
 */
#include "kernel/rwsem.h"

#include "kernel/lock_held.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/assert.h"

/* A task in sem->queue; lives on its stack. */
struct rwsem_waiter {
    struct list_node node;
    struct task *task;
    bool writes;
    bool admitted; /* under sem->lock: it holds sem now, and is off the queue */
};

void rwsem_init(struct rwsem *sem, enum lock_rank rank, const char *name)
{
    assert(rank < RANK_SPINNING);
    spin_lock_init(&sem->lock, RANK_WAIT_QUEUE, name);
    sem->readers = 0;
    sem->writer = NULL;
    list_init(&sem->queue);
    sem->rank = (u8)rank;
    sem->name = name;
}

/* Could a task go in now, the queue aside? */
static bool has_room(const struct rwsem *sem, bool writes)
{
    return !sem->writer && (!writes || !sem->readers);
}

static void go_in(struct rwsem *sem, struct task *task, bool writes)
{
    if (writes)
        sem->writer = task;
    else
        sem->readers++;
}

/* Let in whoever is next, as many as fit together. */
static void admit(struct rwsem *sem) MUST_HOLD(sem->lock)
{
    while (!list_empty(&sem->queue)) {
        struct rwsem_waiter *next = list_first_entry(&sem->queue, struct rwsem_waiter, node);
        if (!has_room(sem, next->writes))
            return;
        list_del(&next->node);
        go_in(sem, next->task, next->writes);
        next->admitted = true;
        task_wake(next->task); /* while the lock keeps its stack, where next is, from going */
    }
}

static irqflags_t wait_for_turn(struct rwsem *sem, bool writes, irqflags_t flags)
    MUST_HOLD(sem->lock)
{
    struct rwsem_waiter self = { .task = current, .writes = writes };
    list_add_tail(&self.node, &sem->queue);
    while (!self.admitted) {
        WRITE_ONCE(self.task->state, TASK_UNINTERRUPTIBLE);
        spin_unlock_irqrestore(&sem->lock, flags);
        schedule();
        flags = spin_lock_irqsave(&sem->lock);
    }
    return flags;
}

static void down(struct rwsem *sem, bool writes)
{
    might_sleep();
    lock_note_taking(sem, sem->rank, sem->name);
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    if (list_empty(&sem->queue) && has_room(sem, writes))
        go_in(sem, current, writes);
    else
        flags = wait_for_turn(sem, writes, flags);
    spin_unlock_irqrestore(&sem->lock, flags);
}

static bool try_down(struct rwsem *sem, bool writes)
{
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    bool room = list_empty(&sem->queue) && has_room(sem, writes);
    if (room)
        go_in(sem, current, writes);
    spin_unlock_irqrestore(&sem->lock, flags);
    if (room)
        lock_note_taken(sem, sem->rank, sem->name);
    return room;
}

void down_read(struct rwsem *sem) UNCHECKED_LOCKS { down(sem, false); }

bool down_read_trylock(struct rwsem *sem) UNCHECKED_LOCKS { return try_down(sem, false); }

void up_read(struct rwsem *sem) UNCHECKED_LOCKS
{
    if (!lock_note_released(sem, sem->name))
        return;
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    assert(sem->readers > 0);
    if (--sem->readers == 0)
        admit(sem);
    spin_unlock_irqrestore(&sem->lock, flags);
}

void down_write(struct rwsem *sem) UNCHECKED_LOCKS { down(sem, true); }

bool down_write_trylock(struct rwsem *sem) UNCHECKED_LOCKS { return try_down(sem, true); }

void up_write(struct rwsem *sem) UNCHECKED_LOCKS
{
    if (!lock_note_released(sem, sem->name))
        return;
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    assert(sem->writer == current);
    sem->writer = NULL;
    admit(sem);
    spin_unlock_irqrestore(&sem->lock, flags);
}

void downgrade_write(struct rwsem *sem) UNCHECKED_LOCKS
{
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    assert(sem->writer == current);
    sem->writer = NULL;
    sem->readers = 1;
    admit(sem);
    spin_unlock_irqrestore(&sem->lock, flags);
}

bool rwsem_is_write_held(const struct rwsem *sem) { return READ_ONCE(sem->writer) == current; }

bool rwsem_is_held(const struct rwsem *sem)
{
    return READ_ONCE(sem->writer) || READ_ONCE(sem->readers) > 0;
}

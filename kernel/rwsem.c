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
 *
 * All of it is decided by one number, sem->count, changed atomically; as long as nobody waits,
 * nothing else is touched.  RWSEM_WAITERS sends everybody who comes or leaves to sem->lock.  It is
 * set, by whoever has to wait, in the same step that finds no room: so the one who makes room
 * either did it before, and the step fails, or sees the bit.
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
    assert(rank > RANK_NONE && rank < RANK_SPINNING);
    sem->id = (struct lock_id){ (u8)rank, name };
    sem->count = 0;
    sem->writer = NULL;
    spin_lock_init(&sem->lock, RANK_WAIT_QUEUE, name);
    list_init(&sem->queue);
}

static bool change(struct rwsem *sem, u32 from, u32 to)
{
    return __atomic_compare_exchange_n(&sem->count, &from, to, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* Go in as a reader unless a writer holds @sem or somebody waits. */
static ALWAYS_INLINE bool read_at_once(struct rwsem *sem)
{
    u32 count;
    do {
        count = READ_ONCE(sem->count);
        if (unlikely(count >= RWSEM_WRITER))
            return false;
    } while (unlikely(!change(sem, count, count + 1)));
    return true;
}

/* Go in as the writer if nobody holds @sem. */
static ALWAYS_INLINE bool write_at_once(struct rwsem *sem, struct task *task)
{
    if (unlikely(!change(sem, 0, RWSEM_WRITER)))
        return false;
    sem->writer = task;
    return true;
}

/* --- the queue ------------------------------------------------------------------------------- */

/* Could a task go in at @count, the queue aside? */
static bool has_room(u32 count, bool writes)
{
    return writes ? (count & ~RWSEM_WAITERS) == 0 : (count & RWSEM_WRITER) == 0;
}

/* Let in whoever is next, as many as fit together. */
static void admit(struct rwsem *sem) MUST_HOLD(sem->lock)
{
    while (!list_empty(&sem->queue)) {
        struct rwsem_waiter *next = list_first_entry(&sem->queue, struct rwsem_waiter, node);
        if (!has_room(READ_ONCE(sem->count), next->writes))
            return; /* whoever holds it will see RWSEM_WAITERS */
        list_del(&next->node);
        if (next->writes)
            sem->writer = next->task;
        __atomic_add_fetch(&sem->count, next->writes ? RWSEM_WRITER : 1, __ATOMIC_ACQ_REL);
        next->admitted = true;
        task_wake(next->task); /* while the lock keeps its stack, where next is, from going */
    }
    __atomic_and_fetch(&sem->count, ~RWSEM_WAITERS, __ATOMIC_RELEASE);
}

static NOINLINE void admit_next(struct rwsem *sem)
{
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    admit(sem);
    spin_unlock_irqrestore(&sem->lock, flags);
}

/* Say that somebody waits.  Returns: false: there was room, and @task is in. */
static bool announce_waiter(struct rwsem *sem, struct task *task, bool writes) MUST_HOLD(sem->lock)
{
    while (!(READ_ONCE(sem->count) & RWSEM_WAITERS)) {
        u32 count = READ_ONCE(sem->count);
        if (!has_room(count, writes)) {
            if (change(sem, count, count | RWSEM_WAITERS))
                return true;
        } else if (writes ? write_at_once(sem, task) : read_at_once(sem)) {
            return false;
        }
    }
    return true;
}

static NOINLINE void down_slowly(struct rwsem *sem, bool writes)
{
    struct task *task = current;
    struct rwsem_waiter self = { .task = task, .writes = writes };
    irqflags_t flags = spin_lock_irqsave(&sem->lock);
    if (announce_waiter(sem, task, writes)) {
        list_add_tail(&self.node, &sem->queue);
        while (!self.admitted) {
            WRITE_ONCE(task->state, TASK_UNINTERRUPTIBLE);
            spin_unlock_irqrestore(&sem->lock, flags);
            schedule();
            flags = spin_lock_irqsave(&sem->lock);
        }
    }
    spin_unlock_irqrestore(&sem->lock, flags);
}

/* --- taking and leaving ---------------------------------------------------------------------- */

static NOINLINE void down_unusually(struct rwsem *sem, bool writes)
{
    might_sleep();
    lock_note_taking(&sem->id);
    if (!(writes ? write_at_once(sem, current) : read_at_once(sem)))
        down_slowly(sem, writes);
}

void down_read(struct rwsem *sem) UNCHECKED_LOCKS
{
    if (unlikely(!may_sleep_at_once()) || unlikely(!lock_note_usual(current, &sem->id)))
        down_unusually(sem, false);
    else if (unlikely(!read_at_once(sem)))
        down_slowly(sem, false);
}

void down_write(struct rwsem *sem) UNCHECKED_LOCKS
{
    if (unlikely(!may_sleep_at_once()) || unlikely(!lock_note_usual(current, &sem->id)))
        down_unusually(sem, true);
    else if (unlikely(!write_at_once(sem, current)))
        down_slowly(sem, true);
}

bool down_read_trylock(struct rwsem *sem) UNCHECKED_LOCKS
{
    bool taken = read_at_once(sem);
    if (taken)
        lock_note_taken(&sem->id);
    return taken;
}

bool down_write_trylock(struct rwsem *sem) UNCHECKED_LOCKS
{
    bool taken = write_at_once(sem, current);
    if (taken)
        lock_note_taken(&sem->id);
    return taken;
}

/* A reader has left, with @before in sem->count, and was not alone. */
static NOINLINE void reader_left(struct rwsem *sem, u32 before)
{
    assert(before > RWSEM_WAITERS && before < RWSEM_WAITERS + RWSEM_WRITER);
    if (before == RWSEM_WAITERS + 1)
        admit_next(sem);
}

static ALWAYS_INLINE void leave_reading(struct rwsem *sem)
{
    u32 before = __atomic_fetch_sub(&sem->count, 1, __ATOMIC_RELEASE);
    if (unlikely(before >= RWSEM_WRITER)) /* somebody waits; or it was not held for reading */
        reader_left(sem, before);
}

static ALWAYS_INLINE void leave_writing(struct rwsem *sem)
{
    sem->writer = NULL;
    if (unlikely(__atomic_sub_fetch(&sem->count, RWSEM_WRITER, __ATOMIC_RELEASE) != 0))
        admit_next(sem);
}

static NOINLINE void up_unusually(struct rwsem *sem)
{
    if (!lock_note_released(&sem->id))
        return;
    if (rwsem_is_write_held(sem))
        leave_writing(sem);
    else
        leave_reading(sem);
}

void up_read(struct rwsem *sem) UNCHECKED_LOCKS
{
    if (unlikely(!lock_forget_usual(current, &sem->id)))
        up_unusually(sem);
    else
        leave_reading(sem);
}

void up_write(struct rwsem *sem) UNCHECKED_LOCKS
{
    struct task *task = current;
    if (unlikely(!lock_forget_usual(task, &sem->id))) {
        up_unusually(sem);
        return;
    }
    assert(sem->writer == task);
    leave_writing(sem);
}

void downgrade_write(struct rwsem *sem) UNCHECKED_LOCKS
{
    assert(sem->writer == current);
    sem->writer = NULL;
    u32 left = __atomic_sub_fetch(&sem->count, RWSEM_WRITER - 1, __ATOMIC_RELEASE);
    if (left & RWSEM_WAITERS)
        admit_next(sem);
}

bool rwsem_is_write_held(const struct rwsem *sem) { return READ_ONCE(sem->writer) == current; }

bool rwsem_is_held(const struct rwsem *sem) { return READ_ONCE(sem->count) & ~RWSEM_WAITERS; }

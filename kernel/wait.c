/*
 * Wait queues.
 *
 * A waiter stays on the queue until wait_end(): being woken twice is harmless, since every waiter
 * looks at its condition again.  Its state is set under the queue's lock and before the condition
 * is looked at: see wait.h for why that loses no wake-up.
 */
#include "kernel/wait.h"

#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wall_clock.h"

void wait_queue_init(struct wait_queue *queue)
{
    spin_lock_init(&queue->lock, RANK_WAIT_QUEUE, "wait queue");
    list_init(&queue->waiters);
}

void waiter_init(struct waiter *waiter, bool exclusive)
{
    list_init(&waiter->node);
    waiter->task = current;
    waiter->exclusive = exclusive;
    waiter->function = NULL;
}

void wait_attach(struct wait_queue *queue, struct waiter *waiter)
{
    irqflags_t flags = spin_lock_irqsave(&queue->lock);
    list_add_tail(&waiter->node, &queue->waiters);
    spin_unlock_irqrestore(&queue->lock, flags);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* on it first, then the caller looks */
}

void wait_detach(struct wait_queue *queue, struct waiter *waiter)
{
    irqflags_t flags = spin_lock_irqsave(&queue->lock);
    list_del_init(&waiter->node);
    spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_begin(struct wait_queue *queue, struct waiter *waiter, enum task_state state)
{
    irqflags_t flags = spin_lock_irqsave(&queue->lock);
    if (list_empty(&waiter->node))
        list_add_tail(&waiter->node, &queue->waiters);
    __atomic_store_n(&waiter->task->state, (u8)state, __ATOMIC_SEQ_CST);
    spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_end(struct wait_queue *queue, struct waiter *waiter)
{
    WRITE_ONCE(waiter->task->state, TASK_RUNNING);
    wait_detach(queue, waiter);
}

int wait_sleep(enum task_state state) { return wait_sleep_until(state, NEVER_NS); }

/* Has somebody who sleeps in @state to see to something else? */
static bool is_interrupted(enum task_state state)
{
    return (state == TASK_INTERRUPTIBLE && task_signal_pending(current)) ||
           (state == TASK_KILLABLE && task_is_killed(current));
}

int wait_sleep_until(enum task_state state, u64 deadline_ns)
{
    if (is_interrupted(state))
        return -EINTR;
    if (deadline_ns == NEVER_NS) {
        schedule();
        return 0;
    }
    if (time_now_ns() >= deadline_ns)
        return -ETIMEDOUT;
    schedule_until(deadline_ns);
    return 0;
}

int wait_sleep_until_wall(enum task_state state, u64 deadline_ns)
{
    if (is_interrupted(state))
        return -EINTR;
    if (wall_clock_ns() >= deadline_ns)
        return -ETIMEDOUT;
    schedule_until_wall(deadline_ns);
    return 0;
}

/*
 * Is the queue empty, as seen after whatever the caller has made true?  Who comes upon it later
 * will see that: wait_begin() has a full barrier, too.
 */
static bool nobody_waits(const struct wait_queue *queue)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return READ_ONCE(queue->waiters.next) == &queue->waiters;
}

/* Wake ordinary waiters, and @exclusive of the others, in the order they came. */
static NOINLINE void wake(struct wait_queue *queue, unsigned exclusive)
{
    irqflags_t flags = spin_lock_irqsave(&queue->lock);
    struct waiter *waiter;
    list_for_each_entry (waiter, &queue->waiters, node) {
        if (waiter->function)
            waiter->function(waiter);
        else if (!waiter->exclusive)
            task_wake(waiter->task);
        else if (exclusive > 0 && task_wake(waiter->task))
            exclusive--;
    }
    spin_unlock_irqrestore(&queue->lock, flags);
}

void wake_up(struct wait_queue *queue)
{
    if (!nobody_waits(queue))
        wake(queue, 1);
}

void wake_up_all(struct wait_queue *queue)
{
    if (!nobody_waits(queue))
        wake(queue, UINT32_MAX);
}

void wake_up_one(struct wait_queue *queue)
{
    if (nobody_waits(queue))
        return;
    irqflags_t flags = spin_lock_irqsave(&queue->lock);
    struct waiter *waiter;
    list_for_each_entry (waiter, &queue->waiters, node) {
        if (waiter->function)
            waiter->function(waiter);
        else if (task_wake(waiter->task))
            break; /* one that was asleep; who is awake looks again anyway */
    }
    spin_unlock_irqrestore(&queue->lock, flags);
}

bool wait_queue_empty(const struct wait_queue *queue) { return nobody_waits(queue); }

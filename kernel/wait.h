/*
 * Wait queues: sleeping until something is true.
 *
 * The waiter puts itself on the queue, marks itself asleep, THEN looks whether it must sleep;
 * the waker makes the thing true, THEN looks at the queue.  In whichever order the two meet, one
 * of them sees the other, so no wake-up is lost.  wait_event() is that loop:
 *
 *     waiter                                   waker
 *     ------------------------------------     --------------------------------
 *     wait_event(&ring->queue, ring->full);    ring->full = true;
 *                                              wake_up(&ring->queue);
 *
 * Waiters are woken first come, first served.  wake_up() wakes all ordinary waiters and one
 * exclusive one (wait_event_exclusive: those of whom only one can be served).
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/lock_order.h"
#include "kernel/spinlock.h"
#include "kernel/task_state.h"
#include "lib/annotate.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "lib/types.h"

struct task;

/* (l) under lock */
struct wait_queue {
    struct spinlock lock;     /* taken with interrupts off: handlers wake, too */
    struct list_node waiters; /* (l) struct waiter */
};

/* One task, or one function, on one queue; a task's lives on its stack. */
struct waiter {
    struct list_node node; /* (l) */
    struct task *task;     /* constant */
    bool exclusive;        /* constant */
    /*
     * Called at each waking instead of waking @task; NULL: there is none.  With the queue's lock
     * held, interrupts off: it may take locks that rank higher, and wake tasks.
     */
    void (*function)(struct waiter *self);
};

#define WAIT_QUEUE_INIT(queue)                                \
    {                                                         \
        .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "wait queue"), \
        .waiters = LIST_INIT((queue).waiters)                 \
    }

/* Define the empty wait queue @name. */
#define WAIT_QUEUE(name) struct wait_queue name = WAIT_QUEUE_INIT(name)

void wait_queue_init(struct wait_queue *queue);

/* Wake all ordinary waiters and the first exclusive one.  Any context but NMI. */
void wake_up(struct wait_queue *queue);

/* Wake the first waiter.  Any context but NMI. */
void wake_up_one(struct wait_queue *queue);

/* Wake every waiter, exclusive or not.  Any context but NMI. */
void wake_up_all(struct wait_queue *queue);

/* Is nobody waiting? */
bool wait_queue_empty(const struct wait_queue *queue);

/*
 * The pieces of wait_event(): be on @queue, marked as sleeping in @state; sleep; be off it.
 * wait_begin() may be repeated.
 */
void wait_begin(struct wait_queue *queue, struct waiter *waiter, enum task_state state);
void wait_end(struct wait_queue *queue, struct waiter *waiter);

/* Put @waiter, which has a function, behind all others on @queue; take it off again. */
void wait_attach(struct wait_queue *queue, struct waiter *waiter);
void wait_detach(struct wait_queue *queue, struct waiter *waiter);

/*
 * Sleep after wait_begin(); -EINTR at once with TASK_INTERRUPTIBLE if a signal is pending, with
 * TASK_KILLABLE if the task must end.
 */
int wait_sleep(enum task_state state);

/* Sleep as wait_sleep() does, until @deadline_ns at the latest: then -ETIMEDOUT. */
int wait_sleep_until(enum task_state state, u64 deadline_ns);

/* The same, until the wall clock shows @deadline_ns. */
int wait_sleep_until_wall(enum task_state state, u64 deadline_ns);

void waiter_init(struct waiter *waiter, bool exclusive);

#define WAIT_LOOP(queue, condition, sleep_state, is_exclusive, sleep) \
    ({                                                                \
        struct waiter wait_self;                                      \
        int wait_result = 0;                                          \
        might_sleep();                                                \
        waiter_init(&wait_self, is_exclusive);                        \
        for (;;) {                                                    \
            wait_begin(queue, &wait_self, sleep_state);               \
            if (condition)                                            \
                break;                                                \
            wait_result = (sleep);                                    \
            if (wait_result < 0 || (condition))                       \
                break;                                                \
        }                                                             \
        wait_end(queue, &wait_self);                                  \
        wait_result;                                                  \
    })

/* Sleep until @condition is true.  Sleeps. */
#define wait_event(queue, condition) \
    (void)WAIT_LOOP(queue, condition, TASK_UNINTERRUPTIBLE, false, wait_sleep(TASK_UNINTERRUPTIBLE))

/* As wait_event(), of many such waiters wake_up() wakes one. */
#define wait_event_exclusive(queue, condition) \
    (void)WAIT_LOOP(queue, condition, TASK_UNINTERRUPTIBLE, true, wait_sleep(TASK_UNINTERRUPTIBLE))

/* Sleep until @condition is true (0) or a signal is pending (-EINTR).  Sleeps. */
#define wait_event_interruptible(queue, condition) \
    WAIT_LOOP(queue, condition, TASK_INTERRUPTIBLE, false, wait_sleep(TASK_INTERRUPTIBLE))

/* Sleep until @condition is true (0) or the task must end (-EINTR).  Sleeps. */
#define wait_event_killable(queue, condition) \
    WAIT_LOOP(queue, condition, TASK_KILLABLE, false, wait_sleep(TASK_KILLABLE))

/* Sleep until @condition is true (0) or the clock shows @deadline_ns (-ETIMEDOUT).  Sleeps. */
#define wait_event_until(queue, condition, deadline_ns)                      \
    ({                                                                       \
        u64 wait_deadline_ns = (deadline_ns);                                \
        WAIT_LOOP(queue, condition, TASK_UNINTERRUPTIBLE, false,             \
                  wait_sleep_until(TASK_UNINTERRUPTIBLE, wait_deadline_ns)); \
    })

/* Both: 0, -EINTR or -ETIMEDOUT.  Sleeps. */
#define wait_event_interruptible_until(queue, condition, deadline_ns)      \
    ({                                                                     \
        u64 wait_deadline_ns = (deadline_ns);                              \
        WAIT_LOOP(queue, condition, TASK_INTERRUPTIBLE, false,             \
                  wait_sleep_until(TASK_INTERRUPTIBLE, wait_deadline_ns)); \
    })

/* The same by the wall clock.  Sleeps. */
#define wait_event_interruptible_until_wall(queue, condition, deadline_ns)      \
    ({                                                                          \
        u64 wait_deadline_ns = (deadline_ns);                                   \
        WAIT_LOOP(queue, condition, TASK_INTERRUPTIBLE, false,                  \
                  wait_sleep_until_wall(TASK_INTERRUPTIBLE, wait_deadline_ns)); \
    })

#endif

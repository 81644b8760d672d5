/*
 * Wait queues: the right waiters wake, for the right reasons.
 */
#include "kernel/wait.h"

#include "kernel/ktest.h"
#include "kernel/run_queue.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"

enum {
    WAITERS = 4,
};

static WAIT_QUEUE(queue);
static unsigned permits; /* atomic: how many waiters may go on */
static unsigned awake;   /* atomic: how many did */

static bool take_permit(void)
{
    unsigned seen = READ_ONCE(permits);
    while (seen > 0) {
        if (__atomic_compare_exchange_n(&permits, &seen, seen - 1, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED))
            return true;
    }
    return false;
}

static void wait_exclusive(void *data)
{
    wait_event_exclusive(&queue, take_permit());
    __atomic_fetch_add(&awake, 1, __ATOMIC_SEQ_CST);
}

static void wait_ordinary(void *data)
{
    wait_event(&queue, take_permit());
    __atomic_fetch_add(&awake, 1, __ATOMIC_SEQ_CST);
}

/* Has @task gone to sleep, and its CPU gone on to another?  Else a wake-up needs no switch. */
static bool is_asleep(const struct task *task)
{
    for_each_online_cpu (cpu)
        if (READ_ONCE(run_queue_of(cpu)->running) == task)
            return false;
    return READ_ONCE(task->state) == TASK_UNINTERRUPTIBLE;
}

static void start(struct task **threads, void (*function)(void *data))
{
    permits = awake = 0;
    for (unsigned i = 0; i < WAITERS; i++) {
        threads[i] = ktest_thread(function, NULL, -1);
        while (!is_asleep(threads[i]))
            sched_yield();
    }
}

static void end(struct task **threads)
{
    __atomic_store_n(&permits, WAITERS, __ATOMIC_SEQ_CST);
    wake_up_all(&queue);
    for (unsigned i = 0; i < WAITERS; i++)
        ktest_join(threads[i]);
    ktest_assert(wait_queue_empty(&queue));
}

static unsigned count_switched(struct task **threads, const unsigned long *before)
{
    unsigned switched = 0;
    for (unsigned i = 0; i < WAITERS; i++)
        switched += READ_ONCE(threads[i]->switches) != before[i];
    return switched;
}

/* With a permit for one, @wake puts @expected of the waiters on a CPU, and one goes on. */
static void expect_woken(void (*function)(void *data), void (*wake)(struct wait_queue *queue),
                         unsigned expected)
{
    struct task *threads[WAITERS];
    unsigned long before[WAITERS];
    start(threads, function);
    for (unsigned i = 0; i < WAITERS; i++)
        before[i] = READ_ONCE(threads[i]->switches);
    __atomic_store_n(&permits, 1, __ATOMIC_SEQ_CST);
    wake(&queue);
    u64 deadline_ns = time_now_ns() + 10 * NS_PER_S; /* a slow machine may need a while, */
    while (count_switched(threads, before) < expected && time_now_ns() < deadline_ns)
        time_sleep_ns(NS_PER_TICK);
    time_sleep_ns(2 * NS_PER_TICK); /* and then there should come no more */
    unsigned woken = count_switched(threads, before);
    unsigned went_on = READ_ONCE(awake);
    end(threads);
    ktest_equal(woken, expected);
    ktest_equal(went_on, 1);
}

KTEST(wake_up_wakes_one_exclusive_waiter) { expect_woken(wait_exclusive, wake_up, 1); }

KTEST(wake_up_wakes_all_ordinary_waiters) { expect_woken(wait_ordinary, wake_up, WAITERS); }

KTEST(wake_up_one_wakes_one) { expect_woken(wait_ordinary, wake_up_one, 1); }

KTEST(wake_up_all_wakes_exclusive_waiters_too)
{
    expect_woken(wait_exclusive, wake_up_all, WAITERS);
}

/* --- other ends of a wait -------------------------------------------------------------------- */

static int result;

static void wait_for_signal(void *data) { result = wait_event_interruptible(&queue, false); }

KTEST(a_signal_ends_an_interruptible_wait)
{
    struct task *thread = ktest_thread(wait_for_signal, NULL, -1);
    while (READ_ONCE(thread->state) != TASK_INTERRUPTIBLE)
        sched_yield();
    WRITE_ONCE(thread->signal_pending, true);
    ktest_assert(task_interrupt(thread, false));
    ktest_join(thread);
    ktest_equal(result, -EINTR);
}

KTEST(a_signal_does_not_end_an_uninterruptible_wait)
{
    struct task *threads[WAITERS];
    start(threads, wait_ordinary);
    ktest_assert(!task_interrupt(threads[0], false));
    end(threads);
}

KTEST(a_wait_with_a_deadline_ends_there_and_not_before)
{
    u64 deadline_ns = time_now_ns() + 2 * NS_PER_TICK;
    ktest_equal(wait_event_until(&queue, false, deadline_ns), -ETIMEDOUT);
    ktest_assert(time_now_ns() >= deadline_ns);
    ktest_assert(wait_queue_empty(&queue));
    ktest_equal(wait_event_until(&queue, true, deadline_ns), 0);
}

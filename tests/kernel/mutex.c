/*
 * Mutexes: one holder, first come first served, misuse reported.
 */
#include "kernel/mutex.h"

#include "kernel/ktest.h"
#include "kernel/lock_held.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/task.h"

enum {
    WORKERS = 6,
    ROUNDS = 200,
};

static MUTEX(outer, RANK_TEST_OUTER);
static MUTEX(inner, RANK_TEST_INNER);

static struct task *inside; /* who is, under outer */
static u64 shared;          /* under outer */

static void work(void *data) UNCHECKED_LOCKS
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        mutex_lock(&outer);
        ktest_assert(!READ_ONCE(inside));
        WRITE_ONCE(inside, current);
        u64 seen = READ_ONCE(shared);
        if (ktest_random() % 4 == 0)
            sched_yield();
        ktest_assert(READ_ONCE(inside) == current);
        WRITE_ONCE(shared, seen + 1);
        WRITE_ONCE(inside, NULL);
        mutex_unlock(&outer);
    }
}

KTEST(workers_on_all_cpus_are_never_inside_together)
{
    struct task *workers[WORKERS];
    shared = 0;
    for (unsigned i = 0; i < WORKERS; i++)
        workers[i] = ktest_thread(work, NULL, -1);
    for (unsigned i = 0; i < WORKERS; i++)
        ktest_join(workers[i]);
    ktest_equal(shared, WORKERS * ROUNDS);
    ktest_assert(!outer.owner);
}

/* --- fairness -------------------------------------------------------------------------------- */

static unsigned arrivals[WORKERS]; /* who came in, in order; under outer */
static unsigned arrived;

static void arrive(void *data) UNCHECKED_LOCKS
{
    mutex_lock(&outer);
    arrivals[arrived++] = (unsigned)(uintptr_t)data;
    mutex_unlock(&outer);
}

KTEST(waiters_get_it_in_the_order_they_came) UNCHECKED_LOCKS
{
    struct task *workers[WORKERS];
    arrived = 0;
    mutex_lock(&outer);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = ktest_thread(arrive, (void *)(uintptr_t)i, -1);
        while (READ_ONCE(workers[i]->state) != TASK_UNINTERRUPTIBLE)
            sched_yield();
    }
    mutex_unlock(&outer);
    bool overtook = mutex_trylock(&outer); /* it was handed to the first of them */
    if (overtook)
        mutex_unlock(&outer);
    for (unsigned i = 0; i < WORKERS; i++)
        ktest_join(workers[i]);
    ktest_assert(!overtook || arrived == WORKERS);
    for (unsigned i = 0; i < WORKERS; i++)
        ktest_equal(arrivals[i], i);
}

KTEST(trylock_fails_while_it_is_held) UNCHECKED_LOCKS
{
    ktest_assert(mutex_trylock(&outer));
    ktest_assert(mutex_is_held(&outer));
    ktest_assert(!mutex_trylock(&outer));
    mutex_unlock(&outer);
    ktest_assert(!mutex_is_held(&outer));
}

static void lock_or_try(void *data) UNCHECKED_LOCKS
{
    for (unsigned i = 0; i < 3 * ROUNDS; i++) {
        if (ktest_random() % 2 == 0)
            mutex_lock(&outer);
        else if (!mutex_trylock(&outer))
            continue;
        const u64 seen = READ_ONCE(shared);
        if (ktest_random() % 16 == 0)
            sched_yield();
        ktest_equal(READ_ONCE(shared), seen);
        WRITE_ONCE(shared, seen + 1);
        mutex_unlock(&outer);
    }
}

/* The fast path, on all CPUs, against handing over. */
KTEST(trying_and_waiting_tasks_are_never_inside_together)
{
    struct task *workers[WORKERS];
    shared = 0;
    for (unsigned i = 0; i < WORKERS; i++)
        workers[i] = ktest_thread(lock_or_try, NULL, -1);
    for (unsigned i = 0; i < WORKERS; i++)
        ktest_join(workers[i]);
    ktest_equal(outer.owner, 0);
    ktest_assert(list_empty(&outer.queue));
}

/* --- misuse ---------------------------------------------------------------------------------- */

KTEST(taking_an_outer_mutex_inside_an_inner_one_is_reported) UNCHECKED_LOCKS
{
    ktest_expect_report("lock order");
    mutex_lock(&inner);
    mutex_lock(&outer);
    mutex_unlock(&outer);
    mutex_unlock(&inner);
    ktest_report_seen();
}

KTEST(taking_an_inner_mutex_inside_an_outer_one_is_fine) UNCHECKED_LOCKS
{
    ktest_expect_report("");
    mutex_lock(&outer);
    mutex_lock(&inner);
    ktest_equal(lock_count_held(current), 2);
    mutex_unlock(&outer);
    mutex_unlock(&inner);
    ktest_equal(lock_count_held(current), 0);
    ktest_assert(!report_seen());
}

static void release_foreign(void *data) UNCHECKED_LOCKS { mutex_unlock(&inner); }

KTEST(only_the_holder_may_unlock) UNCHECKED_LOCKS
{
    ktest_expect_report("does not hold");
    mutex_lock(&inner);
    ktest_join(ktest_thread(release_foreign, NULL, -1));
    bool still_held = mutex_is_held(&inner);
    mutex_unlock(&inner);
    ktest_assert(still_held);
    ktest_report_seen();
}

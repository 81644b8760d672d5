/*
 * Reader-writer semaphores: readers together, writers alone, nobody starves.
 */
#include "kernel/rwsem.h"

#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"

enum {
    READERS = 4,
    WRITERS = 2,
    ROUNDS = 150,
};

static struct rwsem sem;
static u64 left, right;   /* equal whenever no writer is inside */
static unsigned together; /* atomic: readers inside */
static bool stop;

static void setup(void)
{
    rwsem_init(&sem, RANK_TEST_OUTER, "test");
    left = right = 0;
    together = 0;
    stop = false;
}

static void read_often(void *data) UNCHECKED_LOCKS
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        down_read(&sem);
        __atomic_add_fetch(&together, 1, __ATOMIC_RELAXED);
        u64 seen = READ_ONCE(left);
        if (ktest_random() % 4 == 0)
            sched_yield();
        ktest_equal(READ_ONCE(right), seen);
        __atomic_sub_fetch(&together, 1, __ATOMIC_RELAXED);
        up_read(&sem);
    }
}

static void write_often(void *data) UNCHECKED_LOCKS
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        down_write(&sem);
        ktest_equal(READ_ONCE(together), 0);
        u64 seen = left;
        WRITE_ONCE(left, seen + 1);
        if (ktest_random() % 4 == 0)
            sched_yield();
        WRITE_ONCE(right, seen + 1);
        if (i % 8 == 0) {
            downgrade_write(&sem);
            ktest_equal(READ_ONCE(right), seen + 1);
            up_read(&sem);
        } else {
            up_write(&sem);
        }
    }
}

KTEST(writers_are_alone_and_readers_see_whole_writes)
{
    struct task *threads[READERS + WRITERS];
    setup();
    for (unsigned i = 0; i < READERS + WRITERS; i++)
        threads[i] = ktest_thread(i < READERS ? read_often : write_often, NULL, -1);
    for (unsigned i = 0; i < READERS + WRITERS; i++)
        ktest_join(threads[i]);
    ktest_equal(left, WRITERS * ROUNDS);
    ktest_equal(right, left);
    ktest_assert(!rwsem_is_held(&sem));
}

static void read_for_ever(void *data) UNCHECKED_LOCKS
{
    while (!READ_ONCE(stop)) {
        down_read(&sem);
        sched_yield(); /* another reader is in before this one is out */
        up_read(&sem);
        cond_resched();
    }
}

KTEST(a_writer_gets_in_between_readers_that_never_all_leave) UNCHECKED_LOCKS
{
    struct task *threads[READERS];
    setup();
    for (unsigned i = 0; i < READERS; i++)
        threads[i] = ktest_thread(read_for_ever, NULL, -1);
    time_sleep_ns(NS_PER_TICK);
    for (unsigned i = 0; i < 20; i++) {
        down_write(&sem);
        up_write(&sem);
    }
    WRITE_ONCE(stop, true);
    for (unsigned i = 0; i < READERS; i++)
        ktest_join(threads[i]);
}

/*
 * The fast paths against the queue: every way in and out, on all CPUs, most often while nobody
 * else is there but sometimes just when somebody begins to wait.
 */
static unsigned writers_inside; /* atomic */

static void check_inside(bool writes)
{
    if (writes) {
        ktest_equal(__atomic_add_fetch(&writers_inside, 1, __ATOMIC_RELAXED), 1);
        ktest_equal(__atomic_load_n(&together, __ATOMIC_RELAXED), 0);
    } else {
        __atomic_add_fetch(&together, 1, __ATOMIC_RELAXED);
        ktest_equal(__atomic_load_n(&writers_inside, __ATOMIC_RELAXED), 0);
    }
    if (ktest_random() % 16 == 0)
        sched_yield();
    __atomic_sub_fetch(writes ? &writers_inside : &together, 1, __ATOMIC_RELAXED);
}

static void come_and_go(void *data) UNCHECKED_LOCKS
{
    for (unsigned i = 0; i < 3 * ROUNDS; i++) {
        const unsigned way = ktest_random() % 8;
        bool writes = way < 3;
        if (way == 0 && !down_write_trylock(&sem))
            continue;
        if (way == 3 && !down_read_trylock(&sem))
            continue;
        if (way == 1 || way == 2)
            down_write(&sem);
        if (way > 3)
            down_read(&sem);
        check_inside(writes);
        if (way == 2) {
            downgrade_write(&sem);
            writes = false;
            check_inside(writes);
        }
        if (writes)
            up_write(&sem);
        else
            up_read(&sem);
    }
}

KTEST(every_way_in_and_out_at_once)
{
    struct task *threads[READERS + WRITERS];
    setup();
    for (unsigned i = 0; i < READERS + WRITERS; i++)
        threads[i] = ktest_thread(come_and_go, NULL, -1);
    for (unsigned i = 0; i < READERS + WRITERS; i++)
        ktest_join(threads[i]);
    ktest_equal(sem.count, 0);
    ktest_assert(list_empty(&sem.queue));
    ktest_assert(!sem.writer);
}

/* --- the queue ------------------------------------------------------------------------------- */

static void read_once(void *data) UNCHECKED_LOCKS
{
    down_read(&sem);
    WRITE_ONCE(*(bool *)data, true);
    up_read(&sem);
}

static void write_once(void *data) UNCHECKED_LOCKS
{
    down_write(&sem);
    WRITE_ONCE(*(bool *)data, true);
    up_write(&sem);
}

static struct task *start_waiting(void (*function)(void *data), bool *done)
{
    struct task *thread = ktest_thread(function, done, -1);
    while (READ_ONCE(thread->state) != TASK_UNINTERRUPTIBLE)
        sched_yield();
    return thread;
}

KTEST(a_reader_waits_behind_a_waiting_writer) UNCHECKED_LOCKS
{
    bool wrote = false, did_read = false;
    setup();
    down_read(&sem);
    struct task *writer = start_waiting(write_once, &wrote);
    struct task *reader = start_waiting(read_once, &did_read);
    bool trylock = down_read_trylock(&sem);
    ktest_assert(!trylock);
    ktest_assert(!wrote);
    ktest_assert(!did_read);
    up_read(&sem);
    ktest_join(writer);
    ktest_join(reader);
    ktest_assert(wrote);
    ktest_assert(did_read);
}

KTEST(readers_are_inside_together) UNCHECKED_LOCKS
{
    bool did_read = false;
    setup();
    down_read(&sem);
    ktest_join(ktest_thread(read_once, &did_read, -1));
    up_read(&sem);
    ktest_assert(did_read);
}

KTEST(a_downgraded_writer_shares_with_waiting_readers) UNCHECKED_LOCKS
{
    bool did_read = false;
    setup();
    down_write(&sem);
    struct task *reader = start_waiting(read_once, &did_read);
    downgrade_write(&sem);
    ktest_join(reader); /* comes to its end while we hold it for reading */
    ktest_assert(did_read);
    ktest_assert(!down_write_trylock(&sem));
    up_read(&sem);
    ktest_assert(down_write_trylock(&sem));
    ktest_assert(rwsem_is_write_held(&sem));
    up_write(&sem);
}

/* A waiter that cannot run yet, because it is on our CPU and we give way to nobody. */
static struct task *start_waiting_here(void (*function)(void *data), bool *done)
{
    struct task *thread = ktest_thread(function, done, (int)cpu_id());
    while (READ_ONCE(thread->state) != TASK_UNINTERRUPTIBLE)
        sched_yield();
    return thread;
}

KTEST(what_is_handed_to_a_waiting_writer_cannot_be_snatched) UNCHECKED_LOCKS
{
    bool wrote = false;
    setup();
    migrate_disable();
    down_write(&sem);
    struct task *writer = start_waiting_here(write_once, &wrote);
    preempt_disable();
    up_write(&sem); /* it is the waiter's now, though it sleeps still */
    ktest_assert(!wrote);
    bool snatched = down_write_trylock(&sem) || down_read_trylock(&sem);
    bool held = rwsem_is_held(&sem);
    preempt_enable();
    migrate_enable();
    ktest_join(writer);
    ktest_assert(wrote);
    ktest_assert(held);
    ktest_assert(!snatched);
}

KTEST(a_downgraded_lock_lets_no_reader_overtake_a_waiting_writer) UNCHECKED_LOCKS
{
    bool wrote = false;
    setup();
    down_write(&sem);
    struct task *writer = start_waiting(write_once, &wrote);
    downgrade_write(&sem);
    bool overtook = down_read_trylock(&sem);
    ktest_assert(!wrote);
    up_read(&sem);
    ktest_join(writer);
    ktest_assert(wrote);
    ktest_assert(!overtook);
    ktest_equal(sem.count, 0);
}

KTEST(a_lock_tried_out_of_order_hides_no_higher_one) UNCHECKED_LOCKS
{
    struct rwsem high, middle;
    setup();
    rwsem_init(&high, RANK_TEST_INNER, "high");
    rwsem_init(&middle, RANK_INODE, "middle");
    ktest_expect_report("lock order");
    down_read(&high);
    bool tried = down_read_trylock(&sem); /* the lowest, now the last taken */
    ktest_assert(!report_seen());
    ktest_expect_report("lock order");
    down_read(&middle);
    up_read(&middle);
    up_read(&high); /* in any order */
    up_read(&sem);
    ktest_assert(tried);
    ktest_report_seen();
    ktest_equal(sem.count | high.count | middle.count, 0);
}

KTEST(reading_twice_in_one_task_is_reported) UNCHECKED_LOCKS
{
    setup();
    ktest_expect_report("deadlock: task");
    down_read(&sem);
    down_read(&sem);
    up_read(&sem);
    up_read(&sem);
    ktest_report_seen();
}

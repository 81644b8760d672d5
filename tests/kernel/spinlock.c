/*
 * Spinlocks exclude, and every misuse that could deadlock is reported before it does.
 */
#include "kernel/spinlock.h"

#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"

static SPINLOCK(low, RANK_TEST_SPIN);
static SPINLOCK(high, RANK_ZONE);
static struct spinlock pair[2];

static u64 shared;  /* under low */
static u64 counted; /* under low: what shared must come to */

/* Count until *@data, a time: long enough for all CPUs to be at it at once. */
static void count_up(void *data) UNCHECKED_LOCKS
{
    const u64 end_ns = *(u64 *)data;
    unsigned rounds = 0;
    while (time_now_ns() < end_ns) {
        for (unsigned i = 0; i < 64; i++) {
            spin_lock(&low);
            WRITE_ONCE(shared, READ_ONCE(shared) + 1);
            spin_unlock(&low);
        }
        rounds += 64;
    }
    spin_lock(&low);
    counted += rounds;
    spin_unlock(&low);
}

static void count_on_all_cpus(void)
{
    u64 end_ns = time_now_ns() + 10 * NS_PER_TICK;
    shared = counted = 0;
    ktest_on_each_cpu(count_up, &end_ns);
    ktest_equal(shared, counted);
    ktest_equal(low.next, low.served);
}

KTEST(all_cpus_count_under_one_lock_and_lose_nothing) { count_on_all_cpus(); }

KTEST(all_cpus_count_in_turn_and_lose_nothing)
{
    spin_set_always_fair(true);
    count_on_all_cpus();
    spin_set_always_fair(false);
}

KTEST(a_lower_rank_under_a_higher_one_is_reported) UNCHECKED_LOCKS
{
    ktest_expect_report("lock order");
    spin_lock(&high);
    spin_lock(&low);
    spin_unlock(&low);
    spin_unlock(&high);
    ktest_report_seen();
}

KTEST(a_higher_rank_under_a_lower_one_is_fine) UNCHECKED_LOCKS
{
    ktest_expect_report("lock order");
    spin_lock(&low);
    spin_lock(&high);
    ktest_equal(spin_count_held(), 2);
    spin_unlock(&low); /* in any order */
    spin_unlock(&high);
    ktest_equal(spin_count_held(), 0);
    ktest_assert(!report_seen());
}

KTEST(a_lock_tried_out_of_order_hides_no_higher_one) UNCHECKED_LOCKS
{
    static SPINLOCK(middle, RANK_PAGE_TABLE);
    ktest_expect_report("lock order");
    spin_lock(&high);
    bool tried = spin_trylock(&low); /* now the last taken */
    ktest_assert(!report_seen());
    ktest_expect_report("lock order");
    spin_lock(&middle);
    spin_unlock(&middle);
    spin_unlock(&high); /* in any order */
    spin_unlock(&low);
    ktest_assert(tried);
    ktest_report_seen();
    ktest_equal(spin_count_held(), 0);
}

KTEST(taking_a_lock_twice_is_reported) UNCHECKED_LOCKS
{
    ktest_expect_report("deadlock: CPU");
    spin_lock(&low);
    spin_lock(&low);
    spin_unlock(&low);
    ktest_assert(spin_is_held(&low));
    ktest_assert(!spin_trylock(&low)); /* the first unlock has freed nothing */
    spin_unlock(&low);
    ktest_assert(!spin_is_held(&low));
    ktest_report_seen();
}

KTEST(unlocking_what_is_not_held_is_reported) UNCHECKED_LOCKS
{
    ktest_expect_report("does not hold");
    preempt_disable(); /* which the unlock will enable */
    spin_unlock(&low);
    ktest_report_seen();
    ktest_assert(spin_trylock(&low));
    spin_unlock(&low);
}

KTEST(two_locks_of_one_rank_nest_by_address_only) UNCHECKED_LOCKS
{
    spin_lock_init(&pair[0], RANK_TEST_SPIN, "first");
    spin_lock_init(&pair[1], RANK_TEST_SPIN, "second");
    ktest_expect_report("lock order");
    spin_lock(&pair[0]);
    spin_lock_nested(&pair[1]);
    spin_unlock(&pair[1]);
    spin_unlock(&pair[0]);
    ktest_assert(!report_seen());

    ktest_expect_report("lock order");
    spin_lock(&pair[1]);
    spin_lock_nested(&pair[0]);
    spin_unlock(&pair[0]);
    spin_unlock(&pair[1]);
    ktest_report_seen();

    ktest_expect_report("lock order");
    spin_lock(&pair[0]);
    spin_lock(&pair[1]);
    spin_unlock(&pair[1]);
    spin_unlock(&pair[0]);
    ktest_report_seen();
}

KTEST(a_lock_of_interrupts_taken_with_interrupts_on_is_reported) UNCHECKED_LOCKS
{
    struct spinlock lock;
    spin_lock_init(&lock, RANK_TEST_SPIN, "of interrupts");
    irqflags_t flags = irq_save();
    irq_enter();
    spin_lock(&lock);
    spin_unlock(&lock);
    irq_exit();
    irq_restore(flags);

    flags = spin_lock_irqsave(&lock); /* right */
    spin_unlock_irqrestore(&lock, flags);

    ktest_expect_report("deadlock ahead");
    spin_lock(&lock);
    spin_unlock(&lock);
    ktest_report_seen();
}

KTEST(a_lock_that_comes_after_those_of_handlers_taken_with_interrupts_on_is_reported)
UNCHECKED_LOCKS
{
    struct spinlock lock;
    spin_lock_init(&lock, RANK_INPUT, "after those of handlers");
    irqflags_t flags = spin_lock_irqsave(&lock); /* right */
    spin_unlock_irqrestore(&lock, flags);

    ktest_expect_report("lock order ahead");
    spin_lock(&lock);
    spin_unlock(&lock);
    ktest_report_seen();
}

static bool held; /* atomic: the lock is the other CPU's by now */

static void try_to_take(void *data) UNCHECKED_LOCKS
{
    bool *taken = data;
    while (!__atomic_load_n(&held, __ATOMIC_ACQUIRE))
        sched_yield();
    *taken = spin_trylock(&low);
    if (*taken)
        spin_unlock(&low);
}

KTEST(trylock_gives_up_when_another_cpu_holds_the_lock) UNCHECKED_LOCKS
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    bool taken = true;
    held = false;
    migrate_disable();
    struct task *other = ktest_thread(try_to_take, &taken, cpu_id() == 0 ? 1 : 0);
    spin_lock(&low);
    __atomic_store_n(&held, true, __ATOMIC_RELEASE);
    while (READ_ONCE(other->state) != TASK_ZOMBIE)
        cpu_relax();
    spin_unlock(&low);
    migrate_enable();
    ktest_join(other);
    ktest_assert(!taken);
}

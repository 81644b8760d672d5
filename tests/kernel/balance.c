/*
 * Balancing: work spreads over the CPUs, and what must stay where it is does.
 */
#include "kernel/sched.h"

#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/time.h"

enum {
    TASKS = 8,
    ROUNDS = 60,
};

static bool stop;

static void hog(void *data)
{
    while (!READ_ONCE(stop)) {
        cpu_relax();
        cond_resched();
    }
}

/* How many tasks CPUs have pulled from others so far. */
static u64 total_pulls(void)
{
    u64 pulls = 0;
    for_each_online_cpu (cpu)
        pulls += sched_pulls(cpu);
    return pulls;
}

/* Do all CPUs have work within a second, and not only this test, which was not pulled? */
static bool all_become_busy(u64 pulls_before)
{
    u64 deadline_ns = time_now_ns() + NS_PER_S;
    for (;;) {
        unsigned busy = 0;
        for_each_online_cpu (cpu)
            busy += sched_load(cpu) > 0;
        if (busy == cpus_online && total_pulls() > pulls_before)
            return true;
        if (time_now_ns() > deadline_ns)
            return false;
        time_sleep_ns(NS_PER_TICK);
    }
}

KTEST(idle_cpus_pull_work_from_a_busy_one)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    struct task *hogs[TASKS];
    WRITE_ONCE(stop, false);
    for (unsigned i = 0; i < TASKS; i++)
        hogs[i] = ktest_thread(hog, NULL, 0);
    time_sleep_ns(3 * NS_PER_TICK);
    unsigned crowded = sched_load(0);
    u64 pulls = total_pulls();
    for (unsigned i = 0; i < TASKS; i++)
        hogs[i]->affinity = ~0u; /* behind the scheduler's back: it must come and pull */
    bool spread = all_become_busy(pulls);
    WRITE_ONCE(stop, true);
    for (unsigned i = 0; i < TASKS; i++)
        ktest_join(hogs[i]);
    ktest_assert(crowded >= TASKS);
    ktest_assert(spread);
}

KTEST(a_task_goes_where_its_affinity_says)
{
    for (unsigned round = 0; round < 3; round++) {
        for_each_online_cpu (cpu) {
            ktest_equal(sched_set_affinity(current, 1u << cpu), 0);
            ktest_equal(cpu_id(), cpu);
            sched_yield();
            ktest_equal(cpu_id(), cpu);
        }
    }
    ktest_equal(sched_set_affinity(current, 1u << NR_CPUS), -EINVAL);
    ktest_equal(sched_set_affinity(current, ~0u), 0);
}

/* [L29] */
KTEST(a_change_of_affinity_waits_for_migrate_enable)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    ktest_equal(sched_set_affinity(current, 1 << 0), 0);
    migrate_disable();
    migrate_disable();
    ktest_equal(sched_set_affinity(current, 1 << 1), 0);
    sched_yield();
    unsigned while_disabled = cpu_id();
    migrate_enable();
    sched_yield();
    unsigned still_disabled = cpu_id();
    migrate_enable();
    sched_yield();
    ktest_equal(while_disabled, 0);
    ktest_equal(still_disabled, 0);
    ktest_equal(cpu_id(), 1);
}

static void sleep_pinned_among_idle(void *data)
{
    ktest_equal(sched_set_affinity(current, 1 << 0), 0);
    migrate_disable();
    ktest_equal(sched_set_affinity(current, ~0u), 0);
    for (unsigned i = 0; i < 5; i++) {
        time_sleep_ns(NS_PER_TICK / 2);
        if (cpu_id() != 0)
            __atomic_fetch_add((unsigned *)data, 1, __ATOMIC_RELAXED);
    }
    migrate_enable();
}

/* [L26] */
KTEST(a_pinned_sleeper_wakes_where_it_fell_asleep)
{
    if (cpus_online < 2)
        ktest_skip("needs two CPUs");
    unsigned elsewhere = 0;
    WRITE_ONCE(stop, false);
    struct task *busy = ktest_thread(hog, NULL, 0); /* all but CPU 0 are idle */
    struct task *sleeper = ktest_thread(sleep_pinned_among_idle, &elsewhere, -1);
    ktest_join(sleeper);
    WRITE_ONCE(stop, true);
    ktest_join(busy);
    ktest_equal(elsewhere, 0);
}

/* [L29] */
KTEST(enabling_migration_too_often_is_reported)
{
    ktest_expect_report("migrate_enable() without");
    migrate_enable();
    ktest_report_seen();
}

/* --- the hammer ------------------------------------------------------------------------------ */

static unsigned moved; /* atomic: tasks that found themselves elsewhere */

static void stay_put(void *data)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        migrate_disable();
        unsigned here = cpu_id();
        switch (ktest_random() % 4) {
        case 0:
            sched_yield();
            break;
        case 1:
            time_sleep_ns(1);
            break;
        default:
            for (unsigned spin = ktest_random() % 5000; spin > 0; spin--)
                cpu_relax();
        }
        cond_resched();
        if (cpu_id() != here)
            __atomic_fetch_add(&moved, 1, __ATOMIC_RELAXED);
        migrate_enable();
        cond_resched();
    }
}

KTEST(migrate_disable_pins_while_the_balancer_hammers)
{
    struct task *tasks[TASKS];
    moved = 0;
    for (unsigned i = 0; i < TASKS; i++)
        tasks[i] = ktest_thread(stay_put, NULL, -1);
    for (unsigned done = 0; done < TASKS;) {
        u32 cpus = ktest_random() & ((1u << cpus_online) - 1);
        sched_set_affinity(tasks[ktest_random() % TASKS], cpus ? cpus : ~0u);
        sched_yield();
        done = 0;
        for (unsigned i = 0; i < TASKS; i++)
            done += READ_ONCE(tasks[i]->state) == TASK_ZOMBIE;
    }
    for (unsigned i = 0; i < TASKS; i++)
        ktest_join(tasks[i]);
    ktest_equal(moved, 0);
    for_each_online_cpu (cpu)
        ktest_equal(sched_pinned(cpu), 0);
}

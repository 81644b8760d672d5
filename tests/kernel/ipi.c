/*
 * Interrupts between CPUs: a call runs where it was asked to, once, and is over when it says so.
 */
#include "arch/x86/ipi.h"

#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/time.h"

enum {
    CALLS = 50,
};

static u32 runs[NR_CPUS]; /* (a) by CPU */
static u32 total;         /* (a) */
static u32 wrong;         /* (a) */

static void count_run(void *unused)
{
    __atomic_add_fetch(&runs[cpu_id()], 1, __ATOMIC_RELAXED);
    if (!irqs_disabled())
        __atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
}

KTEST(a_call_runs_on_exactly_the_cpus_asked)
{
    wrong = 0;
    for (cpumask_t cpus = 0; cpus <= cpumask_online(); cpus++) {
        for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
            runs[cpu] = 0;
        ipi_call(cpus, count_run, NULL, true);
        for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
            ktest_equal(runs[cpu], cpus >> cpu & 1);
    }
    ktest_equal(wrong, 0);
}

KTEST(cpus_that_are_not_online_are_not_waited_for)
{
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
        runs[cpu] = 0;
    ipi_call(~(cpumask_t)0, count_run, NULL, true);
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
        ktest_equal(runs[cpu], cpumask_online() >> cpu & 1);
}

static void count_slowly(void *unused)
{
    time_delay_ns(NS_PER_MS);
    __atomic_add_fetch(&total, 1, __ATOMIC_RELEASE);
}

KTEST(a_call_that_waits_returns_after_all_have_finished)
{
    total = 0;
    ipi_call(cpumask_online(), count_slowly, NULL, true);
    ktest_equal(total, cpus_online);
}

static void count_total(void *weight)
{
    __atomic_add_fetch(&total, *(u32 *)weight, __ATOMIC_RELAXED);
}

static void call_all_often(void *unused)
{
    u32 weight = 1; /* on the stack: gone when a call returns too early */
    for (unsigned i = 0; i < CALLS; i++)
        ipi_call(cpumask_online(), count_total, &weight, true);
    weight = 1000000;
    barrier();
}

KTEST(all_cpus_may_call_all_others_at_once)
{
    total = 0;
    ktest_on_each_cpu(call_all_often, NULL);
    ktest_equal(total, CALLS * cpus_online * cpus_online);
}

static void call_all_without_waiting(void *weight)
{
    for (unsigned i = 0; i < CALLS; i++)
        ipi_call(cpumask_online(), count_total, weight, false);
}

KTEST(calls_that_do_not_wait_arrive_too)
{
    static u32 weight = 1;
    u32 expected = CALLS * cpus_online * cpus_online;

    total = 0;
    ktest_on_each_cpu(call_all_without_waiting, &weight);
    for (unsigned ms = 0; ms < 1000 && READ_ONCE(total) < expected; ms += 10)
        time_sleep_ns(10 * NS_PER_MS);
    ktest_equal(READ_ONCE(total), expected);
}

KTEST(a_call_with_interrupts_off_is_reported)
{
    if (cpus_online == 1)
        ktest_skip("one CPU");
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
        runs[cpu] = 0;
    ktest_expect_report("interrupts off");
    irq_disable();
    unsigned own = cpu_id();
    ipi_call(cpumask_online(), count_run, NULL, true);
    irq_enable();
    ktest_report_seen();
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++)
        ktest_equal(runs[cpu], cpu == own);
}

static u32 is_blocked; /* (a) a CPU sits with interrupts off */

/* With interrupts off, wait for an NMI. */
static void wait_for_nmi(void *before)
{
    irqflags_t flags = irq_save();
    WRITE_ONCE(is_blocked, 1);
    u64 end = time_now_ns() + NS_PER_S;
    while (nmi_count(cpu_id()) == *(unsigned *)before && time_now_ns() < end)
        cpu_relax();
    irq_restore(flags);
}

KTEST(an_nmi_reaches_a_cpu_with_interrupts_off)
{
    if (cpus_online == 1)
        ktest_skip("one CPU");
    unsigned target = cpus_online - 1, before = nmi_count(target);
    is_blocked = 0;
    ktest_equal(sched_set_affinity(current, 1), 0); /* not on the CPU that will not let us run */
    struct task *thread = ktest_thread(wait_for_nmi, &before, (int)target);
    while (!READ_ONCE(is_blocked))
        time_sleep_ns(NS_PER_MS);
    ipi_request_stack(target);
    ktest_join(thread);
    ktest_equal(nmi_count(target), before + 1);
}

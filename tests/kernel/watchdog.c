/*
 * The watchdog: it reports who is stuck, and nobody else.
 */
#include "kernel/watchdog.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/percpu.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/time.h"

#define LIMIT_NS (200 * NS_PER_MS)
#define STUCK_NS (600 * NS_PER_MS)

static void restore_limit(void) { watchdog_set_limit_ns(WATCHDOG_LIMIT_S * NS_PER_S); }

static void keep_interrupts_off(void *unused)
{
    irqflags_t flags = irq_save();
    time_delay_ns(STUCK_NS);
    irq_restore(flags);
}

KTEST(a_cpu_with_interrupts_off_is_reported_by_the_one_before_it)
{
    if (cpus_online == 1)
        ktest_skip("one CPU");
    unsigned before = watchdog_reports_hard(), cpu = cpus_online - 1;
    unsigned nmis = nmi_count(cpu);
    watchdog_set_limit_ns(LIMIT_NS);
    ktest_join(ktest_thread(keep_interrupts_off, NULL, (int)cpu));
    restore_limit();
    ktest_assert(watchdog_reports_hard() > before);
    ktest_assert(nmi_count(cpu) > nmis); /* it was made to show its stack */
}

KTEST(a_cpu_that_is_not_given_up_is_reported_by_its_tick)
{
    unsigned before = watchdog_reports_soft();
    watchdog_set_limit_ns(LIMIT_NS);
    preempt_disable();
    time_delay_ns(STUCK_NS);
    preempt_enable();
    restore_limit();
    ktest_assert(watchdog_reports_soft() > before);
}

KTEST(a_busy_task_that_can_be_preempted_is_not_reported)
{
    unsigned before = watchdog_reports_hard() + watchdog_reports_soft();
    watchdog_set_limit_ns(2 * NS_PER_S); /* an emulated CPU may have to wait for the host */
    u64 end = time_now_ns() + 5 * NS_PER_S / 2;
    while (time_now_ns() < end)
        cond_resched();
    restore_limit();
    ktest_equal(watchdog_reports_hard() + watchdog_reports_soft(), before);
}

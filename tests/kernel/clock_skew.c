/*
 * A CPU whose TSC is behind the others': the clock changes to another counter and does not go
 * back.  The machine keeps that clock afterwards, so this runs only when asked for by its name.
 */
#include "arch/x86/clock.h"
#include "arch/x86/counter.h"
#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/string.h"

enum {
    BEHIND = 100000000, /* TSC ticks: far more than a loaded host delays a virtual CPU */
};

static u32 may_compare; /* (a) */

/* The TSC as the last CPU's would be if it were behind. */
static u64 read_skewed(void) { return rdtsc() - (cpu_id() == 0 ? 0 : BEHIND); }

static void be_the_new_cpu(void *unused)
{
    irq_disable();
    WRITE_ONCE(may_compare, 1);
    clock_compare_cpus(true);
    irq_enable();
}

KTEST(a_tsc_that_is_behind_ends_the_use_of_the_tsc)
{
    if (strcmp(ktest_wanted(), "clock_skew.*") != 0)
        ktest_skip("it changes the clock for good: only when asked for by name");
    if (cpus_online == 1 || strcmp(clock_name(), "tsc") != 0)
        ktest_skip("two CPUs and the TSC are needed");

    ktest_equal(sched_set_affinity(current, 1), 0);
    u64 before = time_now_ns();
    struct task *thread = ktest_thread(be_the_new_cpu, NULL, 1);
    while (!READ_ONCE(may_compare))
        time_sleep_ns(NS_PER_MS);
    irq_disable();
    counter_tsc.read = read_skewed;
    clock_compare_cpus(false);
    irq_enable();
    u64 after = time_now_ns();
    ktest_join(thread);

    ktest_assert(strcmp(clock_name(), "tsc") != 0);
    ktest_assert(after > before);
    ktest_assert(after - before < 5 * NS_PER_S);
}

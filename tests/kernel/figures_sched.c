/*
 * What a context switch costs: counted in instructions where the TSC counts them (-icount).
 */
#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"

enum {
    SWITCHES = 2000,
};

static bool stop;

static void yield_for_ever(void *data)
{
    while (!READ_ONCE(stop))
        sched_yield();
}

KTEST(a_switch_between_two_kernel_threads)
{
    stop = false;
    ktest_equal(sched_set_affinity(current, 1), 0);
    struct task *partner = ktest_thread(yield_for_ever, NULL, 0);
    sched_yield();
    u64 switches = current->switches + partner->switches;
    u64 start = rdtsc();
    for (unsigned i = 0; i < SWITCHES / 2; i++)
        sched_yield();
    u64 instructions = rdtsc() - start;
    switches = current->switches + partner->switches - switches;
    WRITE_ONCE(stop, true);
    ktest_join(partner);
    ktest_assert(switches >= SWITCHES);
    ktest_note("figure context_switch %u", (unsigned)(instructions / (unsigned)switches));
}

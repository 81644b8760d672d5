/*
 * What every CPU must have of its own, and what all must have alike.
 */
#include "arch/x86/cpu.h"

#include "arch/x86/percpu.h"
#include "arch/x86/pte.h"
#include "arch/x86/stacktrace.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "lib/string.h"

#define PAT_WANTED 0x0007010600070106 /* write back, write combine, uncached minus, uncached */

static DEFINE_PER_CPU(u32, number_squared);
static DEFINE_PER_CPU(u32, as_linked) = 12345;
static u32 cpus_seen; /* atomic: a bit for each */

static void use_own_variables(void *data)
{
    preempt_disable();
    unsigned cpu = cpu_id();
    ktest_assert(this_cpu_ptr(number_squared) == per_cpu_ptr(number_squared, cpu));
    this_cpu_write(number_squared, 0);
    for (unsigned i = 0; i < cpu; i++)
        this_cpu_add(number_squared, cpu);
    __atomic_or_fetch(&cpus_seen, 1u << cpu, __ATOMIC_RELAXED);
    ktest_equal(this_cpu_read(as_linked), 12345);
    preempt_enable();
}

KTEST(each_cpu_has_its_own_variables)
{
    cpus_seen = 0;
    ktest_on_each_cpu(use_own_variables, NULL);
    ktest_equal(cpus_seen, (1u << cpus_online) - 1);
    for_each_online_cpu (cpu)
        ktest_equal(*per_cpu_ptr(number_squared, cpu), cpu * cpu);
}

KTEST(changing_a_variable_of_this_cpu_says_when_it_is_zero)
{
    preempt_disable();
    this_cpu_write(number_squared, 1);
    this_cpu_inc(number_squared);
    bool early = this_cpu_dec_is_zero(number_squared);
    bool in_time = this_cpu_dec_is_zero(number_squared);
    this_cpu_or(number_squared, 0xf0);
    this_cpu_and(number_squared, 0x3f);
    u32 left = this_cpu_read(number_squared);
    preempt_enable();
    ktest_assert(!early);
    ktest_assert(in_time);
    ktest_equal(left, 0x30);
}

static void check_protection(void *data)
{
    ktest_equal(cr4_read() & ~(unsigned long)CR4_PCIDE, cpu_cr4_wanted());
    ktest_equal(cr0_read() & ~CR0_PAGING & ~(unsigned long)CR0_TASK_SWITCHED,
                (unsigned long)(cpu_has(CPU_FPU)
                                    ? CR0_BOOT
                                    : (CR0_BOOT & ~CR0_MONITOR_FPU) | CR0_EMULATE_FPU));
    if (pte_nx)
        ktest_assert(rdmsr(MSR_EFER) & EFER_NX);
    if (cpu_has(CPU_PAT))
        ktest_equal(rdmsr(MSR_PAT), PAT_WANTED);
    ktest_assert(!(cpu_flags() & FLAGS_ALIGNMENT_CHECK));
}

/* [trap 1] */
KTEST(every_cpu_is_protected_alike) { ktest_on_each_cpu(check_protection, NULL); }

KTEST(an_address_has_the_name_of_its_function)
{
    size_t offset;
    const char *name = symbol_lookup((vaddr_t)symbol_lookup + 5, &offset);
    ktest_assert(name);
    ktest_assert(strcmp(name, "symbol_lookup") == 0);
    ktest_equal(offset, 5);
    ktest_assert(!symbol_lookup(0, &offset));
    ktest_assert(!symbol_lookup((vaddr_t)&cpus_seen, &offset));
}

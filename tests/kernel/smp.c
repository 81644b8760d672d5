/*
 * The other CPUs are set up as the boot CPU is.
 */
#include "arch/x86/smp.h"

#include "arch/x86/cpu.h"
#include "arch/x86/ipi.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pte.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"

/* What must be the same on all CPUs. */
struct state {
    unsigned long cr0, cr4;
    u64 efer, pat;
};

static struct state states[NR_CPUS];
static unsigned numbers[NR_CPUS];

static void note_state(void *unused)
{
    unsigned cpu = cpu_id();
    states[cpu] = (struct state){
        .cr0 = cr0_read() & ~(unsigned long)CR0_TASK_SWITCHED,
        .cr4 = cr4_read(),
        .efer = pte_nx || cpu_has(CPU_LONG_MODE) ? rdmsr(MSR_EFER) : 0,
        .pat = cpu_has(CPU_PAT) ? rdmsr(MSR_PAT) : 0,
    };
    numbers[cpu] = *this_cpu_ptr(cpu_number);
}

KTEST(all_cpus_have_the_same_protections)
{
    ipi_call(cpumask_online(), note_state, NULL, true);
    for_each_online_cpu (cpu) {
        ktest_equal(states[cpu].cr0, states[0].cr0);
        ktest_equal(states[cpu].cr4, states[0].cr4);
        ktest_equal(states[cpu].efer, states[0].efer);
        ktest_equal(states[cpu].pat, states[0].pat);
        ktest_equal(numbers[cpu], cpu);
    }
    ktest_assert(states[0].cr0 & CR0_WRITE_PROTECT);
}

static void note_cpu(void *cpu) { *(unsigned *)cpu = cpu_id(); }

KTEST(a_thread_can_run_on_every_cpu)
{
    for_each_online_cpu (cpu) {
        unsigned ran_on = NR_CPUS;
        ktest_join(ktest_thread(note_cpu, &ran_on, (int)cpu));
        ktest_equal(ran_on, cpu);
    }
}

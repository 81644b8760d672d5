/*
 * Interrupts that CPUs send each other: look at your run queue, run this function, stop.
 *
 * A call is a record on the caller's stack and one link of it in the list of each CPU it is for;
 * the interrupt only says "look at your list".  While a caller waits it has interrupts on and so
 * serves the calls of others: any number of CPUs may call each other at once.
 */
#ifndef ARCH_X86_IPI_H
#define ARCH_X86_IPI_H

#include "arch/x86/percpu.h"
#include "lib/types.h"

struct trapframe;

typedef u32 cpumask_t; /* bit n: CPU n */

static_assert(NR_CPUS <= 32, "a CPU is a bit of a cpumask_t");

/* Make @cpu look whether it should schedule: its handler calls preempt_fold().  Any context. */
void ipi_reschedule(unsigned cpu);

/*
 * Run @function(@argument) on all online CPUs in @cpus, the caller's among them if it is in
 * there, each with interrupts off inside irq_enter() (on the caller's own CPU: with interrupts
 * off).  With @wait, return when all have finished, else as soon as all have been told.
 *
 * @function must be short, and must not call this function.
 * Locks: interrupts on (else it is reported, and other CPUs are left out); so no spinlock may be
 *        held that anybody takes with interrupts off.  Preemption may be off.  The caller may use
 *        what @function did: it happened before this returns.
 */
void ipi_call(cpumask_t cpus, void (*function)(void *argument), void *argument, bool wait);

/* The CPUs that are online.  A snapshot that only grows. */
static inline cpumask_t cpumask_online(void)
{
    return ((cpumask_t)1 << (__atomic_load_n(&cpus_online, __ATOMIC_ACQUIRE) - 1) << 1) - 1;
}

/*
 * Stop all other CPUs for good, even those with interrupts off (by NMI), for a panic: wait a
 * little for them to be still.  One CPU, once.
 *
 * Returns: how many have not answered.  Any context.
 */
unsigned ipi_halt_others(void);

/* Ask @cpu for a report with its stack, by NMI: it comes even with interrupts off.  Any context. */
void ipi_request_stack(unsigned cpu);

/* NMIs that @cpu has handled.  A snapshot. */
unsigned nmi_count(unsigned cpu);

/*
 * Handle an NMI: stop, or report, or say that nobody knows where it came from.  Called by trap()
 * alone, inside nmi_enter().
 */
void nmi_dispatch(const struct trapframe *frame);

#endif

/*
 * When a task may be taken off its CPU.
 *
 * Each CPU counts why the current task must stay: one number, so that a single test answers.
 *
 *     31        20    19  16 15    8 7         0
 *    +----+ ... +---+-------+-------+-----------+
 *    | N  |     |nmi|hardirq|   0   |   depth   |
 *    +----+ ... +---+-------+-------+-----------+
 *
 * depth counts preempt_disable() and held spinlocks, hardirq and nmi the interrupts being
 * handled.  N is 1 while NO reschedule is wanted.  So the number is 0 exactly when somebody
 * wants the CPU and nothing forbids to give it, and preempt_enable() is one decrement and one
 * branch.
 *
 * Models (preempt=none|voluntary|full; default full) differ in who looks at the wish:
 *
 *    model     | preempt_enable(), end of interrupt | cond_resched() | might_sleep() | to user
 *    ----------+------------------------------------+----------------+---------------+---------
 *    none      | -                                  | switches       | only checks   | switches
 *    voluntary | -                                  | switches       | switches      | switches
 *    full      | switches                           | -              | only checks   | switches
 *
 * In none and voluntary N is never cleared; the wish is in need_resched alone.
 */
#ifndef KERNEL_PREEMPT_H
#define KERNEL_PREEMPT_H

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "lib/annotate.h"
#include "lib/types.h"

enum {
    PREEMPT_ONE = 1 << 0,
    PREEMPT_DEPTH_MASK = 0xff,
    PREEMPT_HARDIRQ_ONE = 1 << 16,
    PREEMPT_HARDIRQ_MASK = 0xf << 16,
    PREEMPT_NMI = 1 << 20,
};
#define PREEMPT_NO_RESCHED 0x80000000u

enum preempt_model { PREEMPT_NONE, PREEMPT_VOLUNTARY, PREEMPT_FULL };

DECLARE_PER_CPU(u32, preempt_count);
DECLARE_PER_CPU(u32, need_resched_flag);

/* The model chosen at boot. */
enum preempt_model preempt_model(void);

/* Change the model while the machine runs: for tests. */
void preempt_set_model(enum preempt_model model);

/* Give the CPU away because preempt_count reached 0.  Called by preempt_enable() alone. */
void preempt_schedule(void);

/* As preempt_schedule(), from the end of an interrupt: enters and leaves with interrupts off. */
void preempt_schedule_irq(void);

/* Give the CPU away on the way to user mode if somebody wants it.  Interrupts are off around it. */
void preempt_schedule_user(void);

/* Let preempt_count know of a wish another CPU left in need_resched.  Interrupts off. */
void preempt_fold(void);

/* Keep the current task on this CPU and the CPU on this task.  Nests.  Any context. */
static inline void preempt_disable(void)
{
    this_cpu_inc(preempt_count);
    barrier();
}

/* End what preempt_disable() began; may switch to another task.  Any context. */
static inline void preempt_enable(void)
{
    barrier();
    if (unlikely(this_cpu_dec_is_zero(preempt_count)))
        preempt_schedule();
}

/* As preempt_enable(), where the caller is about to schedule anyway. */
static inline void preempt_enable_no_resched(void)
{
    barrier();
    this_cpu_dec(preempt_count);
}

/* Does anybody want this CPU?  Any context. */
static inline bool need_resched(void) { return !this_cpu_is(need_resched_flag, 0); }

/* Does anybody want this CPU, and may it be given away at once?  Any context. */
static inline bool preempt_pending(void) { return this_cpu_is(preempt_count, 0); }

/* Is this a place where nothing may sleep: preemption off, or an interrupt? */
static inline bool in_atomic(void)
{
    return (this_cpu_read(preempt_count) & ~PREEMPT_NO_RESCHED) != 0;
}

/* Is an interrupt or NMI being handled? */
static inline bool in_interrupt(void)
{
    return this_cpu_any(preempt_count, PREEMPT_HARDIRQ_MASK | PREEMPT_NMI);
}

static inline bool in_nmi(void) { return (this_cpu_read(preempt_count) & PREEMPT_NMI) != 0; }

/* Enter and leave the handling of an interrupt.  Interrupts off. */
static inline void irq_enter(void)
{
    this_cpu_add(preempt_count, PREEMPT_HARDIRQ_ONE);
    barrier();
}

static inline void irq_exit(void)
{
    barrier();
    this_cpu_add(preempt_count, -PREEMPT_HARDIRQ_ONE);
}

/* Enter and leave the handling of an NMI, which may come anywhere but in an NMI. */
static inline void nmi_enter(void)
{
    this_cpu_add(preempt_count, PREEMPT_NMI);
    barrier();
}

static inline void nmi_exit(void)
{
    barrier();
    this_cpu_add(preempt_count, -PREEMPT_NMI);
}

/*
 * Let others run if they want to, in a long loop of the kernel.  In model full it does nothing:
 * there the CPU was given away already.
 *
 * Returns: whether it switched.  Sleeps only in the sense of waiting for its turn.
 */
bool cond_resched(void);

/*
 * Say that the caller may sleep further on.  Reports, in every build, a caller that must not;
 * in model voluntary also gives the CPU away if somebody wants it.
 */
#define might_sleep() (likely(may_sleep_at_once()) ? (void)0 : might_sleep_at(__FILE__, __LINE__))

/* Is there nothing that might_sleep() would have to do? */
static inline bool may_sleep_at_once(void)
{
    return this_cpu_is(preempt_count, PREEMPT_NO_RESCHED) && !need_resched() && !irqs_disabled();
}

/* What might_sleep() does in the unusual case. */
void might_sleep_at(const char *file, int line);

/*
 * Keep the current task on this CPU, though it may be preempted and may sleep.  Nests.
 * The load balancer leaves such a task where it is.  Any context with a task.
 */
void migrate_disable(void);
void migrate_enable(void);

/*
 * Make page faults of this task on user addresses fail at once instead of being resolved: the
 * user copy then returns what it did not copy.  Nests.  Independent of preemption.
 */
void pagefault_disable(void);
void pagefault_enable(void);

/* Must a fault on a user address fail at once?  Also true in_atomic(). */
bool pagefault_disabled(void);

#endif

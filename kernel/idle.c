/*
 * Idle tasks: what a CPU runs when nobody wants it.
 *
 * The CPU halts until an interrupt.  Between the look at need_resched and the halt interrupts are
 * off, and switching them on takes effect only after the instruction that follows: so a wake-up
 * between the two ends the halt at once.
 */
#include "arch/x86/cpu.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/assert.h"

void sched_idle_function(void *data)
{
    for (;;) {
        irq_disable();
        if (!need_resched()) {
            cpu_halt_with_irqs();
            continue;
        }
        irq_enable();
        schedule();
    }
}

_Noreturn void sched_start_cpu(void)
{
    struct task *idle = task_idle(cpu_id());
    assert(irqs_disabled());
    assert(current == idle);
    sched_init_cpu(cpu_id(), idle, idle);
    sched_idle_function(NULL);
    __builtin_unreachable();
}

/* The boot task stays, asleep: kernel threads whose parents end become its children. */
_Noreturn void sched_idle(void)
{
    for (;;)
        time_sleep_ns(NS_PER_S * 3600);
}

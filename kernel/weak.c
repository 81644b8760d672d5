/*
 * Stand-ins for what has not arrived yet, so that the kernel links.  Each goes when the real one
 * comes; then this file goes.
 */
#include "arch/x86/ipi.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/power.h"
#include "arch/x86/stacktrace.h"
#include "kernel/preempt.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "kernel/wait.h"

#define WEAK __attribute__((weak))

WEAK DEFINE_PER_CPU(unsigned, cpu_number);
WEAK DEFINE_PER_CPU(u32, preempt_count) = PREEMPT_NO_RESCHED;
WEAK bool ipi_halt_others(void) { return true; }
WEAK int irq_request(unsigned isa_irq, void (*handler)(void *data), void *data, const char *name)
{
    return -EINVAL;
}
WEAK _Noreturn void machine_halt(void)
{
    for (;;)
        cpu_halt();
}
WEAK _Noreturn void machine_exit(int status) { machine_halt(); }
WEAK _Noreturn void machine_reboot(void) { machine_halt(); }
WEAK void might_sleep_at(const char *file, int line) {}
WEAK irqflags_t spin_lock_irqsave(struct spinlock *lock) { return irq_save(); }
WEAK void spin_unlock_irqrestore(struct spinlock *lock, irqflags_t flags) { irq_restore(flags); }
WEAK void stack_trace_print(const struct trapframe *frame) {}
WEAK u64 time_now_ns(void) { return 0; }
WEAK void waiter_init(struct waiter *waiter, bool exclusive) {}
WEAK void wait_begin(struct wait_queue *queue, struct waiter *waiter, enum task_state state) {}
WEAK void wait_end(struct wait_queue *queue, struct waiter *waiter) {}
WEAK int wait_sleep(enum task_state state) { return 0; }
WEAK void wake_up(struct wait_queue *queue) {}

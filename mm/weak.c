/*
 * Stand-ins for what has not arrived yet, so that the kernel links.  Each goes when the real one
 * comes; then this file goes.
 */
#include "arch/x86/cpu.h"
#include "arch/x86/extable.h"
#include "arch/x86/ipi.h"
#include "arch/x86/percpu.h"
#include "arch/x86/pte.h"
#include "arch/x86/trap.h"
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "kernel/signal.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"

#define WEAK __attribute__((weak)) UNCHECKED_LOCKS

WEAK void report(const char *format, ...) {}
WEAK unsigned cpus_online = 1;
WEAK void spin_lock(struct spinlock *lock) {}
WEAK void spin_unlock(struct spinlock *lock) {}
WEAK bool spin_trylock(struct spinlock *lock) { return true; }
WEAK irqflags_t spin_lock_irqsave(struct spinlock *lock) { return irq_save(); }
WEAK void spin_unlock_irqrestore(struct spinlock *lock, irqflags_t flags) { irq_restore(flags); }
WEAK void spin_lock_init(struct spinlock *lock, enum lock_rank rank, const char *name) {}
WEAK DEFINE_PER_CPU(uintptr_t, cpu_offset);
WEAK uintptr_t cpu_offsets[NR_CPUS];
WEAK void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name) {}
WEAK void mutex_lock(struct mutex *mutex) {}
WEAK void mutex_unlock(struct mutex *mutex) {}
WEAK void ipi_call(cpumask_t cpus, void (*function)(void *argument), void *argument, bool wait) {}
WEAK void time_sleep_ns(u64 ns) {}
WEAK void might_sleep_at(const char *file, int line) {}
WEAK u32 cpu_features[CPU_FEATURE_WORDS];
WEAK pte_bits_t pte_nx;
WEAK vaddr_t extable_find(vaddr_t ip) { return 0; }
WEAK bool trap_fixup(struct trapframe *frame) { return false; }
WEAK _Noreturn void trap_die(struct trapframe *frame, const char *why) { panic("%s", why); }
WEAK _Noreturn void task_fatal_signal(struct trapframe *frame, int signal, int code,
                                      vaddr_t address)
{
    panic("signal %d", signal);
}

/*
 * Stand-ins for what has not arrived yet, so that the kernel links.  Each goes when the real one
 * comes; then this file goes.
 */
#include "arch/x86/ipi.h"
#include "arch/x86/percpu.h"
#include "kernel/mutex.h"
#include "kernel/preempt.h"
#include "kernel/report.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "mm/clear.h"
#include "mm/kernel_map.h"
#include "mm/kmap.h"
#include "mm/pagetable.h"

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
WEAK struct page_table *kernel_root;
WEAK pte_t *pt_find(struct page_table *root, vaddr_t va, unsigned level) { return NULL; }
WEAK void pt_unmap(pte_t *slot) {}
WEAK void *kmap_local_page(const struct page *page) { return NULL; }
WEAK void kunmap_address(const void *address) {}
WEAK void kernel_unmap(vaddr_t va, size_t bytes) {}
WEAK int kernel_map(vaddr_t va, paddr_t phys, size_t bytes, prot_t prot) { return -1; }
WEAK int kernel_map_page(vaddr_t va, pfn_t pfn, prot_t prot) { return -1; }
WEAK void ipi_call(cpumask_t cpus, void (*function)(void *argument), void *argument, bool wait) {}
WEAK void time_sleep_ns(u64 ns) {}
WEAK void clear_highpage(struct page *page) {}
WEAK void might_sleep_at(const char *file, int line) {}

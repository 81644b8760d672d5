/*
 * Stand-ins for what has not arrived yet, so that the kernel links.  Each goes when the real one
 * comes; then this file goes.
 */
#include "arch/x86/context.h"
#include "arch/x86/ipi.h"
#include "arch/x86/irq.h"
#include "arch/x86/percpu.h"
#include "arch/x86/stacktrace.h"
#include "kernel/time.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"

#define WEAK __attribute__((weak))

WEAK DEFINE_PER_CPU(unsigned, cpu_number);
WEAK bool ipi_halt_others(void) { return true; }
WEAK int irq_request(unsigned isa_irq, void (*handler)(void *data), void *data, const char *name)
{
    return -22;
}
WEAK void stack_trace_print(const struct trapframe *frame) {}
WEAK u64 time_now_ns(void) { return 0; }
WEAK DEFINE_PER_CPU(uintptr_t, cpu_offset);
WEAK uintptr_t cpu_offsets[NR_CPUS];
WEAK unsigned cpus_online = 1;
WEAK void stack_trace_task(const struct task *task) {}
WEAK void ipi_reschedule(unsigned cpu) {}
WEAK void *context_prepare(void *stack_top, void (*function)(void *), void *argument)
{
    return NULL;
}
WEAK void context_switch(void **save_sp, void *next_sp) {}
WEAK void machine_switch(struct task *prev, struct task *next) {}
WEAK void *kernel_stack_alloc(void) { return NULL; }
WEAK void kernel_stack_free(void *stack) {}
WEAK struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
                                          void (*ctor)(void *object))
{
    return NULL;
}
WEAK void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) { return NULL; }
WEAK void kmem_cache_free(struct kmem_cache *cache, void *object) {}

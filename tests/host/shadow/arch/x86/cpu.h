/*
 * A CPU for host tests: control registers that the test can see, interrupts that never come.  All
 * else is as in the kernel.
 */
#ifndef TESTS_HOST_SHADOW_ARCH_X86_CPU_H
#define TESTS_HOST_SHADOW_ARCH_X86_CPU_H

/* What an ordinary program must not do: the kernel's own gets other names, */
#define cpu_has       kernel_cpu_has
#define cr3_read      kernel_cr3_read
#define cr3_write     kernel_cr3_write
#define cr4_read      kernel_cr4_read
#define cr4_write     kernel_cr4_write
#define cpu_invlpg    kernel_invlpg
#define irqs_disabled kernel_irqs_disabled
#define irq_disable   kernel_irq_disable
#define irq_enable    kernel_irq_enable
#define irq_save      kernel_irq_save
#define irq_restore   kernel_irq_restore

#include_next "arch/x86/cpu.h"

#undef cpu_has
#undef cr3_read
#undef cr3_write
#undef cr4_read
#undef cr4_write
#undef cpu_invlpg
#undef irqs_disabled
#undef irq_disable
#undef irq_enable
#undef irq_save
#undef irq_restore

/* and this is instead: the test says what the instructions do. */
bool cpu_has(enum cpu_feature feature);
unsigned long cr3_read(void);
void cr3_write(unsigned long value);
unsigned long cr4_read(void);
void cr4_write(unsigned long value);
void cpu_invlpg(vaddr_t va);

static inline bool irqs_disabled(void) { return true; }
static inline void irq_disable(void) {}
static inline void irq_enable(void) {}
static inline irqflags_t irq_save(void) { return 0; }
static inline void irq_restore(irqflags_t flags) {}

#endif

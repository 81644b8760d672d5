/*
 * The interrupt descriptor table: 256 gates, the same for all CPUs.
 *
 * Each gate leads to its stub in entry.asm, which all have the same size.  User programs may
 * raise three vectors themselves: breakpoint, overflow and, on i386, the system call.
 */
#include "arch/x86/descriptors.h"

#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "arch/x86/trap.h"
#include "machine/segments.h"

static struct idt_gate idt[IDT_ENTRIES] ALIGNED(4096);

static bool user_may_raise(unsigned vector)
{
    return vector == TRAP_BREAKPOINT || vector == TRAP_OVERFLOW ||
           (vector == TRAP_SYSCALL && SYSCALL_IS_A_TRAP);
}

void idt_init(void)
{
    for (unsigned vector = 0; vector < IDT_ENTRIES; vector++) {
        uintptr_t stub = (uintptr_t)trap_vectors + vector * TRAP_STUB_BYTES;
        idt[vector] = idt_gate(vector, stub, user_may_raise(vector) ? GATE_USER : GATE_KERNEL);
    }
}

void idt_use(void)
{
    const struct descriptor_table table = { .limit = sizeof(idt) - 1, .base = (uintptr_t)idt };
    idt_load(&table);
}

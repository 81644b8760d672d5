/*
 * Traps: exceptions, interrupts and system calls, once entry.asm has saved the registers.
 */
#ifndef ARCH_X86_TRAP_H
#define ARCH_X86_TRAP_H

#include "lib/types.h"

struct trapframe;

/* Source: Intel SDM vol. 3A, table 6-1 "Exceptions and Interrupts". */
enum trap_vector {
    TRAP_DIVIDE = 0,
    TRAP_DEBUG = 1,
    TRAP_NMI = 2,
    TRAP_BREAKPOINT = 3,
    TRAP_OVERFLOW = 4,
    TRAP_BOUND = 5,
    TRAP_INVALID_OPCODE = 6,
    TRAP_NO_FPU = 7,
    TRAP_DOUBLE_FAULT = 8,
    TRAP_INVALID_TSS = 10,
    TRAP_NO_SEGMENT = 11,
    TRAP_STACK_SEGMENT = 12,
    TRAP_PROTECTION = 13,
    TRAP_PAGE_FAULT = 14,
    TRAP_X87 = 16,
    TRAP_ALIGNMENT = 17,
    TRAP_MACHINE_CHECK = 18,
    TRAP_SIMD = 19,
    TRAP_EXCEPTIONS = 32, /* vectors below are exceptions, the others interrupts */
    TRAP_SYSCALL = 0x80,
    TRAP_VECTORS = 256,
};

/* Source: Intel SDM vol. 3A, 4.7 "Page-Fault Exceptions". */
enum {
    PAGE_FAULT_PRESENT = 1 << 0, /* the entry is there, but forbids it */
    PAGE_FAULT_WRITE = 1 << 1,
    PAGE_FAULT_USER = 1 << 2,
    PAGE_FAULT_RESERVED = 1 << 3, /* an entry on the way has a reserved bit set */
    PAGE_FAULT_FETCH = 1 << 4,
};

/* Handle any vector: entry.asm's only call, interrupts off. */
void trap(struct trapframe *frame);

/* Go to user mode with @frame's registers, from the end of the current task's stack. */
_Noreturn void trap_return(struct trapframe *frame);

/* The page fault in @frame: repair it, send the program a signal, or report it. */
void page_fault(struct trapframe *frame);

/* Print @frame's registers.  Any context. */
void trap_print_registers(const struct trapframe *frame);

/*
 * If the instruction that trapped has a fix-up (extable.h), make @frame continue there.
 *
 * Returns: whether it had one.  Any context.
 */
bool trap_fixup(struct trapframe *frame);

/* Report @frame (error code in words, registers, stack) as @why, and panic. */
_Noreturn void trap_die(struct trapframe *frame, const char *why);

#endif

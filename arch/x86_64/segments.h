/*
 * The x86-64's segments, the same in every CPU's own GDT.
 *
 *     2 kernel code     5 user data     8-9 TSS
 *     3 kernel data     6 user code     10  the CPU's number
 *
 * The order is the syscall and sysret instructions' wish, the user segments' numbers are Linux's,
 * because programs see them.  4 would be 32-bit user code, which there is none of.
 *
 * Vectors that may interrupt the kernel anywhere, even where the stack pointer is still the
 * user's, have stacks of their own, through the TSS's interrupt stack table (IST).
 */
#ifndef MACHINE_SEGMENTS_H
#define MACHINE_SEGMENTS_H

#include "arch/x86/descriptors.h"
#include "arch/x86/percpu.h"
#include "lib/types.h"

enum {
    GDT_ENTRIES = 11,
    IDT_ENTRIES = 256,
};

enum segment_selector {
    KERNEL_CODE = 2 * 8,
    KERNEL_DATA = 3 * 8,
    SYSRET_BASE = 4 * 8 + 3, /* sysret adds 8 for the stack, 16 for the code */
    USER_DATA = 5 * 8 + 3,
    USER_CODE = 6 * 8 + 3,
    TSS_SELECTOR = 8 * 8,
    CPU_NUMBER = 10 * 8 + 3, /* its limit is the number of the CPU: arch/x86/vdso_code.h */
};

/* Numbers in the interrupt stack table. */
enum { IST_NONE, IST_DOUBLE_FAULT, IST_NMI, IST_DEBUG, IST_MACHINE_CHECK, IST_COUNT = 4 };

/* Source: Intel SDM vol. 3A, 7.7 "Task Management in 64-bit Mode". */
struct tss {
    u32 reserved0;
    u64 sp0; /* where traps from user mode begin to push */
    u64 sp1, sp2;
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3, io_map;
} PACKED;

static_assert(sizeof(struct tss) == 104, "the CPU knows where these are");

DECLARE_PER_CPU(struct tss, tss);

/*
 * A stack of the IST: one page, whose top says whose it is, so that entry.asm can find this CPU's
 * variables when it cannot trust %gs.  With: arch/x86_64/entry.asm, ist_entry.
 */
struct ist_stack {
    u8 bytes[4080];
    uintptr_t cpu_offset;
    u64 unused;
} ALIGNED(4096);

static_assert(sizeof(struct ist_stack) == 4096, "a page");

struct idt_gate {
    u16 offset_low;
    u16 selector;
    u8 ist;
    u8 type;
    u16 offset_middle;
    u32 offset_high;
    u32 reserved;
};

/* The gate for @vector that leads to @handler; @type is a GATE_*. */
struct idt_gate idt_gate(unsigned vector, uintptr_t handler, u8 type);

/* Load CPU @cpu, which this code runs on, with its GDT, TSS and per-CPU segment. */
void segments_load(unsigned cpu);

/* From now on a double fault runs with the page tables that CR3 points at now: it does anyway. */
void segments_use_page_tables(void);

/* Make what @cpu's segments need beyond its per-CPU variables.  Returns: 0 or -ENOMEM. */
int segments_create(unsigned cpu) MUST_CHECK;

#endif

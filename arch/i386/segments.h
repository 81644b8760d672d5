/*
 * The i386's segments, the same in every CPU's own GDT.
 *
 *     1 kernel code     4 TSS               6-8 thread-local storage of the running task
 *     2 kernel data     5 TSS of the        14  user code
 *     3 per-CPU (%fs)     double fault      15  user data
 *                                       16  the CPU's number
 *
 * The numbers of the user segments are Linux's, because programs see them.
 */
#ifndef MACHINE_SEGMENTS_H
#define MACHINE_SEGMENTS_H

#include "arch/x86/descriptors.h"
#include "arch/x86/percpu.h"
#include "lib/types.h"

enum {
    GDT_TLS_FIRST = 6,
    GDT_ENTRIES = 17,
    IDT_ENTRIES = 256,
};

enum segment_selector {
    KERNEL_CODE = 1 * 8,
    KERNEL_DATA = 2 * 8,
    PERCPU_DATA = 3 * 8,
    TSS_SELECTOR = 4 * 8,
    DOUBLE_FAULT_TSS = 5 * 8,
    USER_CODE = 14 * 8 + 3,
    USER_DATA = 15 * 8 + 3,
    CPU_NUMBER = 16 * 8 + 3, /* its limit is the number of the CPU: arch/x86/vdso_code.h */
};

/* Source: Intel SDM vol. 3A, 7.2.1 "Task-State Segment (TSS)". */
struct tss {
    u32 link; /* the TSS that a task gate left */
    u32 esp0, ss0;
    u32 unused[4];
    u32 cr3, eip, eflags;
    u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
    u32 es, cs, ss, ds, fs, gs;
    u32 ldt;
    u16 trap, io_map;
};

static_assert(sizeof(struct tss) == 104, "the CPU knows where these are");

DECLARE_PER_CPU(struct tss, tss);

struct idt_gate {
    u16 offset_low;
    u16 selector;
    u8 zero;
    u8 type;
    u16 offset_high;
};

/* The gate for @vector that leads to @handler; @type is a GATE_*. */
struct idt_gate idt_gate(unsigned vector, uintptr_t handler, u8 type);

/* Load CPU @cpu, which this code runs on, with its GDT, TSS and per-CPU segment. */
void segments_load(unsigned cpu);

/* From now on a double fault runs with the page tables that CR3 points at now. */
void segments_use_page_tables(void);

/* Make what @cpu's segments need beyond its per-CPU variables.  Returns: 0 or -ENOMEM. */
int segments_create(unsigned cpu) MUST_CHECK;

#endif

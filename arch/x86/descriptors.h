/*
 * Segment descriptors and gates: how they are packed, and the instructions that load them.
 *
 * Segments are flat here and only give rights and (i386) the base of the per-CPU variables.
 * Which descriptor stands where is machine/segments.h's business.
 * Source: Intel SDM vol. 3A, 3.4.5 "Segment Descriptors" and 6.11 "IDT Descriptors".
 */
#ifndef ARCH_X86_DESCRIPTORS_H
#define ARCH_X86_DESCRIPTORS_H

#include "lib/annotate.h"
#include "lib/types.h"

/* The type byte of a descriptor: present, privilege, kind. */
enum {
    SEGMENT_KERNEL_CODE = 0x9b,
    SEGMENT_KERNEL_DATA = 0x93,
    SEGMENT_USER_CODE = 0xfb,
    SEGMENT_USER_DATA = 0xf3,
    SEGMENT_TSS = 0x89,
    GATE_KERNEL = 0x8e, /* interrupt gates: interrupts are off on entry */
    GATE_USER = 0xee,   /* the same, and user programs may call it with int */
    GATE_TASK = 0x85,
};

/* The flags nibble of a descriptor. */
enum {
    SEGMENT_LONG = 2,
    SEGMENT_32 = 4,
    SEGMENT_IN_PAGES = 8, /* the limit counts pages */
    SEGMENT_FLAT_LIMIT = 0xfffff,
};

/* A place for lgdt, lidt: what sgdt stores. */
struct descriptor_table {
    u16 limit;
    uintptr_t base;
} PACKED;

/* A descriptor for @base (its low 32 bits), @limit, a SEGMENT_* type and flags. */
static inline u64 descriptor(uintptr_t base, u32 limit, u8 type, u8 flags)
{
    u32 low = (limit & 0xffff) | (u32)base << 16;
    u32 high = ((u32)base >> 16 & 0xff) | (u32)type << 8 | (limit & 0xf0000) | (u32)flags << 20 |
               ((u32)base & 0xff000000);
    return (u64)high << 32 | low;
}

static inline void gdt_load(const struct descriptor_table *table)
{
    __asm__ volatile("lgdt %0" : : "m"(*table));
}

static inline void idt_load(const struct descriptor_table *table)
{
    __asm__ volatile("lidt %0" : : "m"(*table));
}

/* Say that there is no local descriptor table: until then the CPU takes one to be at address 0. */
static inline void ldt_load_none(void) { __asm__ volatile("lldt %w0" : : "r"(0)); }

static inline void tss_load(u16 selector) { __asm__ volatile("ltr %0" : : "r"(selector)); }

#endif

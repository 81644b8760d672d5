/*
 * ACPI tables for tests, built piece by piece.
 *
 * A finished table lies in a block of memory of exactly its size, so that AddressSanitizer sees the
 * first byte that is read beyond it.
 */
#ifndef TESTS_HOST_ARCH_X86_ACPI_DRAFT_H
#define TESTS_HOST_ARCH_X86_ACPI_DRAFT_H

#include <stdlib.h>
#include <string.h>

#include "arch/x86/acpi_tables.h"

/* AML given as a string, with its size. */
#define AML(text) text, sizeof(text) - 1

enum { MADT_FIXED = 44, FADT_FIXED = 148 };

/* A table that is being built. */
struct draft {
    u8 bytes[512];
    size_t count;
};

static inline void put(struct draft *draft, size_t offset, u64 value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        draft->bytes[offset + i] = (u8)(value >> 8 * i);
    if (offset + size > draft->count)
        draft->count = offset + size;
}

static inline void append(struct draft *draft, const char *bytes, size_t count)
{
    memcpy(draft->bytes + draft->count, bytes, count);
    draft->count += count;
}

static inline void set_checksum(u8 *bytes, size_t count, size_t at)
{
    u8 sum = 0;
    bytes[at] = 0;
    for (size_t i = 0; i < count; i++)
        sum = (u8)(sum + bytes[i]);
    bytes[at] = (u8)-sum;
}

static inline struct draft begin(const char *signature, size_t fixed)
{
    struct draft draft = { .count = fixed };
    memcpy(draft.bytes, signature, 4);
    return draft;
}

/* The finished table, in memory of its own. */
static inline struct bytes finish(struct draft *draft)
{
    put(draft, 4, draft->count, 4);
    set_checksum(draft->bytes, draft->count, 9);
    u8 *copy = malloc(draft->count);
    memcpy(copy, draft->bytes, draft->count);
    return (struct bytes){ copy, draft->count };
}

static inline void let_go(struct bytes table) { free((void *)table.start); }

static inline struct draft madt_draft(void)
{
    struct draft draft = begin("APIC", MADT_FIXED);
    put(&draft, 36, 0xfee00000, 4);
    put(&draft, 40, 1, 4);
    append(&draft, "\0\10\0\0\1\0\0\0", 8); /* CPU 0, APIC 0, enabled */
    append(&draft, "\0\10\1\2\1\0\0\0", 8); /* CPU 1, APIC 2, enabled */
    append(&draft, "\0\10\2\4\0\0\0\0", 8); /* CPU 2, APIC 4, disabled */
    append(&draft, "\1\14\0\0\0\0\xc0\xfe\30\0\0\0",
           12);                                     /* I/O APIC at 0xfec00000, inputs from 24 */
    append(&draft, "\2\12\0\0\2\0\0\0\0\0", 10);    /* ISA 0 is input 2 */
    append(&draft, "\2\12\0\11\11\0\0\0\15\0", 10); /* ISA 9: high, level */
    append(&draft, "\2\12\0\12\12\0\0\0\17\0", 10); /* ISA 10: low, level */
    append(&draft, "\4\6\xff\0\0\1", 6);            /* NMI at LINT1 of all CPUs */
    return draft;
}

static inline struct draft fadt_draft(void)
{
    struct draft draft = begin("FACP", FADT_FIXED);
    put(&draft, 8, 3, 1);       /* revision */
    put(&draft, 40, 0x1000, 4); /* DSDT */
    put(&draft, 64, 0x604, 4);  /* PM1a */
    put(&draft, 112, 1 << 10, 4);
    put(&draft, 116, 1, 1); /* the reset register is a port */
    put(&draft, 120, 0xcf9, 8);
    put(&draft, 128, 6, 1);
    return draft;
}

/* A DSDT with @count bytes of AML. */
static inline struct bytes dsdt(const char *aml, size_t count)
{
    struct draft draft = begin("DSDT", ACPI_HEADER_BYTES);
    append(&draft, "\x5b\x80", 2); /* something before it */
    append(&draft, aml, count);
    return finish(&draft);
}

#endif

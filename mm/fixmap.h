/*
 * The fixmap: a few pages at fixed virtual addresses whose frames are chosen at run time.
 *
 * One leaf table, part of the image, serves the whole window.  It exists before there is any
 * allocator, so firmware tables and device registers can be read early; and a slot's entry is
 * found by arithmetic alone, which is what kmap_local wants of it.
 *
 *     FIXADDR_TOP   - (0 + 1) * PAGE_BYTES    slot 0
 *     FIXADDR_TOP   - (1 + 1) * PAGE_BYTES    slot 1
 *     ...                                     the larger the index, the lower the address
 */
#ifndef MM_FIXMAP_H
#define MM_FIXMAP_H

#include "arch/x86/percpu.h"
#include "arch/x86/pte.h"
#include "kernel/task.h"
#include "machine/layout.h"

enum fixmap_index {
    FIX_VDSO, /* for programs to see, as the next: arch/x86/vdso.h */
    FIX_VDSO_DATA,
    FIX_LAPIC,
    FIX_IOAPIC,
    FIX_HPET,
    FIX_ACPI, /* a window for reading firmware tables */
    FIX_ACPI_LAST = FIX_ACPI + 7,
    FIX_TEST, /* for tests */
    FIX_HOLE, /* nobody's: what would be the slot before CPU 0's first */
    FIX_KMAP,
    FIX_KMAP_LAST = FIX_KMAP + KMAP_LOCAL_DEPTH * NR_CPUS - 1,
    FIX_COUNT,
};

/*
 * A slot's entry is found by subtraction, so all of them must lie in one table.  With more CPUs it
 * would overflow (33 slots each, in check builds): then it takes tables side by side in memory.
 */
static_assert(FIX_KMAP + 33 * NR_CPUS + 1 <= PT_ENTRIES, "one leaf table serves the fixmap");
static_assert(KMAP_LOCAL_DEPTH <= 33, "check builds have the most slots");
static_assert((FIXADDR_TOP - FIXADDR_START) / 4096 >= FIX_COUNT, "the window holds all slots");

static inline vaddr_t fixmap_address(unsigned index)
{
    return (vaddr_t)FIXADDR_TOP - (index + 1) * PAGE_BYTES;
}

/* Is @va in a page that programs may look at? */
static inline bool fixmap_is_for_programs(vaddr_t va)
{
    return va >= fixmap_address(FIX_VDSO_DATA) && va < FIXADDR_TOP;
}

extern struct page_table fixmap_table; /* for the two below alone */

/* The number of the first page that the table serves; 32 bits tell its addresses apart. */
#define FIXMAP_TABLE_PAGE ((u32)(FIXADDR_TOP & ~(LEVEL_BYTES(1) - 1)) >> PAGE_SHIFT)

/* The leaf table entry of slot @index, and of the slot that shows @va. */
pte_t *fixmap_slot(unsigned index);
static inline pte_t *fixmap_slot_at(vaddr_t va)
{
    return &fixmap_table.entry[((u32)va >> PAGE_SHIFT) - FIXMAP_TABLE_PAGE];
}

/* Put the window's table into @root. */
void fixmap_init(struct page_table *root);

/*
 * Map the page that holds @phys in slot @index, which must be empty, for all CPUs.
 * Returns: the address of the byte at @phys.
 * Locks:   the caller owns the slot.  Any context.
 */
void *fixmap_set(enum fixmap_index index, paddr_t phys, prot_t prot);

/* Empty slot @index on this CPU.  Locks: as above; only the CPUs that used it may have known it. */
void fixmap_clear(enum fixmap_index index);

#endif

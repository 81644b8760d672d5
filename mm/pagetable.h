/*
 * Page tables as the rest of mm/ sees them: a slot per virtual page.
 *
 * pt_slot() may fail, because it may need memory for tables.  pte_set() on the slot it returns
 * cannot.  So callers do everything that can fail first.
 *
 * Tables appear under mmap_lock held shared (two CPUs may race; the entry that points at a new
 * table is set by compare-and-swap and the loser frees its own), and go away under mmap_lock
 * held exclusive.  The entries of a table change under that table's lock.
 *
 * Leaf tables of user addresses may lie in HIGHMEM: a slot is mapped while in use, as any
 * kmap_local mapping, and given back with pt_unmap(), last taken first.
 */
#ifndef MM_PAGETABLE_H
#define MM_PAGETABLE_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"
#include "machine/layout.h"

struct page;
struct spinlock;
struct tlb_gather;

/* The end of what a process's own tables serve: USER_TOP, rounded up to a root entry. */
#define USER_TABLES_END \
    ((USER_TOP + LEVEL_BYTES(PT_LEVELS - 1) - 1) & ~(LEVEL_BYTES(PT_LEVELS - 1) - 1))

/* The kernel's own tables.  Every mm shares all that lies below the root. */
extern struct page_table *kernel_root;

/* The entry for @va at @level, or NULL if a table on the way is missing or a huge page is met. */
pte_t *pt_find(struct page_table *root, vaddr_t va, unsigned level);

/*
 * As pt_find(), making missing tables, which *@tables counts (NULL: nobody does).
 * NULL: out of memory; tables already made stay, empty.
 */
pte_t *pt_slot(struct page_table *root, vaddr_t va, unsigned level, unsigned long *tables)
    MUST_CHECK;

/* The entry for @va in the leaf table that @upper, an entry of level 1, leads to; NULL: none. */
pte_t *pt_slot_at(pte_t *upper, vaddr_t va);

/*
 * The entry for @va in the leaf table that @upper, an entry of level 1, leads to; one is made if
 * @upper is empty, and *@tables counts it.  NULL: out of memory, or @upper maps a huge page.
 */
pte_t *pt_slot_below(pte_t *upper, vaddr_t va, unsigned long *tables) MUST_CHECK;

/* Give back what pt_find() or pt_slot() returned. */
void pt_unmap(pte_t *slot);

/* The lock of the table that @slot lies in. */
struct spinlock *pt_lock(pte_t *slot);

/*
 * What has been unmapped, [@start, @end), and how far there is nothing around it: others use the
 * tables for what lies below @floor, and from @ceiling on.
 */
struct pt_range {
    vaddr_t start, end;
    vaddr_t floor, ceiling;
};

/* Free the tables that served @range, and now serve nobody. */
void pt_free_range(struct tlb_gather *gather, struct page_table *root,
                   const struct pt_range *range);

/* A leaf table that nothing points at yet, with whatever was in the page.  NULL: no memory. */
struct page *pt_table_alloc(void) MUST_CHECK;

/* Free one table that nothing points at, and no CPU remembers. */
void pt_table_free(struct page *table);

/* A root whose kernel part is the kernel's.  NULL: out of memory. */
struct page_table *pt_root_create(void) MUST_CHECK;
void pt_root_destroy(struct page_table *root);

/* Where the CPU's walk for @va ends: at a leaf, or at the first entry that is not present. */
struct pt_walk {
    unsigned level; /* of the entries below, the last one met */
    pte_t entry[PT_LEVELS];
};
struct pt_walk pt_walk(const struct page_table *root, vaddr_t va);

/*
 * How many tables @root leads to below USER_TOP, deposits too.  Nobody may change them meanwhile.
 */
unsigned long pt_count_tables(const struct page_table *root);

/* Print the walk for @va level by level.  Any context: takes no locks, for reports of faults. */
void pt_dump_walk(const struct page_table *root, vaddr_t va);

#endif

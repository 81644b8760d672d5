/*
 * Huge pages of anonymous memory: one entry of level 1 instead of a whole leaf table.
 *
 * A huge page is a compound block of 2^PT_INDEX_BITS pages: 4 MiB on i386, 2 MiB elsewhere.  It
 * is mapped whole by a huge entry, or, when that had to be split while others still map it, in
 * parts by the entries of a leaf table.  Its head counts:
 *
 *     refs       one for each huge entry, one for each small entry, one for each other user
 *     private    how many huge entries map it
 *     mapcount   (of each part) how many small entries map that part
 *
 * Splitting needs a leaf table, and must not fail for want of memory in the midst of munmap().  So
 * each huge entry has one in store, put there when it was made: the deposits of a level-1 table
 * hang on its struct page.
 */
#ifndef MM_HUGE_H
#define MM_HUGE_H

#include "arch/x86/pte.h"
#include "lib/align.h"
#include "lib/annotate.h"
#include "mm/vma.h"

struct page;
struct pt_spot;
struct tlb_gather;

#define HUGE_BYTES LEVEL_BYTES(LEVEL_HUGE)
#define HUGE_PAGES ((long)PT_ENTRIES)

enum thp_mode { THP_NEVER, THP_MADVISE, THP_ALWAYS };
extern enum thp_mode thp_mode; /* thp=; written by its knob and by tests */

/* Should a fault at @va of @vma be answered with a huge page? */
static inline bool huge_wanted(const struct vma *vma, vaddr_t va)
{
    const vaddr_t base = align_down(va, HUGE_BYTES);
    if (thp_mode == THP_NEVER || vma->ops != &anon_ops || vma->flags & VM_NOHUGEPAGE)
        return false;
    if (thp_mode == THP_MADVISE && !(vma->flags & VM_HUGEPAGE))
        return false;
    return base >= vma->start && vma->end - base >= HUGE_BYTES;
}

/* The page all huge entries share that were only read.  NULL: no block is free.  Sleeps. */
struct page *huge_zero_page(void) MUST_CHECK;

/* Make zero_pfn known.  Once the kernel's own map stands. */
void zero_page_init(void);

/*
 * Turn the huge entry in @slot, of @vma at @va, into a leaf table of small ones that map the same;
 * nothing happens if it is none (any more).
 * Locks: mmap_lock is held, at all; takes and drops the table's.
 */
void huge_split(struct vma *vma, pte_t *slot, vaddr_t va);

/* See to it that no huge entry of @vma reaches across @va. */
void huge_split_at(struct vma *vma, vaddr_t va);

/* Empty the entry of level 1 or above at @spot, which serves @va.  Returns: where to go on. */
vaddr_t huge_zap(struct tlb_gather *gather, const struct vma *vma, const struct pt_spot *spot,
                 vaddr_t va);

/* Let @child's entry for @va show the huge page at @spot of its parent @vma.  0 or -ENOMEM. */
int huge_fork(struct mm *child, struct vma *vma, const struct pt_spot *spot, vaddr_t va) MUST_CHECK;

/*
 * Keep @table in store with the table that @slot, of @mm, lies in, or take one out to be used: if
 * it is freed instead, @mm has a table less.  Under the lock of the slot's table.
 */
void huge_deposit(struct mm *mm, pte_t *slot, struct page *table);
struct page *huge_withdraw(pte_t *slot);

#endif

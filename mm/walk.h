/*
 * Looking at what a range of addresses maps, entry by entry, whatever its size.
 *
 *     for (vaddr_t va = start; va < end; va = spot.end) {
 *         spot = pt_spot(mm->root, va, end);
 *         level 0: the entries from spot.slot on serve the pages from va to spot.end
 *         above:   spot.slot is the one entry for all of [va, spot.end): a huge page, or nothing
 *         pt_unmap(spot.slot);
 *     }
 *
 * Entries change under the lock of their table, pt_lock(spot.slot); a walk without it sees each
 * entry as it was at some moment.
 */
#ifndef MM_WALK_H
#define MM_WALK_H

#include "arch/x86/pte.h"
#include "mm/page.h"
#include "mm/vma.h"

struct pt_spot {
    pte_t *slot;
    vaddr_t end;    /* how far it reaches, at most to the end that was asked for */
    unsigned level; /* of the entry in slot */
};

/*
 * The entry that decides about @va, on a walk up to @end.  Undo with pt_unmap(spot.slot).
 *
 * Locks: mmap_lock is held, at all, or nobody else uses the tables.
 */
struct pt_spot pt_spot(struct page_table *root, vaddr_t va, vaddr_t end);

/* The one page of zeroes that untouched memory shows.  Until mm_init(): no page at all (Z6). */
extern pfn_t zero_pfn;

static inline bool pfn_is_zero_page(pfn_t pfn) { return pfn.number == zero_pfn.number; }

/* Is @entry, which is mapped, one of the zero page or of the huge zero page (Z5, H5)? */
bool pte_is_zero_page(pte_t entry);

/*
 * The page behind @entry, which @vma maps at @va; NULL: it is special, so nobody counts it.  A
 * special entry that is neither of a zero page nor in a vma of frames is reported (Z16-Z19).
 */
struct page *vm_normal_page_slowly(const struct vma *vma, vaddr_t va, pte_t entry);

static inline struct page *vm_normal_page(const struct vma *vma, vaddr_t va, pte_t entry)
{
    if (likely(!pte_special(entry) && !CONFIG_CHECK))
        return page_of(pte_pfn(entry));
    return vm_normal_page_slowly(vma, va, entry);
}

#endif

/*
 * Faults in anonymous memory: zero-fill.
 *
 *     entry       | access | what happens
 *    -------------+--------+-----------------------------------------------
 *     none        | any    | a fresh page of zeroes
 *
 * Every other pair was settled by fault.c.  The page, which can run out and takes long to clear,
 * is got first, with no spinlock held.  Then, under the table's lock, the entry is looked at
 * again: other threads may have been at the same place, and exactly one page must win.
 */
#include "mm/fault.h"

#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/vma.h"
#include "mm/zone.h"

const struct vma_ops anon_ops = { .name = "anonymous", .fault = anon_fault };

static enum fault_result map_fresh_page(struct vma *vma, pte_t *slot)
{
    struct page *page = page_alloc(GFP_HIGHUSER, 0);
    if (!page)
        return FAULT_NO_MEMORY;
    clear_highpage(page); /* before it is mapped: it held someone else's data */

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool first = pte_none(pte_get(slot));
    if (first) {
        page->mapcount = 1;
        pte_set(slot, pte_leaf(page_pfn(page), vma->prot, 0));
        mm_add_anon(vma->mm, 1);
    }
    spin_unlock(lock);

    if (!first)
        page_free(page, 0);
    count_event(first ? COUNT_FAULT_FRESH : COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

enum fault_result anon_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    assert(prot_covers(vma->prot, fault->access));
    return map_fresh_page(vma, slot);
}

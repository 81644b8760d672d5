/*
 * Faults in anonymous memory where a huge page fits.
 *
 *     entry           | access | what happens
 *    -----------------+--------+---------------------------------------------------------
 *     none            | read   | the huge zero page
 *     none, huge zero | write  | a fresh huge page of zeroes
 *     read-only       | write  | take it over, if nobody else has it; else split the entry
 *     a table         | any    | a small page's business
 *
 * Where no block is free, small pages do: that costs time, and is no error.
 */
#include "mm/fault.h"

#include "arch/x86/tlb.h"
#include "kernel/spinlock.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/huge.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/walk.h"
#include "mm/zone.h"

static enum fault_result again(void)
{
    count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

static enum fault_result map_huge_zero(struct vma *vma, pte_t *slot)
{
    struct page *page = huge_zero_page();
    struct page *table = page ? pt_table_alloc() : NULL;
    if (!table)
        return FAULT_SMALL;

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool first = pte_none(pte_get(slot));
    if (first) {
        pte_t entry = pte_without_write(pte_leaf(page_pfn(page), vma->prot, LEVEL_HUGE));
        huge_deposit(vma->mm, slot, table);
        pte_set(slot, pte_make_special(entry));
    }
    spin_unlock(lock);
    if (first) {
        count_event(COUNT_FAULT_HUGE_ZERO);
        return FAULT_FIXED;
    }
    pt_table_free(table);
    return again();
}

/* Under the lock of @slot's table: put @page, all new, there, which serves @va of @vma. */
static void commit(struct vma *vma, pte_t *slot, vaddr_t va, struct page *page)
{
    const vaddr_t base = align_down(va, HUGE_BYTES);

    if (!pte_none(pte_get(slot))) {
        pte_clear(slot);
        tlb_flush_mm_range(vma->mm, base, base + HUGE_BYTES); /* before anybody can write */
    }
    rmap_add_new(page, vma, base);
    page->mapcount = 0; /* mapped whole, no part by itself */
    page->private = 1;
    pte_set(slot, pte_make_written(pte_leaf(page_pfn(page), vma->prot, LEVEL_HUGE)));
    mm_add_anon(vma->mm, HUGE_PAGES);
}

/* No block is free.  What is there is split, so that a small page can take its place. */
static enum fault_result fall_back(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    count_event(COUNT_HUGE_FALLBACK);
    huge_split(vma, slot, fault->va);
    return FAULT_SMALL;
}

static enum fault_result map_fresh_huge(struct vma *vma, pte_t *slot, pte_t old,
                                        const struct fault *fault)
{
    if (anon_vma_prepare(vma))
        return FAULT_NO_MEMORY;
    struct page *page = page_alloc(GFP_HIGHUSER | GFP_COMPOUND | GFP_NOWARN, PT_INDEX_BITS);
    struct page *table = page && pte_none(old) ? pt_table_alloc() : NULL;
    if (!page || (pte_none(old) && !table)) {
        if (page)
            page_put(page);
        return fall_back(vma, slot, fault);
    }
    folio_zero_user(page, fault->va); /* before it is mapped: it held someone else's data */

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool same = pte_get(slot).bits == old.bits;
    if (same) {
        commit(vma, slot, fault->va, page);
        if (table)
            huge_deposit(vma->mm, slot, table);
    }
    spin_unlock(lock);
    if (same) {
        count_event(COUNT_FAULT_HUGE);
        return FAULT_FIXED;
    }
    page_put(page);
    if (table)
        pt_table_free(table);
    return again();
}

/* A write to a huge page that fork() has made read-only. */
static enum fault_result take_over(struct vma *vma, pte_t *slot, pte_t old,
                                   const struct fault *fault)
{
    struct page *page = page_of(pte_pfn(old));
    struct spinlock *lock = pt_lock(slot);

    spin_lock(lock);
    bool same = pte_get(slot).bits == old.bits;
    bool ours = same && page_refs(page) == 1;
    if (ours) /* no flush: nobody remembers more than it now allows */
        pte_set(slot, pte_make_written(pte_leaf(page_pfn(page), vma->prot, LEVEL_HUGE)));
    spin_unlock(lock);
    if (!same)
        return again();
    if (ours) {
        count_event(COUNT_FAULT_REUSE);
        return FAULT_FIXED;
    }
    huge_split(vma, slot, fault->va);
    return FAULT_SMALL;
}

enum fault_result huge_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    const pte_t entry = pte_get(slot);
    const bool writes = fault->access.bits & PROT_WRITE;

    if (pte_none(entry))
        return writes ? map_fresh_huge(vma, slot, entry, fault) : map_huge_zero(vma, slot);
    if (!pte_is_huge(entry))
        return FAULT_SMALL;
    if (pte_allows(entry, fault->access))
        return again();
    if (!writes) /* being split at this moment */
        return again();
    return pte_special(entry) ? map_fresh_huge(vma, slot, entry, fault)
                              : take_over(vma, slot, entry, fault);
}

/*
 * Work on the entries of a range, one leaf table after the other.
 *
 * Entries of a table change under its lock, which is not held for longer than one table, nor
 * while anything sleeps.  Where a table is missing, all it would have served is skipped.
 */
#include "mm/zap.h"

#include "arch/x86/tlb.h"
#include "kernel/preempt.h"
#include "kernel/spinlock.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/tlb_gather.h"

/* Where what an entry of @level serves around @va ends, or @end if that comes first. */
static vaddr_t entry_end(vaddr_t va, vaddr_t end, unsigned level)
{
    vaddr_t next = align_down(va, LEVEL_BYTES(level)) + LEVEL_BYTES(level);
    return next - 1 < end - 1 ? next : end;
}

/* Where the leaf table that serves @va ends, or @end if that comes first. */
static vaddr_t table_end(vaddr_t va, vaddr_t end) { return entry_end(va, end, 1); }

/* The same where there is no leaf table: the highest table that is missing on the way counts. */
static vaddr_t gap_end(struct page_table *root, vaddr_t va, vaddr_t end)
{
    unsigned level = 1;
    while (level < PT_LEVELS - 1) {
        pte_t *slot = pt_find(root, va, level);
        if (slot) {
            pt_unmap(slot);
            break;
        }
        level++;
    }
    return entry_end(va, end, level);
}

/* Empty what @slot and its followers hold for [@va, @end), as far as @gather has room. */
static vaddr_t zap_table(struct tlb_gather *gather, pte_t *slot, vaddr_t va, vaddr_t end)
{
    long zapped = 0;

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    for (pte_t *entry = slot; va < end && tlb_gather_room(gather); va += PAGE_BYTES, entry++) {
        if (pte_none(pte_get(entry)))
            continue;
        pte_t old = pte_clear(entry);
        if (!pte_mapped(old))
            continue;
        struct page *page = page_of(pte_pfn(old));
        __atomic_fetch_sub(&page->mapcount, 1, __ATOMIC_RELAXED);
        tlb_gather_page(gather, va, page);
        zapped++;
    }
    spin_unlock(lock);
    if (zapped)
        mm_add_anon(gather->mm, -zapped);
    return va;
}

void zap_range(struct tlb_gather *gather, vaddr_t start, vaddr_t end)
{
    for (vaddr_t va = start; va < end;) {
        pte_t *slot = pt_find(gather->mm->root, va, 0);
        if (!slot) {
            va = gap_end(gather->mm->root, va, end);
            continue;
        }
        va = zap_table(gather, slot, va, table_end(va, end));
        pt_unmap(slot);
        if (!tlb_gather_room(gather))
            tlb_gather_flush(gather);
        cond_resched();
    }
}

/* Returns: whether it changed any. */
static bool protect_table(pte_t *slot, vaddr_t va, vaddr_t end, prot_t prot)
{
    struct spinlock *lock = pt_lock(slot);
    bool changed = false;

    spin_lock(lock);
    for (pte_t *entry = slot; va < end; va += PAGE_BYTES, entry++) {
        if (!pte_mapped(pte_get(entry)))
            continue;
        /* flushed by the caller; a touch meanwhile finds none, faults, and waits for mmap_lock */
        pte_t old = pte_clear(entry);
        pte_set(entry, pte_with_prot(old, prot, 0));
        changed = true;
    }
    spin_unlock(lock);
    return changed;
}

void protect_range(struct mm *mm, vaddr_t start, vaddr_t end, prot_t prot)
{
    bool changed = false;

    for (vaddr_t va = start; va < end;) {
        pte_t *slot = pt_find(mm->root, va, 0);
        if (!slot) {
            va = gap_end(mm->root, va, end);
            continue;
        }
        changed |= protect_table(slot, va, table_end(va, end), prot);
        pt_unmap(slot);
        va = table_end(va, end);
        cond_resched();
    }
    if (changed)
        tlb_flush_mm_range(mm, start, end);
}

unsigned long count_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
    unsigned long mapped = 0;

    for (vaddr_t va = start; va < end;) {
        vaddr_t stop = table_end(va, end);
        pte_t *slot = pt_find(mm->root, va, 0);
        if (!slot) {
            va = gap_end(mm->root, va, end);
            continue;
        }
        for (pte_t *entry = slot; va < stop; va += PAGE_BYTES, entry++)
            mapped += pte_mapped(pte_get(entry));
        pt_unmap(slot);
    }
    return mapped;
}

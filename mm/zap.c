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
#include "lib/assert.h"
#include "mm/huge.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/tlb_gather.h"
#include "mm/vma.h"
#include "mm/walk.h"

/* Entries emptied, by what they mapped. */
struct zapped {
    long anon, file;
};

static void subtract(struct mm *mm, const struct vma *vma, const struct zapped *zapped)
{
    if (zapped->anon)
        mm_add_anon(mm, -zapped->anon);
    if (zapped->file && vma->flags & VM_SHMEM)
        mm_add_shmem(mm, -zapped->file);
    else if (zapped->file)
        mm_add_file(mm, -zapped->file);
}

/* Empty what @slot and its followers hold for [@va, @end), as far as @gather has room. */
static vaddr_t zap_table(struct tlb_gather *gather, const struct vma *vma, pte_t *slot,
                         const vaddr_t range[2])
{
    struct zapped zapped = { 0 };
    vaddr_t va = range[0];

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    for (pte_t *entry = slot; va < range[1] && tlb_gather_room(gather); va += PAGE_BYTES, entry++) {
        if (pte_none(pte_get(entry)))
            continue;
        pte_t old = pte_clear(entry);
        if (!pte_mapped(old))
            continue;
        struct page *page = vm_normal_page(vma, va, old);
        tlb_gather_page(gather, va, page);
        if (!page)
            continue;
        rmap_remove(page);
        if (page_is_anon(page_head(page)))
            zapped.anon++;
        else
            zapped.file++;
    }
    spin_unlock(lock);
    subtract(gather->mm, vma, &zapped);
    return va;
}

void zap_range(struct tlb_gather *gather, struct vma *vma, vaddr_t start, vaddr_t end)
{
    struct mm *mm = gather->mm;

    mm_note_peak(mm);
    for (vaddr_t va = start; va < end;) {
        struct pt_spot spot = pt_spot(mm->root, va, end);
        if (spot.level == 0)
            va = zap_table(gather, vma, spot.slot, (vaddr_t[]){ va, spot.end });
        else
            va = huge_zap(gather, vma, &spot, va);
        pt_unmap(spot.slot);
        if (!tlb_gather_room(gather))
            tlb_gather_flush(gather);
        cond_resched();
    }
}

/* The entry for @old's page under @vma's rights; what was read-only stays so. */
static pte_t protected(pte_t old, const struct vma *vma, unsigned level)
{
    pte_t fresh = pte_with_prot(old, vma->prot, level);
    return pte_writable(old) ? fresh : pte_without_write(fresh);
}

/* Returns: whether it changed any. */
static bool protect_table(const struct vma *vma, const struct pt_spot *spot, vaddr_t va)
{
    const size_t step = LEVEL_BYTES(spot->level);
    struct spinlock *lock = pt_lock(spot->slot);
    bool changed = false;

    spin_lock(lock);
    for (pte_t *entry = spot->slot; va < spot->end; va += step, entry++) {
        if (!pte_mapped(pte_get(entry)))
            continue;
        /* flushed by the caller; a touch meanwhile finds none, faults, and waits for mmap_lock */
        pte_t old = pte_clear(entry);
        pte_set(entry, protected(old, vma, spot->level));
        changed = true;
    }
    spin_unlock(lock);
    return changed;
}

void protect_range(struct vma *vma, vaddr_t start, vaddr_t end)
{
    struct mm *mm = vma->mm;
    bool changed = false;

    for (vaddr_t va = start; va < end;) {
        struct pt_spot spot = pt_spot(mm->root, va, end);
        if (spot.level == 0 || pte_mapped(pte_get(spot.slot)))
            changed |= protect_table(vma, &spot, va);
        pt_unmap(spot.slot);
        va = spot.end;
        cond_resched();
    }
    if (changed)
        tlb_flush_mm_range(mm, start, end);
}

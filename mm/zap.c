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

/* Empty what the entries at @spot hold for @va and on, as far as @gather has room: to where. */
static vaddr_t zap_table(struct tlb_gather *gather, const struct vma *vma,
                         const struct pt_spot *spot, vaddr_t va)
{
    pte_t *const stop = spot->slot + ((spot->end - va) >> PAGE_SHIFT);
    struct zapped zapped = { 0 };
    pte_t *slot = spot->slot;

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    while ((slot = pte_next_mapped(slot, stop)) < stop && tlb_gather_room(gather)) {
        const vaddr_t at = va + ((vaddr_t)(slot - spot->slot) << PAGE_SHIFT);
        pte_t old = pte_clear(slot++);
        struct page *page = vm_normal_page(vma, at, old);
        tlb_gather_page(gather, at, page);
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
    return va + ((vaddr_t)(slot - spot->slot) << PAGE_SHIFT);
}

void zap_range(struct tlb_gather *gather, struct vma *vma, vaddr_t start, vaddr_t end)
{
    struct mm *mm = gather->mm;

    if (!vma->touched)
        return;
    mm_note_peak(mm);
    for (vaddr_t va = start; va < end;) {
        struct pt_spot spot = pt_spot(mm->root, va, end);
        if (spot.level == 0)
            va = zap_table(gather, vma, &spot, va);
        else
            va = huge_zap(gather, vma, &spot, va);
        pt_unmap(spot.slot);
        if (!tlb_gather_room(gather))
            tlb_gather_make_room(gather);
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
static bool protect_entries(const struct vma *vma, const struct pt_spot *spot, vaddr_t va)
{
    const size_t count = spot->level ? 1 : (spot->end - va) >> PAGE_SHIFT;
    pte_t *const stop = spot->slot + count;
    struct spinlock *lock = pt_lock(spot->slot);
    bool changed = false;

    spin_lock(lock);
    for (pte_t *slot = spot->slot; (slot = pte_next_mapped(slot, stop)) < stop; slot++) {
        /* flushed by the caller; a touch meanwhile finds none, faults, and waits for mmap_lock */
        pte_t old = pte_clear(slot);
        pte_set(slot, protected(old, vma, spot->level));
        changed = true;
    }
    spin_unlock(lock);
    return changed;
}

void protect_range(struct vma *vma, vaddr_t start, vaddr_t end)
{
    struct mm *mm = vma->mm;
    bool changed = false;

    for (vaddr_t va = start; va < end && vma->touched;) {
        struct pt_spot spot = pt_spot(mm->root, va, end);
        if (spot.level == 0 || pte_mapped(pte_get(spot.slot)))
            changed |= protect_entries(vma, &spot, va);
        pt_unmap(spot.slot);
        va = spot.end;
        cond_resched();
    }
    if (changed)
        tlb_flush_mm_range(mm, start, end);
}

/*
 * Mappings: the vmas of a file, and taking pages out of all of them.
 *
 * While a vma is on the list its page tables stay: it leaves the list (mapping_remove()) after its
 * entries are empty and before its tables are freed.  So the list's lock is all that a walk over
 * the vmas of many address spaces needs; it does not take their mmap_locks.
 *
 * A vma that is a copy is listed behind its model before entries are copied from one to the
 * other.  A walk goes from front to back: what was copied before it came to the model, it meets at
 * the copy; and after that there is nothing left to copy.
 */
#include "mm/mapping.h"

#include "kernel/spinlock.h"
#include "lib/minmax.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/tlb_gather.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "mm/zap.h"

void mapping_init(struct mapping *mapping, const struct mapping_ops *ops)
{
    mutex_init(&mapping->lock, RANK_MAPPING, "mapping");
    list_init(&mapping->vmas);
    mapping->ops = ops;
}

void mapping_add(struct vma *vma)
{
    mutex_lock(&vma->mapping->lock);
    list_add_tail(&vma->map_node, &vma->mapping->vmas);
    mutex_unlock(&vma->mapping->lock);
}

void mapping_remove(struct vma *vma)
{
    mutex_lock(&vma->mapping->lock);
    list_del(&vma->map_node);
    mutex_unlock(&vma->mapping->lock);
}

void mapping_lock_of(const struct vma *vma) UNCHECKED_LOCKS
{
    if (vma->mapping)
        mutex_lock(&vma->mapping->lock);
}

void mapping_unlock_of(const struct vma *vma) UNCHECKED_LOCKS
{
    if (vma->mapping)
        mutex_unlock(&vma->mapping->lock);
}

/* A stretch of addresses of one vma. */
struct stretch {
    vaddr_t start, end;
};

/* Where @vma maps the pages of @range; empty: nowhere. */
static struct stretch stretch_of(const struct vma *vma, const struct mapping_range *range)
{
    unsigned long first = vma_page_index(vma, vma->start);
    unsigned long end = first + ((vma->end - vma->start) >> PAGE_SHIFT);
    unsigned long from = max(first, range->first), to = min(end, range->end);
    if (from >= to)
        return (struct stretch){ 0 };
    return (struct stretch){
        .start = vma->start + ((from - first) << PAGE_SHIFT),
        .end = vma->start + ((to - first) << PAGE_SHIFT),
    };
}

/* Empty those entries for @range, from @slot on, that map the file's own pages. */
static vaddr_t empty_table(struct tlb_gather *gather, const struct vma *vma, pte_t *slot,
                           const struct stretch *range)
{
    vaddr_t va = range->start;
    long emptied = 0;

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    for (; va < range->end && tlb_gather_room(gather); va += PAGE_BYTES, slot++) {
        pte_t entry = pte_get(slot);
        struct page *page = pte_mapped(entry) ? vm_normal_page(vma, va, entry) : NULL;
        if (!page || page_is_anon(page_head(page)))
            continue;
        pte_clear(slot);
        tlb_gather_page(gather, va, page);
        rmap_remove(page);
        emptied++;
    }
    spin_unlock(lock);
    if (vma->flags & VM_SHMEM)
        mm_add_shmem(gather->mm, -emptied);
    else
        mm_add_file(gather->mm, -emptied);
    return va;
}

/* As zap_range(), leaving private copies. */
static void empty_range(struct tlb_gather *gather, const struct vma *vma, struct stretch range)
{
    while (range.start < range.end) {
        struct pt_spot spot = pt_spot(gather->mm->root, range.start, range.end);
        struct stretch part = { range.start, spot.end };
        range.start = spot.level ? spot.end : empty_table(gather, vma, spot.slot, &part);
        pt_unmap(spot.slot);
        if (!tlb_gather_room(gather))
            tlb_gather_flush(gather);
    }
}

static void unmap_from(struct vma *vma, const struct mapping_range *range)
{
    struct stretch stretch = stretch_of(vma, range);
    struct tlb_gather gather;

    if (!vma->mm || stretch.start == stretch.end)
        return; /* it has no place yet, and no entries */
    tlb_gather_begin(&gather, vma->mm);
    if (range->copies)
        zap_range(&gather, vma, stretch.start, stretch.end);
    else
        empty_range(&gather, vma, stretch);
    tlb_gather_end(&gather);
}

void mapping_unmap(struct mapping *mapping, const struct mapping_range *range)
{
    struct vma *vma;

    mutex_lock(&mapping->lock);
    list_for_each_entry (vma, &mapping->vmas, map_node)
        unmap_from(vma, range);
    mutex_unlock(&mapping->lock);
}

/* Does @vma map @page? */
static bool maps(const struct vma *vma, const struct page *page)
{
    struct mapping_range range = { page->index, page->index + 1, false };
    struct stretch stretch = stretch_of(vma, &range);
    if (!vma->mm || stretch.start == stretch.end)
        return false;
    struct pt_spot spot = pt_spot(vma->mm->root, stretch.start, stretch.end);
    pte_t entry = pte_get(spot.slot);
    bool found = spot.level == 0 && pte_mapped(entry) && !pte_special(entry) &&
                 pte_pfn(entry).number == page_pfn(page).number;
    pt_unmap(spot.slot);
    return found;
}

unsigned mapping_count_entries(struct page *page)
{
    struct mapping *mapping = page->mapping;
    struct vma *vma;
    unsigned count = 0;

    mutex_lock(&mapping->lock);
    list_for_each_entry (vma, &mapping->vmas, map_node)
        count += maps(vma, page);
    mutex_unlock(&mapping->lock);
    return count;
}

bool mapping_is_writable(struct mapping *mapping)
{
    const struct vma *vma;
    bool found = false;
    mutex_lock(&mapping->lock);
    list_for_each_entry (vma, &mapping->vmas, map_node)
        found |= vma->flags & VM_MAYSHARE && vma->flags & VM_MAYWRITE;
    mutex_unlock(&mapping->lock);
    return found;
}

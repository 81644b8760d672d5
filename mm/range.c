/*
 * Stretches of an address space.
 *
 * A vma that a range cuts is split first, so that what remains is to add or remove whole vmas.
 * What lies behind them goes in the order that tlb_gather.h prescribes.
 */
#include "mm/range.h"

#include "lib/align.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pagetable.h"
#include "mm/tlb_gather.h"
#include "mm/zap.h"

/* Could @vma be cut at @va?  One of huge pages only between two of them. */
static bool can_split(const struct vma *vma, vaddr_t va)
{
    return !(vma->flags & VM_HUGETLB) || is_aligned(va, LEVEL_BYTES(vma->level));
}

int range_split(struct mm *mm, vaddr_t start, vaddr_t end)
{
    const struct vma *first = vma_lookup(mm, start), *last = vma_lookup(mm, end);
    if ((first && !can_split(first, start)) || (last && last->start < end && !can_split(last, end)))
        return -EINVAL;
    struct vma *vma = vma_lookup(mm, start);
    if (vma && vma->start < start) {
        int error = vma_split(vma, start);
        if (error)
            return error;
    }
    vma = vma_lookup(mm, end);
    if (vma && vma->start < end)
        return vma_split(vma, end);
    return 0;
}

/*
 * Free the tables that served [@start, @end) and now serve nobody.  Those that stay, stay for a
 * neighbour's sake, so it is for the neighbours to look for them when they go.
 */
static void free_tables(struct tlb_gather *gather, vaddr_t start, vaddr_t end)
{
    struct mm *mm = gather->mm;
    struct vma *above = vma_find(mm, end);
    struct rb_node *last = above ? NULL : rb_last(&mm->vmas);
    struct vma *below = above ? vma_prev(above) : NULL;

    if (last)
        below = rb_entry(last, struct vma, node);
    if (below)
        below->touched = true;
    if (above)
        above->touched = true;
    const struct pt_range range = {
        .start = start,
        .end = end,
        .floor = below ? below->end : 0,
        .ceiling = above ? above->start : USER_TABLES_END,
    };
    pt_free_range(gather, mm->root, &range);
}

int range_unmap(struct mm *mm, vaddr_t start, vaddr_t end)
{
    struct vma *vma = vma_find(mm, start);
    if (!vma || vma->start >= end)
        return 0;
    if (vma->start < start && vma->end > end && mm->vma_count >= MM_MAX_VMAS)
        return -ENOMEM;
    const bool is_whole = vma->start == start && vma->end == end;
    if (is_whole && !vma->touched) { /* no entries, no tables, nothing that a CPU could remember */
        vma_remove(mm, vma);
        vma_free(vma);
        return 0;
    }
    int error = is_whole ? 0 : range_split(mm, start, end);
    if (error)
        return error;

    struct tlb_gather gather;
    bool touched = false;
    tlb_gather_begin(&gather, mm);
    vma = vma_find(mm, start);
    for (struct vma *next; vma && vma->start < end; vma = next) {
        next = vma_next(vma);
        touched |= vma->touched;
        zap_range(&gather, vma, vma->start, vma->end);
        vma_remove(mm, vma);
        vma_free(vma);
    }
    if (touched)
        free_tables(&gather, start, end);
    tlb_gather_end(&gather);
    return 0;
}

struct vma *range_vma(vaddr_t start, vaddr_t end, unsigned flags)
{
    struct vma *vma = vma_alloc();
    if (!vma)
        return NULL;
    *vma = (struct vma){ .start = start, .end = end, .ops = &anon_ops, .offset = start };
    vma_init_flags(vma, flags);
    return vma;
}

int range_map(struct mm *mm, vaddr_t start, vaddr_t end, unsigned flags)
{
    if (mm->vma_count >= MM_MAX_VMAS)
        return -ENOMEM;
    struct vma *vma = range_vma(start, end, flags | VM_MAY_ACCESS);
    if (!vma)
        return -ENOMEM;
    vma_insert(mm, vma);
    vma_merge(vma);
    return 0;
}

/* Could @vma be @pages larger, as far as setrlimit() goes? */
bool range_within_limits(const struct mm *mm, unsigned flags, size_t pages)
{
    const bool is_data = (flags & (VM_WRITE | VM_SHARED | VM_MAYSHARE | VM_GROWSDOWN)) == VM_WRITE;

    if (pages > (mm->limits.address_space >> PAGE_SHIFT) ||
        mm->mapped_pages > (mm->limits.address_space >> PAGE_SHIFT) - pages)
        return false;
    if (!is_data)
        return true;
    return pages <= mm->limits.data >> PAGE_SHIFT &&
           mm->data_pages <= (mm->limits.data >> PAGE_SHIFT) - pages;
}

bool range_is_free(const struct mm *mm, vaddr_t start, vaddr_t end)
{
    const struct vma *above = vma_find(mm, start);
    return !above || vma_guarded_start(above) >= end;
}

vaddr_t range_covered_end(const struct mm *mm, vaddr_t start, vaddr_t end)
{
    while (start < end) {
        const struct vma *vma = vma_lookup(mm, start);
        if (!vma)
            return start;
        start = vma->end;
    }
    return end;
}

/*
 * Flags of a stretch: a vma that lies across its ends is cut there, and those that have become
 * alike are joined.
 */
#include "mm/range_flags.h"

#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/range.h"
#include "mm/vma.h"

/* The same for [@start, @end) within @vma.  @vma may be gone afterwards. */
static int change_part(struct vma *vma, vaddr_t start, vaddr_t end,
                       struct flag_change change) UNCHECKED_LOCKS
{
    struct mm *mm = vma->mm;
    const unsigned flags = (vma->flags & ~change.clear) | change.set;

    if (flags == vma->flags)
        return 0;
    if (mm->vma_count + 2 > MM_MAX_VMAS)
        return -ENOMEM;
    int error = range_split(mm, start, end);
    if (error)
        return error;
    vma = vma_lookup(mm, start);
    vma_set_flags(vma, flags);
    vma_merge(vma);
    return 0;
}

int range_flags_change(struct mm *mm, vaddr_t start, vaddr_t end, struct flag_change change)
{
    while (start < end) {
        struct vma *vma = vma_find(mm, start);
        if (!vma || vma->start >= end)
            break;
        const vaddr_t from = max(vma->start, start), to = min(vma->end, end);
        int error = change_part(vma, from, to, change);
        if (error)
            return error;
        start = to;
    }
    return 0;
}

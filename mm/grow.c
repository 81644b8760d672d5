/*
 * What grows by itself: the heap, upwards when the program asks, and stacks, downwards when it
 * touches what lies below.
 */
#include "lib/align.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/range.h"
#include "mm/stack.h"
#include "mm/vma.h"

void mm_set_brk(struct mm *mm, vaddr_t start)
{
    down_write(&mm->mmap_lock);
    mm->brk_start = align_up(start, PAGE_BYTES);
    mm->brk = mm->brk_start;
    up_write(&mm->mmap_lock);
}

/* Move the heap's end from page @old_end to page @new_end.  Returns whether it could be done. */
static bool move_heap_end(struct mm *mm, vaddr_t old_end, vaddr_t new_end) MUST_HOLD(mm->mmap_lock)
{
    if (new_end == old_end)
        return true;
    if (new_end < old_end)
        return !range_unmap(mm, new_end, old_end);
    /* A page stays free above it, as on Linux. */
    const unsigned flags = VM_READ | VM_WRITE;
    return range_is_free(mm, old_end, new_end + PAGE_BYTES) &&
           range_within_limits(mm, flags, (new_end - old_end) >> PAGE_SHIFT) &&
           !range_map(mm, old_end, new_end, flags);
}

vaddr_t mm_brk(struct mm *mm, vaddr_t wish)
{
    down_write(&mm->mmap_lock);
    if (mm->brk_start && wish >= mm->brk_start && wish < USER_TOP &&
        move_heap_end(mm, align_up(mm->brk, PAGE_BYTES), align_up(wish, PAGE_BYTES)))
        mm->brk = wish;
    vaddr_t now = mm->brk;
    up_write(&mm->mmap_lock);
    return now;
}

/* Make @vma, a stack above @va, reach down to it.  Returns whether it may. */
static bool grow_down_to(struct vma *vma, vaddr_t va)
{
    vaddr_t start = align_down(va, PAGE_BYTES);
    const struct vma *prev = vma_prev(vma);

    if (start < MM_MIN_ADDRESS || vma->end - start > vma->mm->limits.stack)
        return false;
    /* What nobody can access, or grows itself, is as good as a gap. */
    const bool needs_gap = prev && prev->flags & VM_ACCESS && !(prev->flags & VM_GROWSDOWN);
    if (needs_gap && start - prev->end < MM_STACK_GUARD)
        return false;
    if (!range_within_limits(vma->mm, vma->flags, (vma->start - start) >> PAGE_SHIFT))
        return false;
    vma_resize(vma, start, vma->end);
    return true;
}

bool stack_grow(struct mm *mm, vaddr_t va)
{
    down_write(&mm->mmap_lock);
    struct vma *vma = vma_find(mm, va);
    bool grown = vma && vma->start <= va; /* another thread's fault has grown it */
    if (vma && !grown && vma->flags & VM_GROWSDOWN)
        grown = grow_down_to(vma, va);
    up_write(&mm->mmap_lock);
    return grown;
}

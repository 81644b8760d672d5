/*
 * mlock: a flag on vmas, and one fault for each page.
 *
 * The flag comes first: then no page that the faults bring can go again before all are there.
 */
#include "mm/mlock.h"

#include "lib/align.h"
#include "lib/errno.h"
#include "machine/layout.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/range.h"
#include "mm/range_flags.h"
#include "mm/vma.h"

enum { LOCK_FLAGS = VM_LOCKED | VM_LOCKONFAULT };

/* Frames without a page, and pages of the reserved pool, stay where they are anyhow. */
static bool is_lockable(const struct vma *vma)
{
    return !(vma->flags & (VM_HUGETLB | VM_PFNMAP | VM_MIXEDMAP));
}

/* Put @set on what can be locked of [@start, @end), instead of what was there. */
static int set_lock(struct mm *mm, vaddr_t start, vaddr_t end, unsigned set)
    MUST_HOLD(mm->mmap_lock)
{
    const struct flag_change change = { .clear = LOCK_FLAGS, .set = set };
    int error = 0;

    while (start < end && !error) {
        const struct vma *vma = vma_find(mm, start);
        if (!vma || vma->start >= end)
            break;
        const vaddr_t to = vma->end < end ? vma->end : end;
        if (is_lockable(vma))
            error = range_flags_change(mm, start, to, change);
        start = to;
    }
    return error;
}

/* The pages that @bytes from *@start on touch: *@start is rounded down, *@end up. */
static int whole_pages(vaddr_t *start, size_t bytes, vaddr_t *end)
{
    const size_t length = align_up(bytes + *start % PAGE_BYTES, PAGE_BYTES);

    *start = align_down(*start, PAGE_BYTES);
    *end = *start + length;
    return *end < *start ? -EINVAL : 0;
}

/* Change the lock of [@start, @end) up to the first hole. */
static int change_lock(struct mm *mm, vaddr_t start, vaddr_t end, unsigned set)
{
    down_write(&mm->mmap_lock);
    const vaddr_t covered = range_covered_end(mm, start, end);
    int error = set_lock(mm, start, covered, set);
    up_write(&mm->mmap_lock);
    return !error && covered < end ? -ENOMEM : error;
}

int mm_lock(struct mm *mm, vaddr_t start, size_t bytes, unsigned flags)
{
    const unsigned set = flags & MLOCK_ONFAULT ? LOCK_FLAGS : VM_LOCKED;
    vaddr_t end;
    int error = whole_pages(&start, bytes, &end);

    if (!error)
        error = change_lock(mm, start, end, set);
    if (!error && !(flags & MLOCK_ONFAULT) && mm_populate(mm, start, end))
        error = -ENOMEM;
    return error;
}

int mm_unlock(struct mm *mm, vaddr_t start, size_t bytes)
{
    vaddr_t end;
    int error = whole_pages(&start, bytes, &end);
    return error ? error : change_lock(mm, start, end, 0);
}

/* Find the first vma from @va on whose pages should be there, as [*@start, *@end). */
static bool find_locked(struct mm *mm, vaddr_t va, vaddr_t *start, vaddr_t *end)
{
    bool found = false;

    down_read(&mm->mmap_lock);
    const struct vma *vma = vma_find(mm, va);
    while (vma && (vma->flags & LOCK_FLAGS) != VM_LOCKED)
        vma = vma_next(vma);
    if (vma) {
        *start = vma->start;
        *end = vma->end;
        found = true;
    }
    up_read(&mm->mmap_lock);
    return found;
}

int mm_lock_all(struct mm *mm, unsigned flags)
{
    const unsigned set = flags & MCL_ONFAULT ? LOCK_FLAGS : VM_LOCKED;
    int error = 0;

    if (flags & ~(unsigned)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
        return -EINVAL;
    down_write(&mm->mmap_lock);
    mm->default_flags &= ~(unsigned)LOCK_FLAGS;
    if (flags & MCL_FUTURE)
        mm->default_flags |= set;
    if (flags & MCL_CURRENT || !flags)
        error = set_lock(mm, 0, USER_TOP, flags ? set : 0);
    up_write(&mm->mmap_lock);

    /* What cannot be had now stays out: it is locked when it comes. */
    vaddr_t start = 0, end = 0;
    while (flags & MCL_CURRENT && find_locked(mm, end, &start, &end))
        (void)mm_populate(mm, start, end);
    return error;
}

void mm_unlock_all(struct mm *mm)
{
    /* Without memory to cut a vma in two: but none is cut, as all of each is let go. */
    (void)!mm_lock_all(mm, 0);
}

/*
 * msync, and holes punched into files.
 */
#include "mm/file_range.h"

#include "lib/align.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/vma.h"

/* 0: [@start, *@end) is what is meant; 1: it is empty; or an errno, @wrapped if it wraps. */
static int check_range(vaddr_t start, size_t bytes, vaddr_t *end, int wrapped)
{
    size_t length = align_up(bytes, PAGE_BYTES);
    if (!is_aligned(start, PAGE_BYTES))
        return -EINVAL;
    if (length < bytes || start + length < start)
        return wrapped;
    *end = start + length;
    return length == 0;
}

int mm_sync(struct mm *mm, vaddr_t start, size_t bytes, unsigned flags)
{
    vaddr_t end, va;
    if (flags & ~(unsigned)(MS_ASYNC | MS_INVALIDATE | MS_SYNC))
        return -EINVAL;
    if ((flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC) || !is_aligned(start, PAGE_BYTES))
        return -EINVAL;
    /* A length that wraps when it is rounded up is none, to Linux. */
    int error = check_range(start, align_up(bytes, PAGE_BYTES), &end, -ENOMEM);
    if (error)
        return error < 0 ? error : 0;

    bool hole = false;
    down_read(&mm->mmap_lock);
    for (va = start; va < end && !error;) {
        const struct vma *vma = vma_find(mm, va);
        hole |= !vma || vma->start > va;
        if (!vma || vma->start >= end)
            break;
        if (flags & MS_INVALIDATE && vma->flags & VM_LOCKED)
            error = -EBUSY;
        va = vma->end;
    }
    up_read(&mm->mmap_lock);
    return error ? error : hole ? -ENOMEM : 0;
}

/* The pages of one file behind a part of a range. */
struct hole {
    struct mapping *mapping;
    unsigned long index, count;
};

/* What of [@va, @end) lies in the vma at @va, as a hole to be; *@next: where that ends. */
static int hole_at(const struct mm *mm, vaddr_t va, vaddr_t end, struct hole *hole)
{
    const struct vma *vma = vma_lookup(mm, va);
    if (!vma)
        return -ENOMEM;
    if (vma->flags & VM_LOCKED || !vma->mapping || !vma->mapping->ops->punch)
        return -EINVAL;
    if ((vma->flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
        return -EACCES;
    *hole = (struct hole){
        .mapping = vma->mapping,
        .index = vma_page_index(vma, va),
        .count = (min(vma->end, end) - va) >> PAGE_SHIFT,
    };
    return 0;
}

/*
 * The pages are taken out with mmap_lock held shared: so the vma keeps the file.  The locks that
 * takes come behind mmap_lock.
 */
int mm_punch(struct mm *mm, vaddr_t start, size_t bytes)
{
    struct hole hole;
    vaddr_t end;
    int error = check_range(start, bytes, &end, -EINVAL);
    if (error)
        return error < 0 ? error : 0;
    down_read(&mm->mmap_lock);
    for (vaddr_t va = start; va < end && !error; va += hole.count << PAGE_SHIFT) {
        error = hole_at(mm, va, end, &hole);
        if (error)
            break;
        hole.mapping->ops->punch(hole.mapping, hole.index, hole.count);
    }
    up_read(&mm->mmap_lock);
    return error;
}

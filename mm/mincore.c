/*
 * mincore: a look at the entries, which brings nothing and changes nothing.
 *
 * An answer may be old when it is read; so no table is locked for it.
 */
#include "mm/mincore.h"

#include "kernel/preempt.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/vma.h"
#include "mm/walk.h"

/* Nothing is mapped at @va; but a file's page may be there all the same. */
static bool file_has(const struct vma *vma, vaddr_t va)
{
    return vma->mapping && vma->mapping->ops->has &&
           vma->mapping->ops->has(vma->mapping, vma_page_index(vma, va));
}

/* Answer for [@va, @spot->end) of @vma.  Returns: behind the last answer. */
static u8 *look(const struct vma *vma, const struct pt_spot *spot, vaddr_t va, u8 *resident)
{
    const pte_t *slot = spot->slot;

    for (; va < spot->end; va += PAGE_BYTES) {
        *resident++ = pte_mapped(pte_get(slot)) || file_has(vma, va);
        if (!spot->level)
            slot++;
    }
    return resident;
}

long mm_resident(struct mm *mm, vaddr_t start, size_t pages, u8 *resident)
{
    long answered = -ENOMEM;

    down_read(&mm->mmap_lock);
    const struct vma *vma = vma_lookup(mm, start);
    if (vma) {
        pages = min(pages, (vma->end - start) >> PAGE_SHIFT);
        const vaddr_t end = start + (pages << PAGE_SHIFT);
        for (vaddr_t va = start; va < end;) {
            struct pt_spot spot = pt_spot(mm->root, va, end);
            resident = look(vma, &spot, va, resident);
            pt_unmap(spot.slot);
            va = spot.end;
            cond_resched();
        }
        answered = (long)pages;
    }
    up_read(&mm->mmap_lock);
    return answered;
}

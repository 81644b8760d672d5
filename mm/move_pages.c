/*
 * The status of a page for move_pages(): a look at its entry, which may be old at once.
 */
#include "mm/move_pages.h"

#include "lib/align.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/vma.h"
#include "mm/walk.h"

static int status(const struct vma *vma, vaddr_t va)
{
    if (!vma || vma->flags & VM_PFNMAP)
        return -EFAULT;
    struct pt_spot spot = pt_spot(vma->mm->root, va, va + PAGE_BYTES);
    const pte_t entry = pte_get(spot.slot);
    pt_unmap(spot.slot);
    if (!pte_mapped(entry))
        return -ENOENT;
    return pte_special(entry) ? -EFAULT : 0;
}

int mm_page_node(struct mm *mm, vaddr_t va)
{
    va = align_down(va, PAGE_BYTES);
    down_read(&mm->mmap_lock);
    int node = status(vma_lookup(mm, va), va);
    up_read(&mm->mmap_lock);
    return node;
}

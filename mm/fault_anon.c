/*
 * Faults in private memory: zero-fill and copy-on-write.
 *
 *     entry       | access | what happens
 *    -------------+--------+-----------------------------------------------------------
 *     none        | read   | the zero page
 *     none        | write  | a fresh page of zeroes
 *     zero page   | write  | a fresh page of zeroes in its place
 *     read-only   | write  | copy it; or take it over, if nobody else has it
 *
 * Every other pair was settled by fault.c.  The page, which can run out and takes long to fill,
 * is got first, with no spinlock held.  Then, under the table's lock, the entry is looked at
 * again: other threads may have been at the same place, and exactly one page must win.
 *
 * Where an entry that CPUs may remember is replaced, it is emptied and flushed everywhere before
 * the new one is set: else one thread could write to the new page while another still reads the
 * old one.
 */
#include "mm/fault.h"

#include "arch/x86/tlb.h"
#include "kernel/spinlock.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "mm/zone.h"

const struct vma_ops anon_ops = { .name = "anonymous", .fault = anon_fault };

static enum fault_result map_zero_page(struct vma *vma, pte_t *slot)
{
    const pte_t entry = pte_make_special(pte_without_write(vma_entry(vma, zero_pfn)));

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool first = pte_slot_none(slot);
    if (first)
        pte_set(slot, entry);
    spin_unlock(lock);

    if (first)
        count_event(COUNT_FAULT_ZERO);
    else
        count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

static enum fault_result map_fresh_page(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    if (anon_vma_prepare(vma))
        return FAULT_NO_MEMORY;
    struct page *page = page_alloc(GFP_HIGHUSER, 0);
    if (!page)
        return FAULT_NO_MEMORY;
    clear_highpage(page); /* before it is mapped: it held someone else's data */

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool first = pte_slot_none(slot);
    if (first) {
        rmap_add_new(page, vma, fault->va);
        pte_set(slot, pte_make_written(vma_entry(vma, page_pfn(page))));
        mm_add_anon(vma->mm, 1);
    }
    spin_unlock(lock);

    if (likely(first)) {
        count_event(COUNT_FAULT_FRESH);
        return FAULT_FIXED;
    }
    page_free(page, 0);
    count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

/* Has nobody but the entry we look at @page?  Under the table's lock: then it stays so. */
static bool is_ours_alone(const struct page *page)
{
    return page->kind == PAGE_USED && page_is_anon(page) && !(page->flags & PAGE_COMPOUND) &&
           __atomic_load_n(&page->refs, __ATOMIC_ACQUIRE) == 1;
}

/* Take @page over, which @old maps read-only, if nobody else has it.  Returns: whether so. */
static bool take_over(const struct vma *vma, pte_t *slot, pte_t old, const struct page *page)
{
    if (!is_ours_alone(page))
        return false; /* a first look, without the lock */
    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool ours = pte_get(slot).bits == old.bits && is_ours_alone(page);
    if (ours) /* no flush: nobody remembers more than it now allows */
        pte_set(slot, pte_make_written(vma_entry(vma, page_pfn(page))));
    spin_unlock(lock);
    if (ours)
        count_event(COUNT_FAULT_REUSE);
    return ours;
}

/* Under the table's lock: put @copy where @old, which mapped @page (NULL: the zero page), was. */
static void replace(struct vma *vma, pte_t *slot, const struct fault *fault, struct page *pages[2])
{
    const vaddr_t va = align_down(fault->va, PAGE_BYTES);
    struct page *page = pages[0], *copy = pages[1];

    pte_clear(slot);
    tlb_flush_mm_range(vma->mm, va, va + PAGE_BYTES);
    rmap_add_new(copy, vma, va);
    pte_set(slot, pte_make_written(vma_entry(vma, page_pfn(copy))));
    if (page)
        rmap_remove(page);
    if (page && page_is_anon(page_head(page)))
        return;
    mm_add_anon(vma->mm, 1);
    if (page && vma->flags & VM_SHMEM)
        mm_add_shmem(vma->mm, -1);
    else if (page)
        mm_add_file(vma->mm, -1);
}

/* Copy a frame that has no struct page of ours: a device's, or a piece of /dev/mem. */
static void copy_frame(struct page *copy, pfn_t from)
{
    void *target = kmap_local_page(copy);
    void *source = kmap_local_pfn(from);
    copy_page(target, source);
    kunmap_local(source);
    kunmap_local(target);
}

/* A new page with the bytes of what @old maps: @page, or if that is NULL something special. */
static struct page *copy_of(struct page *page, pte_t old)
{
    struct page *copy = page_alloc(GFP_HIGHUSER, 0);
    if (!copy)
        return NULL;
    if (page)
        copy_highpage(copy, page);
    else if (pte_is_zero_page(old))
        clear_highpage(copy); /* the zero page is never read for this */
    else
        copy_frame(copy, pte_pfn(old));
    return copy;
}

enum fault_result cow_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    const pte_t old = pte_get(slot);
    if (!pte_present(old))
        return FAULT_FIXED; /* being replaced at this moment: the instruction will see */
    struct page *page = vm_normal_page(vma, fault->va, old);

    if (page && take_over(vma, slot, old, page))
        return FAULT_FIXED;
    if (page && !page_try_get(page)) /* keep it for the copy; it is gone: so is the entry */
        return FAULT_FIXED;
    struct page *copy = anon_vma_prepare(vma) ? NULL : copy_of(page, old);
    if (!copy) {
        if (page)
            page_put(page);
        return FAULT_NO_MEMORY;
    }

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool same = pte_get(slot).bits == old.bits;
    if (same)
        replace(vma, slot, fault, (struct page *[]){ page, copy });
    spin_unlock(lock);

    if (page)
        page_put(page); /* the reference for the copy */
    if (page && same)
        page_put(page); /* and the entry's */
    if (!same) {
        page_free(copy, 0);
        count_event(COUNT_FAULT_AGAIN);
    } else if (page) {
        count_event(COUNT_FAULT_COW);
    } else {
        count_event(COUNT_FAULT_COW_ZERO);
    }
    return FAULT_FIXED;
}

enum fault_result anon_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    assert(fault->force || prot_covers(vma->prot, fault->access));
    const bool writes = fault->access.bits & PROT_WRITE;
    if (pte_slot_none(slot))
        return writes ? map_fresh_page(vma, slot, fault) : map_zero_page(vma, slot);
    if (writes)
        return cow_fault(vma, slot, fault);
    count_event(COUNT_FAULT_AGAIN); /* since fault.c looked, another thread has brought it */
    return FAULT_FIXED;
}

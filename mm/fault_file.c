/*
 * Faults in mapped files.
 *
 *     entry       | access | vma     | what happens
 *    -------------+--------+---------+--------------------------------------------------
 *     none        | read   | shared  | the file's page, writable at once if the vma is
 *     none        | read   | private | the file's page, read-only
 *     none        | write  | shared  | the file's page, writable and dirty
 *     none        | write  | private | a copy of the file's page, straight away
 *     read-only   | write  | shared  | the entry becomes writable and dirty
 *     read-only   | write  | private | cow_fault(): the same as in anonymous memory
 *
 * A file has no zero page (Z43): what is a hole in it gets a page as soon as somebody looks, or
 * else he would not see what others write there.  Beyond the file's last page there is nothing:
 * FAULT_BUS_ERROR.  Behind the last byte, in its page, are zeroes.
 *
 * The page is got first, with no spinlock held.  Then, under the table's lock, the entry must still
 * be empty and the page still the file's: see mm/mapping.h about files that are truncated.
 */
#include "mm/fault_file.h"

#include "kernel/spinlock.h"
#include "lib/align.h"
#include "lib/assert.h"
#include "mm/clear.h"
#include "mm/count.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/zone.h"

/* Under the table's lock: is @slot still empty, and @page still of the file that @vma maps? */
static bool may_map(const struct vma *vma, const pte_t *slot, const struct page *page)
{
    return pte_none(pte_get(slot)) &&
           __atomic_load_n(&page->mapping, __ATOMIC_ACQUIRE) == (void *)vma->mapping;
}

static pte_t entry_for(const struct vma *vma, const struct page *page, bool writes)
{
    pte_t entry = pte_leaf(page_pfn(page), vma->prot, 0);
    if (vma_is_private(vma))
        return pte_without_write(entry);
    return writes ? pte_make_written(entry) : entry;
}

/* Map @page itself; takes over its reference. */
static enum fault_result map_page(struct vma *vma, pte_t *slot, struct page *page, bool writes)
{
    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool mapped = may_map(vma, slot, page);
    if (mapped) {
        rmap_add(page);
        pte_set(slot, entry_for(vma, page, writes));
        if (vma->flags & VM_SHMEM)
            mm_add_shmem(vma->mm, 1);
        else
            mm_add_file(vma->mm, 1);
    }
    spin_unlock(lock);

    if (mapped) {
        count_event(COUNT_FAULT_FILE);
        return FAULT_FIXED;
    }
    page_put(page);
    count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

/* Map a copy of @page, which is private memory from then on; takes over @page's reference. */
static enum fault_result map_copy(struct vma *vma, pte_t *slot, struct page *page, vaddr_t va)
{
    struct page *copy = anon_vma_prepare(vma) ? NULL : page_alloc(GFP_HIGHUSER, 0);
    if (!copy) {
        page_put(page);
        return FAULT_NO_MEMORY;
    }
    copy_highpage(copy, page);

    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool mapped = may_map(vma, slot, page);
    if (mapped) {
        rmap_add_new(copy, vma, va);
        pte_set(slot, pte_make_written(pte_leaf(page_pfn(copy), vma->prot, 0)));
        mm_add_anon(vma->mm, 1);
    }
    spin_unlock(lock);

    page_put(page);
    if (mapped) {
        count_event(COUNT_FAULT_COW);
        return FAULT_FIXED;
    }
    page_free(copy, 0);
    count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

/* An entry of a shared mapping is there, read-only, and may be written now. */
static enum fault_result make_writable(const struct vma *vma, pte_t *slot)
{
    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    pte_t entry = pte_get(slot);
    bool same = pte_present(entry);
    if (same) /* no flush: nobody remembers more than it now allows */
        pte_set(slot, pte_make_written(pte_with_prot(entry, vma->prot, 0)));
    spin_unlock(lock);
    if (!same)
        count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

enum fault_result file_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    const bool writes = fault->access.bits & PROT_WRITE;
    const vaddr_t va = align_down(fault->va, PAGE_BYTES);
    struct page *page;

    assert(prot_covers(vma->prot, fault->access));
    if (!pte_none(pte_get(slot)))
        return vma_is_private(vma) ? cow_fault(vma, slot, fault) : make_writable(vma, slot);
    enum fault_result result = vma->mapping->ops->get(vma->mapping, vma_page_index(vma, va), &page);
    if (result != FAULT_FIXED)
        return result;
    if (writes && vma_is_private(vma))
        return map_copy(vma, slot, page, va);
    return map_page(vma, slot, page, writes);
}

/*
 * Frames: no page, no count; the entry is special and says all there is to say.
 */
enum fault_result frame_fault(struct vma *vma, pte_t *slot, const struct fault *fault)
{
    const pfn_t pfn = { vma_page_index(vma, align_down(fault->va, PAGE_BYTES)) };
    pte_t entry = pte_make_special(pte_leaf(pfn, vma->prot, 0));

    if (!pte_none(pte_get(slot)))
        return vma_is_private(vma) ? cow_fault(vma, slot, fault) : make_writable(vma, slot);
    if (vma_is_private(vma))
        entry = pte_without_write(entry);
    struct spinlock *lock = pt_lock(slot);
    spin_lock(lock);
    bool first = pte_none(pte_get(slot));
    if (first)
        pte_set(slot, entry);
    spin_unlock(lock);

    if (first)
        count_event(COUNT_FAULT_FILE);
    else
        count_event(COUNT_FAULT_AGAIN);
    return FAULT_FIXED;
}

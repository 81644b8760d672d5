/*
 * Other people's pages.
 *
 * Look, and if what is there does not do, fault as the program itself would, and look again.  A
 * page that was right for a moment may be gone by the second look: then the loop goes on, as the
 * program's own instruction would.
 */
#include "mm/gup.h"

#include "kernel/preempt.h"
#include "kernel/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"

/* May a forced write go to what read-only @entry maps?  Only to a page nobody else has (Z25). */
static bool may_force(const struct vma *vma, pte_t entry, unsigned flags)
{
    if (!(flags & FOLL_FORCE) || !vma_is_private(vma) || pte_special(entry))
        return false;
    struct page *page = page_head(page_of(pte_pfn(entry)));
    return page_is_anon(page) && page_refs(page) == 1;
}

/* May one who asks with @flags have what @entry, which is present, maps at @va? */
static int check_entry(const struct vma *vma, vaddr_t va, pte_t entry, unsigned flags)
{
    const bool is_zero = pte_special(entry) && pte_is_zero_page(entry);
    if (is_zero && flags & FOLL_DUMP)
        return -EFAULT;
    if (is_zero && flags & FOLL_NOZERO)
        return -ENOENT;
    if (!vm_normal_page(vma, va, entry) && !is_zero)
        return -EFAULT;
    if (flags & FOLL_WRITE && !pte_writable(entry) && !may_force(vma, entry, flags))
        return -ENOENT;
    return 0;
}

int follow_page(struct vma *vma, vaddr_t va, unsigned flags, struct page **page)
{
    const vaddr_t start = va & ~(PAGE_BYTES - 1);
    struct pt_spot spot = pt_spot(vma->mm->root, start, start + PAGE_BYTES);
    struct spinlock *lock = pt_lock(spot.slot);

    spin_lock(lock);
    pte_t entry = pte_get(spot.slot);
    const bool is_leaf = pte_present(entry) && (spot.level == 0 || pte_is_huge(entry));
    int error = is_leaf ? check_entry(vma, start, entry, flags) : -ENOENT;
    if (!error) {
        const size_t part = (start & (LEVEL_BYTES(spot.level) - 1)) >> PAGE_SHIFT;
        *page = page_of(pte_pfn(entry)) + part;
        if (flags & FOLL_TOUCH && !pte_accessed(entry))
            pte_set(spot.slot, pte_make_young(entry));
        if (flags & FOLL_GET)
            page_get(*page);
    }
    spin_unlock(lock);
    pt_unmap(spot.slot);
    return error;
}

/* The rights that @vma gives to one who asks with @flags. */
static bool permits(const struct vma *vma, unsigned flags)
{
    unsigned granted = vma->flags & VM_ACCESS;
    if (flags & FOLL_FORCE)
        granted |= vma->flags >> VM_MAY_SHIFT & VM_ACCESS;
    if (flags & FOLL_WRITE)
        return granted & VM_WRITE && (vma->flags & VM_WRITE || vma_is_private(vma));
    return granted & VM_ACCESS; /* what executes or is written can be read: x86 knows no other */
}

/* One look at @va. */
static int look(struct mm *mm, vaddr_t va, unsigned flags, struct page **page)
{
    int error = -EFAULT;

    down_read(&mm->mmap_lock);
    struct vma *vma = vma_lookup(mm, va);
    if (vma && permits(vma, flags))
        error = follow_page(vma, va, flags | FOLL_GET, page);
    up_read(&mm->mmap_lock);
    return error;
}

/* Does a zero page lie at @va, which FOLL_NOZERO passes over? */
static bool is_zero_at(struct mm *mm, vaddr_t va)
{
    struct page *page;
    bool is_zero = false;

    down_read(&mm->mmap_lock);
    struct vma *vma = vma_lookup(mm, va);
    if (vma)
        is_zero = follow_page(vma, va, FOLL_DUMP, &page) == -EFAULT;
    up_read(&mm->mmap_lock);
    return is_zero;
}

static int bring(struct mm *mm, vaddr_t va, unsigned flags)
{
    const unsigned access = PROT_USER | (flags & FOLL_WRITE ? PROT_WRITE : PROT_READ);
    const struct fault fault = { .va = va, .access = { (u8)access }, .force = flags & FOLL_FORCE };
    switch (mm_fault(mm, &fault)) {
    case FAULT_FIXED:
        return 0;
    case FAULT_NO_MEMORY:
        return -ENOMEM;
    case FAULT_NO_VMA:
    case FAULT_FORBIDDEN:
    case FAULT_BUS_ERROR:
    case FAULT_SMALL:
        break;
    }
    return -EFAULT;
}

static int get_page(struct mm *mm, vaddr_t va, unsigned flags, struct page **page)
{
    for (;;) {
        int error = look(mm, va, flags, page);
        if (error != -ENOENT)
            return error;
        if (flags & FOLL_DUMP)
            return -EFAULT;
        if (flags & FOLL_NOZERO && is_zero_at(mm, va)) {
            *page = NULL;
            return 0;
        }
        error = bring(mm, va, flags);
        if (error)
            return error;
        cond_resched();
    }
}

ssize_t get_user_pages(struct mm *mm, const struct user_pages *wanted, struct page **pages)
{
    for (size_t done = 0; done < wanted->count; done++) {
        int error = get_page(mm, wanted->start + done * PAGE_BYTES, wanted->flags, &pages[done]);
        if (error)
            return done ? (ssize_t)done : error;
    }
    return (ssize_t)wanted->count;
}

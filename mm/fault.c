/*
 * Page faults: from a touched address to the handler that can fix it.
 *
 * A fault asks one question: may this access happen?  The vma says what the process may do, the
 * page-table entry what has been set up so far.  This file finds the two and hands them to the
 * vma's kind.
 */
#include "mm/fault.h"

#include "lib/assert.h"
#include "mm/count.h"
#include "mm/huge.h"
#include "mm/hugetlb.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/stack.h"
#include "mm/trace_fault.h"
#include "mm/vma.h"

/*
 * The entry for @fault in the leaf table that @upper leads to, made if need be.  NULL: @result says
 * why, or what a huge page there has made of the fault.
 */
static NOINLINE pte_t *reach_leaf(struct vma *vma, pte_t *upper, const struct fault *fault,
                                  enum fault_result *result)
{
    *result = FAULT_SMALL;
    if (!pte_none(pte_get(upper)) || huge_wanted(vma, fault->va))
        *result = huge_fault(vma, upper, fault);
    if (*result != FAULT_SMALL)
        return NULL;
    pte_t *slot = pt_slot_below(upper, fault->va, &vma->mm->tables);
    if (!slot) /* another thread has put a huge page there, or there is no memory */
        *result = pte_is_huge(pte_get(upper)) ? FAULT_FIXED : FAULT_NO_MEMORY;
    return slot;
}

/* May @fault's access be made at all? */
static bool is_allowed(const struct vma *vma, const struct fault *fault)
{
    if (likely(prot_covers(vma->prot, fault->access)))
        return true;
    if (!fault->force || (fault->access.bits & PROT_WRITE && !vma_is_private(vma)))
        return false;
    const unsigned wanted = fault->access.bits & VM_ACCESS;
    return !(wanted & ~(vma->flags >> VM_MAY_SHIFT));
}

static enum fault_result resolve(struct mm *mm, const struct fault *fault)
    MUST_HOLD_SHARED(mm->mmap_lock)
{
    struct vma *vma = vma_lookup_recent(mm, fault->va);
    if (!vma)
        return FAULT_NO_VMA;
    if (!is_allowed(vma, fault))
        return FAULT_FORBIDDEN;

    if (unlikely(!vma->touched)) /* not written for nothing: all CPUs read it */
        vma->touched = true;     /* from here on it may have tables */
    if (unlikely(vma->flags & VM_HUGETLB))
        return hugetlb_fault(vma, fault);
    pte_t *upper = pt_slot(mm->root, fault->va, LEVEL_HUGE, &mm->tables);
    if (!upper)
        return FAULT_NO_MEMORY;
    enum fault_result result;
    pte_t *slot = pt_slot_at(upper, fault->va);
    if (unlikely(!slot) && !(slot = reach_leaf(vma, upper, fault, &result)))
        return result;

    result = FAULT_FIXED;
    if (pte_allows(pte_get(slot), fault->access))
        count_event(COUNT_FAULT_AGAIN); /* another thread was here first */
    else
        result = vma->ops->fault(vma, slot, fault);
    pt_unmap(slot);
    return result;
}

static void count_result(enum fault_result result)
{
    count_event(COUNT_FAULT);
    switch (result) {
    case FAULT_FIXED:
        return;
    case FAULT_NO_VMA:
    case FAULT_FORBIDDEN:
    case FAULT_BUS_ERROR:
        count_event(COUNT_FAULT_BAD);
        return;
    case FAULT_NO_MEMORY:
        count_event(COUNT_FAULT_OOM);
        return;
    case FAULT_SMALL:
        break;
    }
    assert(false);
}

enum fault_result mm_fault(struct mm *mm, const struct fault *fault)
{
    enum fault_result result;
    bool grown = false;

    do {
        down_read(&mm->mmap_lock);
        result = unlikely(trace_on) ? trace_fault(mm, fault, resolve) : resolve(mm, fault);
        up_read(&mm->mmap_lock);
        /* Below a stack: it may grow, which needs the lock exclusive; then look again, once. */
    } while (result == FAULT_NO_VMA && !grown && (grown = stack_grow(mm, fault->va)));
    if (grown)
        count_event(COUNT_FAULT_GROW);
    count_result(result);
    return result;
}

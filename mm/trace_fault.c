/*
 * How was a fault answered?  The entry tells, if one knows what it was before:
 *
 *     before             | afterwards        | the answer
 *    --------------------+-------------------+-------------------------------------
 *     allows the access  | -                 | again: another thread was there first
 *     none               | the zero page     | zero
 *     none, zero page    | an anonymous page | fresh
 *     none               | a file's page     | file
 *     a page             | the same page     | reuse
 *     a page             | another page      | copy
 *
 * Another thread may change the entry between the looks; then the event tells of its answer.
 */
#include "mm/trace_fault.h"

#include "arch/x86/cpu.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/walk.h"

/* The entry that decides about @va, and its level. */
static pte_t look(struct mm *mm, vaddr_t va, unsigned *level)
{
    struct pt_spot spot = pt_spot(mm->root, va, va + 1);
    pte_t entry = pte_get(spot.slot);
    pt_unmap(spot.slot);
    *level = spot.level;
    return entry;
}

static enum trace_answer answer(pte_t before, pte_t after)
{
    if (!pte_mapped(after))
        return TRACE_AGAIN; /* it has gone again */
    if (pte_special(after))
        return TRACE_ZERO;
    if (pte_mapped(before) && !pte_special(before))
        return pte_pfn(before).number == pte_pfn(after).number ? TRACE_REUSE : TRACE_COPY;
    return page_is_anon(page_head(page_of(pte_pfn(after)))) ? TRACE_FRESH : TRACE_FILE;
}

enum fault_result trace_fault(struct mm *mm, const struct fault *fault, resolve_function *resolve)
{
    unsigned level;
    const pte_t before = look(mm, fault->va, &level);
    const u64 start = cpu_has(CPU_TSC) ? rdtsc() : 0;
    const enum fault_result result = resolve(mm, fault);
    const u64 cost = cpu_has(CPU_TSC) ? rdtsc() - start : 0;
    const pte_t after = look(mm, fault->va, &level);

    unsigned how = TRACE_BAD;
    if (result == FAULT_FIXED)
        how = pte_allows(before, fault->access) ? TRACE_AGAIN : answer(before, after);
    if (how != TRACE_BAD && level)
        how |= TRACE_HUGE;
    if (fault->access.bits & (PROT_WRITE | PROT_EXEC))
        how |= fault->access.bits & PROT_WRITE ? TRACE_WRITE : TRACE_EXEC;
    TRACE(.kind = TRACE_FAULT, .how = (u8)how, .first = fault->va,
          .second = pte_mapped(after) ? pte_pfn(after).number : 0, .cost = (u32)cost);
    return result;
}

/*
 * The zero page: what untouched memory shows until somebody writes to it.
 *
 * One page of zeroes serves every address of every process that has only been read.  Its entries
 * are read-only and special: nobody counts it, nobody frees it, a write gets a page of its own.
 * It is part of the kernel's constants, so the kernel itself cannot write to it either.  The huge
 * zero page is the same for huge entries; it is made when first wanted, and stays.
 *
 * Recognition is by frame number (Z5), never by the vma: a special entry of another frame is a
 * frame that belongs to somebody (a VM_PFNMAP vma), or an error that is reported.
 */
#include "kernel/report.h"
#include "mm/clear.h"
#include "mm/huge.h"
#include "mm/kernel_map.h"
#include "mm/mm.h"
#include "mm/walk.h"
#include "mm/zone.h"

static const u8 zeroes[PAGE_BYTES] ALIGNED(4096);

pfn_t zero_pfn = { ~0ul };     /* (c) after zero_page_init() */
static struct page *huge_zero; /* (a) NULL: not made yet; set once */

void zero_page_init(void)
{
    zero_pfn = phys_to_pfn(kernel_phys_of((vaddr_t)zeroes));
    page_of(zero_pfn)->refs = 1; /* ours; get_user_pages() hands out more (Z23) */
}

struct page *huge_zero_page(void)
{
    struct page *page = __atomic_load_n(&huge_zero, __ATOMIC_ACQUIRE), *none = NULL;
    if (page)
        return page;
    page = page_alloc(GFP_HIGHUSER | GFP_COMPOUND | GFP_ZERO | GFP_NOWARN, PT_INDEX_BITS);
    if (!page)
        return NULL;
    if (__atomic_compare_exchange_n(&huge_zero, &none, page, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return page;
    page_put(page); /* another CPU was first */
    return none;
}

bool pte_is_zero_page(pte_t entry)
{
    if (!pte_is_huge(entry))
        return pfn_is_zero_page(pte_pfn(entry));
    const struct page *huge = __atomic_load_n(&huge_zero, __ATOMIC_ACQUIRE);
    return huge && pte_pfn(entry).number == page_pfn(huge).number;
}

struct page *vm_normal_page_slowly(const struct vma *vma, vaddr_t va, pte_t entry)
{
    pfn_t pfn = pte_pfn(entry);

    if (!pte_special(entry)) {
        if (pfn_valid(pfn))
            return page_of(pfn);
        report("bad page map: frame %#lx at %#lx has no struct page", pfn.number,
               (unsigned long)va);
        return NULL;
    }
    if (!pte_is_zero_page(entry) && !(vma->flags & (VM_PFNMAP | VM_MIXEDMAP)))
        report("bad page map: special frame %#lx at %#lx is not the zero page", pfn.number,
               (unsigned long)va);
    return NULL;
}

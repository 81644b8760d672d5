/*
 * The fixmap's one table, and mapping single pages in it.
 */
#include "mm/fixmap.h"

#include "arch/x86/tlb.h"
#include "lib/assert.h"
#include "mm/kernel_map.h"
#include "mm/page.h"
#include "mm/pagetable.h"

struct page_table fixmap_table __attribute__((section(".bss.page_aligned")));

pte_t *fixmap_slot(unsigned index)
{
    assert(index < FIX_COUNT);
    return fixmap_slot_at(fixmap_address(index));
}

void fixmap_init(struct page_table *root)
{
    pte_t *slot = pt_slot(root, FIXADDR_START, 1, NULL);
    assert(slot);
    assert(!pte_present(pte_get(slot)));
    pte_set(slot, pte_table(phys_to_pfn(kernel_phys_of((vaddr_t)&fixmap_table)), 1));
}

void *fixmap_set(enum fixmap_index index, paddr_t phys, prot_t prot)
{
    pte_t *slot = fixmap_slot(index);
    assert(!pte_present(pte_get(slot)));
    pte_set(slot, pte_leaf(phys_to_pfn(phys), prot, 0));
    return (void *)(fixmap_address(index) + (vaddr_t)(phys & (PAGE_BYTES - 1)));
}

void fixmap_clear(enum fixmap_index index)
{
    pte_clear(fixmap_slot(index));
    tlb_flush_page_local(fixmap_address(index));
}

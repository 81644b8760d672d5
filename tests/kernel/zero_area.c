/*
 * Memory that a test only reads at first, and what its entries say.
 */
#include "tests/kernel/zero_area.h"

#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "mm/mm.h"
#include "mm/pagetable.h"
#include "mm/walk.h"
#include "tests/kernel/user_space.h"

void zero_area_start(unsigned prot)
{
    user_space_enter(NULL);
    user_space_map(AREA, PAGES * PAGE_BYTES, prot);
}

u32 read_word(unsigned page)
{
    u32 value = ~0u;
    ktest_equal(get_user(value, word(page)), 0);
    return value;
}

void read_all(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        ktest_equal(read_word(i), 0);
}

pte_t entry_of(struct mm *mm, vaddr_t va)
{
    struct pt_spot spot = pt_spot(mm->root, va, va + PAGE_BYTES);
    pte_t entry = pte_get(spot.slot);
    pt_unmap(spot.slot);
    return entry;
}

bool is_zero_entry(struct mm *mm, vaddr_t va)
{
    pte_t entry = entry_of(mm, va);
    return pte_present(entry) && pte_special(entry) && pfn_is_zero_page(pte_pfn(entry)) &&
           !pte_writable(entry);
}

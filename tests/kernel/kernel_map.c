/*
 * The kernel's own mappings: what is there, what is not, and with which rights.
 */
#include "mm/kernel_map.h"

#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "lib/align.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "mm/audit.h"
#include "mm/count.h"
#include "mm/fixmap.h"
#include "mm/image.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/region.h"
#include "mm/zone.h"

static const u32 constant = 0x51e7;

/* The leaf that maps @va, or an entry that is not present. */
static pte_t leaf_of(vaddr_t va)
{
    struct pt_walk walk = pt_walk(kernel_root, va);
    return walk.entry[walk.level];
}

KTEST(no_kernel_page_is_both_writable_and_code) { ktest_equal(audit_kernel_map(), 0); }

KTEST(text_is_read_only_and_executes)
{
    for (const char *va = _text; va < _etext; va += PAGE_BYTES) {
        pte_t entry = leaf_of((vaddr_t)va);
        ktest_assert(pte_present(entry));
        ktest_assert(!pte_writable(entry));
        ktest_assert(!(entry.bits & PTE_NX));
    }
}

KTEST(constants_are_read_only_and_do_not_execute)
{
    pte_t entry = leaf_of((vaddr_t)&constant);
    ktest_assert(pte_present(entry));
    ktest_assert(!pte_writable(entry));
    ktest_assert(!pte_nx || entry.bits & PTE_NX);
    ktest_assert(!pte_nx || leaf_of((vaddr_t)_data).bits & PTE_NX);
    ktest_assert(pte_writable(leaf_of((vaddr_t)_data)));
}

KTEST(the_direct_map_is_no_way_around_read_only)
{
    for (paddr_t phys = (vaddr_t)_text - KERNEL_BASE; phys < (vaddr_t)_erodata - KERNEL_BASE;
         phys += PAGE_BYTES)
        ktest_assert(!pte_writable(leaf_of((vaddr_t)phys_to_direct(phys))));
}

KTEST(the_direct_map_shows_all_ram_and_nothing_else)
{
    paddr_t last = 1 << 20;
    for_each_ram_range (range) {
        paddr_t start = align_up(range->start, PAGE_BYTES);
        paddr_t end = align_down(range->end, PAGE_BYTES);
        if (end > region_direct_end())
            end = region_direct_end();
        if (start > last) { /* the hole before it */
            ktest_assert(!pte_present(leaf_of((vaddr_t)phys_to_direct(last))));
            ktest_assert(!pte_present(leaf_of((vaddr_t)phys_to_direct(start - 1))));
        }
        for (paddr_t phys = start; phys < end; phys += LEVEL_BYTES(1) / 4)
            ktest_equal(kernel_phys_of((vaddr_t)phys_to_direct(phys)), phys);
        for (paddr_t phys = start; phys < end; phys += LEVEL_BYTES(1) / 4)
            ktest_assert(pte_present(leaf_of((vaddr_t)phys_to_direct(phys))));
        if (end > last)
            last = end;
    }
}

KTEST(user_addresses_are_not_mapped_in_the_kernels_tables)
{
    ktest_assert(!pte_present(leaf_of(0)));
    ktest_assert(!pte_present(leaf_of(KERNEL_PHYS)));
    ktest_assert(!pte_present(leaf_of(USER_TOP - 1)));
}

KTEST(large_memory_is_mapped_by_huge_pages)
{
    paddr_t inside = align_up((vaddr_t)_end - KERNEL_BASE, LEVEL_BYTES(1)) + 5 * PAGE_BYTES;
    if (!region_is_ram(inside, inside + LEVEL_BYTES(1)))
        ktest_skip("too little memory");
    struct pt_walk walk = pt_walk(kernel_root, (vaddr_t)phys_to_direct(inside));
    ktest_assert(walk.level >= 1);
    ktest_assert(pte_is_huge(walk.entry[walk.level]));
}

/* The last pages of the vmalloc window are free as long as nobody fills all of it. */
#define SCRATCH ((vaddr_t)VMALLOC_END - 2 * LEVEL_BYTES(1))

KTEST(a_mapping_shows_its_page_until_it_is_unmapped)
{
    struct page *page = page_alloc(GFP_KERNEL | GFP_ZERO, 0);
    ktest_assert(page);
    ktest_equal(kernel_map_page(SCRATCH, page_pfn(page), PROT_KERNEL_DATA), 0);
    *(volatile u32 *)SCRATCH = 77;
    ktest_equal(*(u32 *)page_address(page), 77);
    ktest_equal(kernel_phys_of(SCRATCH + 5), page_to_phys(page) + 5);
    ktest_assert(!pte_nx || leaf_of(SCRATCH).bits & PTE_NX);

    kernel_unmap(SCRATCH, PAGE_BYTES);
    ktest_assert(!pte_present(leaf_of(SCRATCH)));
    page_free(page, 0);
}

KTEST(another_page_at_the_same_address_is_seen_at_once)
{
    struct page *pages[2];
    for (u32 i = 0; i < 2; i++) {
        pages[i] = page_alloc(GFP_KERNEL, 0);
        ktest_assert(pages[i]);
        *(u32 *)page_address(pages[i]) = i;
    }
    for (u32 i = 0; i < 2; i++) {
        ktest_equal(kernel_map_page(SCRATCH, page_pfn(pages[i]), PROT_KERNEL_DATA), 0);
        ktest_equal(*(volatile u32 *)SCRATCH, i);
        kernel_unmap(SCRATCH, PAGE_BYTES);
    }
    for (u32 i = 0; i < 2; i++)
        page_free(pages[i], 0);
}

/* Readers on all CPUs: when turn changes they read the scratch page, and add up what they saw. */
enum { TURNS = 20 };
static unsigned turn, answers, sum; /* atomic */

static void read_each_turn(void *data)
{
    for (unsigned mine = 1; mine <= TURNS; mine++) {
        while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) < mine)
            sched_yield();
        __atomic_fetch_add(&sum, *(volatile u32 *)SCRATCH, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&answers, 1, __ATOMIC_SEQ_CST);
    }
}

KTEST(every_cpu_forgets_what_is_unmapped)
{
    struct task *readers[NR_CPUS];
    struct page *pages[2];

    turn = answers = sum = 0;
    for (u32 i = 0; i < 2; i++) {
        pages[i] = page_alloc(GFP_KERNEL, 0);
        ktest_assert(pages[i]);
        *(u32 *)page_address(pages[i]) = i;
    }
    for_each_online_cpu (cpu)
        readers[cpu] = ktest_thread(read_each_turn, NULL, (int)cpu);
    for (unsigned i = 1; i <= TURNS; i++) {
        ktest_equal(kernel_map_page(SCRATCH, page_pfn(pages[i % 2]), PROT_KERNEL_DATA), 0);
        __atomic_store_n(&turn, i, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&answers, __ATOMIC_SEQ_CST) < i * cpus_online)
            sched_yield();
        kernel_unmap(SCRATCH, PAGE_BYTES);
    }
    for_each_online_cpu (cpu)
        ktest_join(readers[cpu]);
    ktest_equal(sum, TURNS / 2 * cpus_online); /* every second turn showed page 1, the others 0 */
    for (u32 i = 0; i < 2; i++)
        page_free(pages[i], 0);
}

KTEST(rights_can_be_taken_and_given_back)
{
    ktest_may_keep(0, PT_LEVELS); /* the tables on the way to SCRATCH */
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    ktest_equal(kernel_map_page(SCRATCH, page_pfn(page), PROT_KERNEL_DATA), 0);
    *(volatile u32 *)SCRATCH = 1;
    kernel_protect(SCRATCH, PAGE_BYTES, PROT_KERNEL_RODATA);
    ktest_assert(!pte_writable(leaf_of(SCRATCH)));
    ktest_equal(kernel_phys_of(SCRATCH), page_to_phys(page));
    kernel_protect(SCRATCH, PAGE_BYTES, PROT_KERNEL_DATA);
    *(volatile u32 *)SCRATCH = 2;
    kernel_unmap(SCRATCH, PAGE_BYTES);
    page_free(page, 0);
}

KTEST(the_fixmap_shows_any_physical_page)
{
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    u32 *direct = page_address(page);
    direct[3] = 0x1234;
    u32 *fixed = fixmap_set(FIX_TEST, page_to_phys(page) + 12, PROT_KERNEL_DATA);
    ktest_equal((vaddr_t)fixed, fixmap_address(FIX_TEST) + 12);
    ktest_equal(*fixed, 0x1234);
    *fixed = 0x5678;
    ktest_equal(direct[3], 0x5678);
    fixmap_clear(FIX_TEST);
    ktest_assert(!pte_present(leaf_of(fixmap_address(FIX_TEST))));
    page_free(page, 0);
}

KTEST(every_kernel_root_entry_that_may_be_needed_is_there)
{
    static const vaddr_t regions[][2] = {
        { VMALLOC_START, VMALLOC_END },
        { PKMAP_BASE, PKMAP_BASE + PAGE_BYTES },
        { FIXADDR_START, FIXADDR_TOP },
    };
    for (size_t i = 0; i < ARRAY_COUNT(regions); i++) {
        size_t last = pt_index(regions[i][1] - 1, PT_LEVELS - 1);
        for (size_t n = pt_index(regions[i][0], PT_LEVELS - 1); n <= last; n++)
            ktest_assert(pte_present(kernel_root->entry[n]));
    }
}

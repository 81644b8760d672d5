/*
 * kmap_local: nesting, all ways to map, and misuse.
 *
 * Only pages beyond the direct map need a slot; so that there are some on every machine, the
 * tests force slots upon all pages.  The numbers in brackets are those of the rules each test
 * guards: [L1] to [L35].
 */
#include "mm/kmap_local.h"

#include "arch/x86/cpu.h"
#include "arch/x86/entry.h"
#include "arch/x86/tlb.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fixmap.h"
#include "mm/highmem.h"
#include "mm/kmap.h"
#include "mm/pagetable.h"
#include "mm/poison.h"
#include "mm/zone.h"
#include "tests/kernel/kmap_pages.h"

enum { DEPTH = CONFIG_CHECK ? 16 : 15 };

static pte_t leaf_of(const void *va)
{
    struct pt_walk walk = pt_walk(kernel_root, (vaddr_t)va);
    return walk.entry[walk.level];
}

static void nest_on(unsigned cpu)
{
    u8 *mapped[DEPTH];
    kmap_pages_get(DEPTH);
    sched_set_affinity(current, 1u << cpu);
    for (unsigned n = 0; n < DEPTH; n++)
        mapped[n] = kmap_local_page(kmap_pages[n]);
    for (unsigned n = 0; n < DEPTH; n++) {
        ktest_equal(mapped[n][0], n);
        ktest_equal(mapped[n][PAGE_BYTES - 1], n);
        ktest_assert(kmap_owns((vaddr_t)mapped[n]));
        ktest_equal((vaddr_t)kmap_page_of(mapped[n] + 5), (vaddr_t)kmap_pages[n]);
    }
    for (unsigned n = DEPTH; n-- > 0;)
        kunmap_local(mapped[n] + n); /* any byte of the page will do */
    ktest_equal(current->kmap.depth, 0);
    kmap_pages_put();
}

/* [L4, L9, L13, trap 32]: slot 0 of CPU 0 is found, too */
KTEST(mappings_nest_as_deep_as_promised_on_the_first_cpu_and_the_last)
{
    nest_on(0);
    nest_on(cpus_online - 1);
}

/* [L1, L2, trap 33]: what no mapping takes, each CPU's last slot, stands in for the others */
KTEST(the_slots_of_every_cpu_there_can_be_have_entries_of_their_own)
{
    kmap_pages_get(1);
    pte_t entry = pte_leaf(page_pfn(kmap_pages[0]), PROT_KERNEL_DATA, 0);
    unsigned right = 0;
    preempt_disable();
    for (unsigned cpu = 0; cpu < NR_CPUS; cpu++) {
        unsigned index = FIX_KMAP + (cpu + 1) * KMAP_LOCAL_DEPTH - 1;
        const char *address = (const char *)fixmap_address(index);
        pte_set(fixmap_slot(index), entry);
        right += leaf_of(address).bits == entry.bits && kmap_owns((vaddr_t)address) &&
                 (vaddr_t)address ==
                     fixmap_address(FIX_KMAP) - ((cpu + 1) * KMAP_LOCAL_DEPTH - 1) * PAGE_BYTES;
        pte_clear(fixmap_slot(index));
        tlb_flush_page_local((vaddr_t)address);
    }
    preempt_enable();
    ktest_equal(right, NR_CPUS);
    kmap_pages_put();
}

/* [L28] */
KTEST(going_back_to_a_program_with_a_mapping_is_reported)
{
    if (!CONFIG_CHECK)
        ktest_skip("check builds look");
    kmap_pages_get(1);
    u8 *mapped = kmap_local_page(kmap_pages[0]);
    ktest_expect_report("goes back to its program");
    irqflags_t flags = irq_save();
    trap_to_user(NULL);
    irq_restore(flags);
    ktest_report_seen();
    kunmap_local(mapped);
    kmap_pages_put();
}

/* [L4] */
KTEST(one_mapping_too_many_is_reported)
{
    u8 *mapped[DEPTH];
    kmap_pages_get(DEPTH);
    for (unsigned n = 0; n < DEPTH; n++)
        mapped[n] = kmap_local_page(kmap_pages[n]);
    ktest_expect_report("nested too deep");
    void *excess = kmap_local_page(kmap_pages[0]);
    ktest_report_seen();
    ktest_assert(!excess);
    for (unsigned n = DEPTH; n-- > 0;)
        kunmap_local(mapped[n]);
    kmap_pages_put();
}

/* [L8] */
KTEST(unmapping_out_of_order_is_reported)
{
    kmap_pages_get(2);
    u8 *first = kmap_local_page(kmap_pages[0]);
    u8 *second = kmap_local_page(kmap_pages[1]);
    ktest_expect_report("out of order");
    kunmap_local(first);
    ktest_report_seen();
    ktest_expect_report("out of order");
    kunmap_local(second);
    ktest_report_seen();
    ktest_equal(current->kmap.depth, 0);
    kmap_pages_put();
}

/* [L12] */
KTEST(a_user_address_is_reported_and_a_direct_one_ignored)
{
    ktest_expect_report("user address");
    kunmap_local((void *)0x10000);
    ktest_report_seen();
    unsigned pinned = task_is_pinned(current);
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    kunmap_local(page_address(page));
    kunmap_local((void *)PKMAP_BASE);
    kunmap_local((void *)fixmap_address(FIX_LAPIC));
    kunmap_local((void *)fixmap_address(FIX_TEST));
    ktest_equal(task_is_pinned(current), pinned);
    ktest_equal(current->kmap.depth, 0);
    page_free(page, 0);
}

/* [L35, trap 3] */
KTEST(an_unmapped_slot_is_empty_and_the_next_page_is_seen)
{
    kmap_pages_get(2);
    for (unsigned n = 0; n < 2; n++) {
        u8 *mapped =
            kmap_local_page(kmap_pages[n]); /* the same slot: the TLB must have forgotten */
        ktest_equal(mapped[7], n);
        kunmap_local(mapped);
        ktest_assert(!pte_present(leaf_of(mapped)));
    }
    kmap_pages_put();
}

/* [L3, L4, L22] */
KTEST(the_neighbours_of_a_mapping_are_not_there)
{
    if (!CONFIG_CHECK)
        ktest_skip("guards exist in check builds");
    kmap_pages_get(1);
    u8 *mapped = kmap_local_page(kmap_pages[0]);
    ktest_assert(!pte_present(leaf_of(mapped - 1)));
    ktest_assert(!pte_present(leaf_of(mapped + PAGE_BYTES)));
    kunmap_local(mapped);
    kmap_pages_put();
}

/* [L34, trap 28] */
KTEST(mapping_takes_no_message_to_another_cpu)
{
    kmap_pages_get(1);
    unsigned long sent = count_read(COUNT_TLB_SENT);
    for (unsigned i = 0; i < 100; i++)
        kunmap_local(kmap_local_page(kmap_pages[0]));
    ktest_equal(count_read(COUNT_TLB_SENT), sent);
    kmap_pages_put();
}

/* [L14, L20] */
KTEST(a_page_of_the_direct_map_costs_nothing)
{
    bool before = kmap_force(false);
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    unsigned long taken = count_read(COUNT_KMAP);
    u8 *mapped = kmap_local_page(page);
    ktest_assert(mapped == page_address(page));
    ktest_assert(kmap_local_page_prot(page, PROT_KERNEL_RODATA) == mapped); /* [L15] */
    ktest_assert(!task_is_pinned(current) && !in_atomic());
    kunmap_local(mapped);
    kunmap_local(mapped);
    ktest_equal(count_read(COUNT_KMAP), taken);
    page_free(page, 0);
    kmap_force(before);
}

/* [L15, L16, L19, L35] */
KTEST(the_rights_of_a_mapping_are_those_asked_for)
{
    kmap_pages_get(1);
    pfn_t pfn = page_pfn(kmap_pages[0]);
    u8 *mapped = kmap_local_page_prot(kmap_pages[0], PROT_KERNEL_RODATA);
    ktest_assert(!pte_writable(leaf_of(mapped)) && pte_present(leaf_of(mapped)));
    kunmap_local(mapped);

    mapped = kmap_local_pfn(pfn);
    ktest_equal(mapped[7], kmap_pages_byte(0));
    pte_bits_t wanted = PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL | pte_nx;
    ktest_equal(leaf_of(mapped).bits & ~PTE_ADDR_MASK, wanted);
    kunmap_local(mapped);

    mapped = iomap_local(pfn, (prot_t){ PROT_READ | PROT_WRITE | PROT_WRITE_COMBINE });
    bool combines = cpu_has(CPU_PAT); /* without, uncached is the next best */
    ktest_equal(leaf_of(mapped).bits & (PTE_PCD | PTE_PWT), combines ? PTE_PWT : PTE_PCD | PTE_PWT);
    kunmap_local(mapped);
    kmap_pages_put();
}

/* [L17, trap 31] */
KTEST(of_a_block_one_page_is_mapped_the_one_asked_for)
{
    bool before = kmap_force(true);
    struct page *folio = page_alloc(GFP_HIGHUSER | GFP_COMPOUND, 2);
    ktest_assert(folio);
    for (unsigned n = 0; n < 4; n++) {
        u8 *mapped = kmap_local_folio(folio, n * PAGE_BYTES + 77);
        ktest_equal((vaddr_t)mapped % PAGE_BYTES, 77);
        ktest_assert(kmap_page_of(mapped) == folio + n);
        ktest_assert(!pte_present(leaf_of(mapped + PAGE_BYTES)));
        ktest_assert(!pte_present(leaf_of(mapped - PAGE_BYTES)));
        kunmap_local(mapped);
    }
    page_put(folio);
    kmap_force(before);
}

/* [L18]: for pages of the direct map, too; both kinds share a stack */
KTEST(the_atomic_kind_forbids_faults_and_preemption)
{
    kmap_pages_get(3);
    for (int force = 0; force < 2; force++) {
        kmap_force(force);
        u8 *outer = kmap_local_page(kmap_pages[0]);
        u8 *atomic = kmap_atomic(kmap_pages[1]);
        bool was_atomic = in_atomic() && current->pagefault_disabled == 1;
        u8 *inner = kmap_local_page(kmap_pages[2]);
        u8 seen = atomic[1];
        kunmap_local(inner);
        kunmap_atomic(atomic);
        ktest_assert(was_atomic && !in_atomic() && !pagefault_disabled());
        ktest_equal(seen, kmap_pages_byte(1));
        kunmap_local(outer);

        atomic = kmap_atomic_pfn(page_pfn(kmap_pages[2]));
        seen = atomic[1];
        kunmap_atomic(atomic);
        ktest_equal(seen, kmap_pages_byte(2));
        atomic = kmap_atomic_prot(kmap_pages[1], PROT_KERNEL_RODATA);
        seen = atomic[1];
        kunmap_atomic(atomic);
        ktest_equal(seen, kmap_pages_byte(1));
    }
    kmap_pages_put();
}

/* The audit sees a slot that is in use without its task's knowledge.  [I3] */
KTEST(a_leaked_slot_is_found)
{
    kmap_pages_get(1);
    preempt_disable();
    pte_t *slot = fixmap_slot(FIX_KMAP + cpu_id() * KMAP_LOCAL_DEPTH + 5);
    pte_set(slot, pte_leaf(page_pfn(kmap_pages[0]), PROT_KERNEL_DATA, 0));
    int offences = kmap_local_audit();
    pte_clear(slot);
    tlb_flush_page_local(fixmap_address(FIX_KMAP + cpu_id() * KMAP_LOCAL_DEPTH + 5));
    preempt_enable();
    ktest_equal(offences, 1);
    ktest_equal(kmap_audit(), 0);
    kmap_pages_put();
}

/* --- mm/highmem.h ---------------------------------------------------------------------------- */

KTEST(parts_of_a_page_are_copied_and_zeroed_to_the_byte)
{
    u8 buffer[16] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    kmap_pages_get(2);
    struct page *page = kmap_pages[1];
    memcpy_to_page(page, PAGE_BYTES - 8, buffer, 8);
    memcpy_from_page(buffer + 8, page, PAGE_BYTES - 9, 8);
    ktest_equal(buffer[8], 1);
    ktest_assert(!memcmp(buffer + 9, buffer, 7));

    zero_user_segments(page, (struct page_part){ 0, 3 },
                       (struct page_part){ PAGE_BYTES - 2, PAGE_BYTES });
    zero_user(page, 100, 1);
    zero_user(page, PAGE_BYTES, 0);
    u8 *mapped = kmap_local_page(page);
    ktest_equal(mapped[2], 0);
    ktest_equal(mapped[3], 1);
    ktest_equal(mapped[99], 1);
    ktest_equal(mapped[100], 0);
    ktest_equal(mapped[101], 1);
    ktest_equal(mapped[PAGE_BYTES - 3], 6);
    ktest_equal(mapped[PAGE_BYTES - 2], 0);
    ktest_equal(mapped[PAGE_BYTES - 1], 0);
    kunmap_local(mapped);

    copy_user_highpage(page, kmap_pages[0], 0x10000);
    memcpy_from_page(buffer, page, PAGE_BYTES - 8, 8);
    ktest_equal(buffer[7], kmap_pages_byte(0));
    memcpy_to_page(page, 4000, "x", 1);
    clear_user_highpage(page, 0x10000);
    memcpy_from_page(buffer, page, 4000, 1);
    ktest_equal(buffer[0], 0);
    ktest_equal(current->kmap.depth, 0);
    kmap_pages_put();
}

/* [A9, C11] */
KTEST(pages_of_a_program_are_cleared_by_address_or_by_page)
{
    struct page *pages = page_alloc(GFP_KERNEL, 2);
    ktest_assert(pages);
    u8 *bytes = page_address(pages);
    memset(bytes, 0x5a, 4 * PAGE_BYTES);
    clear_user_pages(bytes, 0x10000, 1);
    clear_user_highpages(pages + 1, 0x11000, 2);
    ktest_assert(!poison_find_damage(bytes, 0, 3 * PAGE_BYTES));
    ktest_assert(!poison_find_damage(bytes + 3 * PAGE_BYTES, 0x5a, PAGE_BYTES));
    page_free(pages, 2);
}

KTEST(free_highmem_is_counted_where_there_is_some)
{
    unsigned long before = nr_free_highpages();
    ktest_assert(before == zone_free_pages(ZONE_HIGHMEM));
    if (!HAS_HIGHMEM)
        ktest_equal(before, 0);
}

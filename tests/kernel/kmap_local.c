/*
 * kmap_local: nesting, switches in between, other CPUs, interrupts, and misuse.
 *
 * Only pages beyond the direct map need a slot; so that there are some on every machine, the
 * tests force slots upon all pages.
 */
#include "mm/kmap_local.h"

#include "arch/x86/cpu.h"
#include "arch/x86/user_copy.h"
#include "kernel/ktest.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fixmap.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/pagetable.h"
#include "mm/zone.h"
#include "tests/kernel/user_space.h"

enum { STEP = CONFIG_CHECK ? 2 : 1, DEPTH = CONFIG_CHECK ? 16 : 15 };

static struct page *pages[DEPTH + 1];

static bool forced_before;

/* Get @count pages that need a slot, page n filled with n. */
static void get_pages(unsigned count)
{
    forced_before = kmap_force(true);
    for (unsigned n = 0; n < count; n++) {
        pages[n] = page_alloc(GFP_HIGHUSER, 0);
        ktest_assert(pages[n]);
        u8 *bytes = kmap_local_page(pages[n]);
        ktest_assert(kmap_owns((vaddr_t)bytes));
        memset(bytes, (int)n, PAGE_BYTES);
        kunmap_local(bytes);
    }
}

static void put_pages(unsigned count)
{
    for (unsigned n = 0; n < count; n++)
        page_free(pages[n], 0);
    kmap_force(forced_before);
}

static pte_t leaf_of(const void *va)
{
    struct pt_walk walk = pt_walk(kernel_root, (vaddr_t)va);
    return walk.entry[walk.level];
}

KTEST(mappings_nest_as_deep_as_promised)
{
    u8 *mapped[DEPTH];
    get_pages(DEPTH);
    for (unsigned n = 0; n < DEPTH; n++)
        mapped[n] = kmap_local_page(pages[n]);
    for (unsigned n = 0; n < DEPTH; n++) {
        ktest_equal(mapped[n][0], n);
        ktest_equal(mapped[n][PAGE_BYTES - 1], n);
        ktest_equal((vaddr_t)kmap_page_of(mapped[n] + 5), (vaddr_t)pages[n]);
    }
    for (unsigned n = DEPTH; n-- > 0;)
        kunmap_local(mapped[n] + n); /* any byte of the page will do */
    ktest_equal(current->kmap.depth, 0);
    put_pages(DEPTH);
}

KTEST(one_mapping_too_many_is_reported)
{
    u8 *mapped[DEPTH];
    get_pages(DEPTH);
    for (unsigned n = 0; n < DEPTH; n++)
        mapped[n] = kmap_local_page(pages[n]);
    ktest_expect_report("nested too deep");
    void *excess = kmap_local_page(pages[0]);
    ktest_report_seen();
    ktest_assert(!excess);
    for (unsigned n = DEPTH; n-- > 0;)
        kunmap_local(mapped[n]);
    put_pages(DEPTH);
}

KTEST(unmapping_out_of_order_is_reported)
{
    get_pages(2);
    u8 *first = kmap_local_page(pages[0]);
    u8 *second = kmap_local_page(pages[1]);
    ktest_expect_report("out of order");
    kunmap_local(first);
    ktest_report_seen();
    ktest_expect_report("out of order");
    kunmap_local(second);
    ktest_report_seen();
    ktest_equal(current->kmap.depth, 0);
    put_pages(2);
}

KTEST(a_user_address_is_reported_and_a_direct_one_ignored)
{
    ktest_expect_report("user address");
    kunmap_local((void *)0x10000);
    ktest_report_seen();
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    kunmap_local(page_address(page));
    kunmap_local((void *)PKMAP_BASE);
    ktest_equal(current->kmap.depth, 0);
    page_free(page, 0);
}

KTEST(an_unmapped_slot_is_empty_and_the_next_page_is_seen)
{
    get_pages(2);
    for (unsigned n = 0; n < 2; n++) {
        u8 *mapped = kmap_local_page(pages[n]); /* the same slot: the TLB must have forgotten */
        ktest_equal(mapped[7], n);
        kunmap_local(mapped);
        ktest_assert(!pte_present(leaf_of(mapped)));
    }
    put_pages(2);
}

KTEST(the_neighbours_of_a_mapping_are_not_there)
{
    if (!CONFIG_CHECK)
        ktest_skip("guards exist in check builds");
    get_pages(1);
    u8 *mapped = kmap_local_page(pages[0]);
    ktest_assert(!pte_present(leaf_of(mapped - 1)));
    ktest_assert(!pte_present(leaf_of(mapped + PAGE_BYTES)));
    kunmap_local(mapped);
    put_pages(1);
}

KTEST(mapping_takes_no_message_to_another_cpu)
{
    get_pages(1);
    unsigned long sent = count_read(COUNT_TLB_SENT);
    for (unsigned i = 0; i < 100; i++)
        kunmap_local(kmap_local_page(pages[0]));
    ktest_equal(count_read(COUNT_TLB_SENT), sent);
    put_pages(1);
}

/* --- switches --------------------------------------------------------------------------------- */

/* Map page @data and keep it over many switches to others who do the same. */
static void hold_over_switches(void *data)
{
    unsigned n = (unsigned)(unsigned long)data;
    unsigned cpu_before = 0;

    for (unsigned round = 0; round < 50; round++) {
        u8 *outer = kmap_local_page(pages[n]);
        u8 *inner = kmap_local_page(pages[n + 1]);
        cpu_before = cpu_id();
        for (unsigned i = 0; i < 5; i++) {
            if (i == 3)
                time_sleep_ns(100000);
            else
                sched_yield();
            ktest_equal(outer[i], n);
            ktest_equal(inner[i], n + 1);
            ktest_equal(cpu_id(), cpu_before);
        }
        kunmap_local(inner);
        kunmap_local(outer);
    }
}

KTEST(mappings_survive_switches_and_keep_their_task_on_its_cpu)
{
    struct task *threads[6];
    get_pages(ARRAY_COUNT(threads) + 1);
    for (unsigned n = 0; n < ARRAY_COUNT(threads); n++)
        threads[n] = ktest_thread(hold_over_switches, (void *)(unsigned long)n, -1);
    for (unsigned n = 0; n < ARRAY_COUNT(threads); n++)
        ktest_join(threads[n]);
    put_pages(ARRAY_COUNT(threads) + 1);
}

KTEST(a_page_fault_may_happen_under_a_mapping)
{
    get_pages(1);
    user_space_enter(NULL);
    user_space_map(0x10000000, PAGE_BYTES, PROT_READ | PROT_WRITE);
    u8 *mapped = kmap_local_page(pages[0]);
    mapped[3] = 33;
    ktest_equal(copy_to_user((void *)0x10000000, mapped, PAGE_BYTES), 0);
    ktest_equal(copy_from_user(mapped + 8, (void *)0x10000000, 8), 0);
    ktest_equal(mapped[8 + 3], 33);
    kunmap_local(mapped);
    user_space_leave();
    put_pages(1);
}

KTEST(another_cpu_has_slots_of_its_own)
{
    get_pages(1);
    sched_set_affinity(current, 1);
    u8 *here = kmap_local_page(pages[0]);
    ktest_assert((vaddr_t)here >= fixmap_address(FIX_KMAP + KMAP_LOCAL_DEPTH - 1));
    kunmap_local(here);
    if (cpus_online > 1) {
        sched_set_affinity(current, 2);
        u8 *there = kmap_local_page(pages[0]);
        ktest_assert((vaddr_t)there < fixmap_address(FIX_KMAP + KMAP_LOCAL_DEPTH - 1));
        kunmap_local(there);
    }
    put_pages(1);
}

KTEST(a_mapping_with_interrupts_off_nests_like_a_handlers)
{
    get_pages(2);
    u8 *outer = kmap_local_page(pages[0]);
    irqflags_t flags = irq_save();
    u8 *inner = kmap_local_page(pages[1]);
    u8 seen = inner[9];
    kunmap_local(inner);
    irq_restore(flags);
    ktest_equal(seen, 1);
    ktest_equal(outer[9], 0);
    kunmap_local(outer);
    put_pages(2);
}

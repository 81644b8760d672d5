/*
 * Pages and zones: what page_alloc() promises, and what page_free() refuses.
 */
#include "mm/page.h"

#include "arch/x86/ipi.h"
#include "kernel/ktest.h"
#include "kernel/report.h"
#include "kernel/spinlock.h"
#include "lib/string.h"
#include "mm/kernel_map.h"
#include "mm/kmap.h"
#include "mm/poison.h"
#include "mm/zone.h"

/* Take a page, sure to get one. */
static struct page *take_page(gfp_t gfp, unsigned order)
{
    struct page *page = page_alloc(gfp, order);
    ktest_assert(page);
    return page;
}

KTEST(a_page_comes_with_one_reference_and_can_be_written)
{
    struct page *page = take_page(GFP_KERNEL, 0);
    u8 *memory = page_address(page);

    ktest_equal(page_refs(page), 1);
    ktest_equal(page->kind, PAGE_USED);
    ktest_assert(page_of_address(memory) == page);
    ktest_assert(page_of(page_pfn(page)) == page);
    ktest_assert(pfn_valid(page_pfn(page)));
    memset(memory, 0x77, PAGE_BYTES);
    page_free(page, 0);
}

KTEST(a_block_of_each_order_starts_at_a_multiple_of_its_size)
{
    for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
        struct page *page = take_page(GFP_KERNEL, order);
        ktest_equal(page_pfn(page).number & ((1ul << order) - 1), 0);
        ktest_equal(page->order, order);
        memset(page_address(page), 0x77, PAGE_BYTES << order);
        page_free(page, order);
    }
}

KTEST(pages_asked_for_zeroed_are_zero_though_they_were_used)
{
    for (unsigned order = 0; order <= 4; order++) {
        struct page *page = take_page(GFP_KERNEL, order);
        memset(page_address(page), 0x77, PAGE_BYTES << order);
        page_free(page, order);
        page = take_page(GFP_KERNEL | GFP_ZERO, order);
        ktest_assert(!poison_find_damage(page_address(page), 0, PAGE_BYTES << order));
        page_free(page, order);
    }
}

KTEST(a_free_page_gives_no_reference)
{
    struct page *page = take_page(GFP_KERNEL, 1);
    ktest_assert(page_try_get(page));
    ktest_equal(page_refs(page), 2);
    page_put(page);
    page_free(page, 1);
    ktest_assert(!page_try_get(page));
}

KTEST(a_block_that_was_split_is_freed_page_by_page)
{
    struct page *page = take_page(GFP_KERNEL, 3);
    page_split(page, 3);
    for (unsigned i = 0; i < 8; i++) {
        ktest_equal(page[i].order, 0);
        ktest_equal(page_refs(&page[i]), 1);
        page_free(&page[i], 0);
    }
}

KTEST(the_last_put_frees_a_page)
{
    zone_drain_all();
    const unsigned long free_before = pages_free();
    struct page *page = take_page(GFP_KERNEL, 4);
    page_get(page);
    page_put(page);
    ktest_equal(pages_free(), free_before - 16);
    page_put(page);
    ktest_equal(pages_free(), free_before);
}

KTEST(freeing_twice_is_reported)
{
    struct page *page = take_page(GFP_KERNEL, 0);

    preempt_disable(); /* or somebody else might have it by then */
    page_free(page, 0);
    report_expect("is freed twice");
    page_free(page, 0);
    preempt_enable();
    ktest_report_seen();

    page = take_page(GFP_KERNEL, 5);
    preempt_disable();
    page_free(page, 5);
    report_expect("freed");
    page_free(page, 5);
    preempt_enable();
    ktest_report_seen();
}

KTEST(freeing_with_the_wrong_order_is_reported)
{
    struct page *page = take_page(GFP_KERNEL, 2);

    report_expect("is freed with the wrong order");
    page_free(page, 0);
    ktest_report_seen();
    report_expect("is freed with the wrong order");
    page_free(page, 3);
    ktest_report_seen();
    page_free(page, 2);
}

KTEST(freeing_what_is_inside_a_block_is_reported)
{
    struct page *page = take_page(GFP_KERNEL | GFP_COMPOUND, 2);
    report_expect("does not head a block");
    page_free(page + 1, 0);
    ktest_report_seen();
    page_free(page, 2);

    page = take_page(GFP_KERNEL, 2);
    report_expect("does not head a block");
    page_free(page + 2, 1);
    ktest_report_seen();
    page_free(page, 2);
}

KTEST(freeing_the_kernel_itself_is_reported)
{
    report_expect("was never given");
    page_free(page_of(phys_to_pfn(kernel_phys_of((vaddr_t)page_free))), 0);
    ktest_report_seen();
}

KTEST(freeing_what_others_use_is_reported)
{
    struct page *page = take_page(GFP_KERNEL, 0);

    page_get(page);
    report_expect("is freed while others use it");
    page_free(page, 0);
    ktest_report_seen();
    page_put(page);

    page->mapcount = 1;
    report_expect("is freed while it is mapped");
    page_free(page, 0);
    ktest_report_seen();
    report_expect("is freed while it is mapped");
    page_put(page);
    ktest_report_seen();
    page->mapcount = 0;
    page_put(page);
}

/* Write into a page of @gfp after it was freed; the next to take it must notice. */
static void write_after_free(gfp_t gfp)
{
    struct page *page = take_page(gfp, 0);

    preempt_disable(); /* the next page taken on this CPU is the one freed last */
    page_free(page, 0);
    u8 *memory = kmap_local_page(page);
    memory[1234] ^= 1;
    kunmap_local(memory);
    report_expect("was written to while it was free");
    struct page *again = page_alloc(gfp & ~(gfp_t)GFP_MAY_SLEEP, 0);
    preempt_enable();
    ktest_report_seen();
    ktest_assert(again == page);
    page_free(again, 0);
}

KTEST(a_write_after_the_free_is_reported)
{
    if (!CONFIG_CHECK)
        ktest_skip("only check builds poison pages");
    write_after_free(GFP_KERNEL);
    write_after_free(GFP_HIGHUSER);
}

KTEST(asking_to_sleep_under_a_spinlock_is_reported_even_if_there_is_memory)
{
    static SPINLOCK(lock, RANK_TEST_SPIN);

    spin_lock(&lock);
    report_expect("sleeping");
    struct page *page = page_alloc(GFP_KERNEL, 0);
    const bool seen = report_seen();
    spin_unlock(&lock);
    ktest_assert(seen);
    page_put(page);
}

/* Pages chained through their links, so that taking all memory needs no memory. */
static unsigned long take_all(struct list_node *list, gfp_t gfp)
{
    unsigned long count = 0;
    struct page *page;

    while ((page = page_alloc(gfp | GFP_NOWARN, 0)) != NULL) {
        list_add(&page->link, list);
        count++;
    }
    return count;
}

static void give_all(struct list_node *list)
{
    while (!list_empty(list)) {
        struct page *page = list_first_entry(list, struct page, link);
        list_del(&page->link);
        page_free(page, 0);
    }
}

KTEST(memory_runs_out_with_a_reserve_left_and_comes_back)
{
    struct zone_stat stat;
    LIST(sleepers);
    LIST(urgent);

    zone_drain_all();
    const unsigned long free_before = pages_free();
    take_all(&sleepers, GFP_HIGHUSER);
    take_all(&sleepers, GFP_KERNEL);
    zone_stat(ZONE_NORMAL, &stat);
    const unsigned long left = stat.free_pages, reserve = stat.min - stat.min / 2;
    const unsigned long taken = take_all(&urgent, GFP_ATOMIC);
    const unsigned long wanted_block = (unsigned long)page_alloc(GFP_ATOMIC | GFP_NOWARN, 9);
    zone_stat(ZONE_NORMAL, &stat);
    give_all(&urgent);
    give_all(&sleepers);

    ktest_assert(stat.min > 1 && stat.min <= stat.low && stat.low <= stat.high);
    ktest_equal(left, stat.min);
    ktest_assert(taken >= reserve);
    ktest_assert(stat.free_pages >= stat.min / 2);
    ktest_equal(wanted_block, 0);
    zone_drain_all();
    ktest_equal(pages_free(), free_before);
}

static void fill_own_list(void *data)
{
    LIST(list);

    for (unsigned i = 0; i < 50; i++)
        list_add(&take_page(GFP_KERNEL, 0)->link, &list);
    give_all(&list);
}

KTEST(pages_in_the_lists_of_other_cpus_are_found_when_memory_is_short)
{
    struct zone_stat stat;
    LIST(list);

    ktest_on_each_cpu(fill_own_list, NULL);
    ktest_assert(zone_free_pages(ZONE_NORMAL) > zones[ZONE_NORMAL].buddy.free_pages);
    take_all(&list, GFP_KERNEL);
    zone_stat(ZONE_NORMAL, &stat);
    give_all(&list);
    ktest_equal(stat.cached_pages, 0);
}

KTEST(single_pages_given_back_become_big_blocks_again)
{
    struct zone_stat before, after;
    LIST(list);

    zone_drain_all();
    zone_stat(ZONE_NORMAL, &before);
    for (unsigned i = 0; i < 3000; i++)
        list_add(&take_page(GFP_KERNEL, 0)->link, &list);
    give_all(&list);
    zone_drain_all();
    zone_stat(ZONE_NORMAL, &after);
    for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++)
        ktest_equal(before.blocks[order], after.blocks[order]);
}

KTEST(who_can_use_highmem_gets_it_first_and_leaves_low_memory_to_others)
{
    struct zone_stat high, normal;
    LIST(list);

    zone_stat(ZONE_HIGHMEM, &high);
    if (high.pages == 0)
        ktest_skip("no HIGHMEM; boot with highmem=64M");
    struct page *page = take_page(GFP_HIGHUSER, 0);
    ktest_assert(page_is_highmem(page));
    page_free(page, 0);
    page = take_page(GFP_KERNEL, 0);
    ktest_assert(!page_is_highmem(page));
    page_free(page, 0);

    take_all(&list, GFP_HIGHUSER);
    zone_stat(ZONE_HIGHMEM, &high);
    zone_stat(ZONE_NORMAL, &normal);
    page = page_alloc(GFP_KERNEL, 0); /* what could fall back has taken what it may */
    give_all(&list);
    ktest_assert(page);
    page_free(page, 0);
    ktest_equal(high.free_pages, high.min);
    ktest_equal(normal.free_pages, normal.min + zones[ZONE_NORMAL].kept_for_direct);
    ktest_assert(zones[ZONE_NORMAL].kept_for_direct > 0);
}

KTEST(the_audit_sees_a_page_that_got_lost)
{
    struct page *page = take_page(GFP_KERNEL, 0);

    page->kind = PAGE_PART;
    const unsigned offences = page_audit();
    page->kind = PAGE_USED;
    page_free(page, 0);
    ktest_assert(offences > 0);
    ktest_equal(page_audit(), 0);
}

/*
 * Compound blocks: one thing with one count, found from any of its pages, until it dissolves.
 */
#include "kernel/ktest.h"
#include "lib/string.h"
#include "mm/gigantic.h"
#include "mm/zone.h"

/* Take a page, sure to get one. */
static struct page *take_page(gfp_t gfp, unsigned order)
{
    struct page *page = page_alloc(gfp, order);
    ktest_assert(page);
    return page;
}

KTEST(a_compound_block_has_one_count_for_all_its_pages)
{
    struct page *head = take_page(GFP_KERNEL | GFP_COMPOUND, 3);

    for (unsigned i = 0; i < 8; i++) {
        ktest_assert(page_head(head + i) == head);
        ktest_assert(page_is_compound(head + i));
    }
    page_get(head + 5);
    ktest_equal(page_refs(head + 2), 2);
    page_put(head + 7);
    ktest_equal(page_refs(head), 1);
    page_put(head + 3); /* the last: frees all of it */
    ktest_assert(head->kind != PAGE_USED);
    ktest_assert(!page_is_compound(head + 5));
}

KTEST(a_compound_block_costs_no_write_to_the_pages_behind_its_head)
{
    for (unsigned order = 1; order <= PAGE_ORDER_MAX; order++) {
        struct page *head = take_page(GFP_KERNEL, order);
        const unsigned long last = (1ul << order) - 1;
        page_free(head, order);
        const struct page before = head[last];
        struct page *again = take_page(GFP_KERNEL | GFP_COMPOUND, order);
        if (again == head) {
            ktest_assert(CONFIG_CHECK || !memcmp(&before, &head[last], sizeof before));
            ktest_equal(head[last].kind, PAGE_PART);
        }
        ktest_assert(page_head(again + last) == again);
        ktest_assert(page_head(again + last / 2 + 1) == again);
        page_put(again + last);
    }
}

/* Dissolve a compound block and give its pages back one by one, from the last. */
static void dissolve(struct page *head, unsigned order)
{
    ktest_equal(head->order, order);
    page_dissolve(head);
    for (unsigned long i = 1ul << order; i-- > 0;) {
        ktest_equal(head[i].kind, PAGE_USED);
        ktest_equal(head[i].order, 0);
        ktest_assert(!page_is_compound(&head[i]));
        ktest_assert(page_head(&head[i]) == &head[i]);
        ktest_equal(page_refs(&head[i]), 1);
        page_put(&head[i]);
    }
}

KTEST(a_compound_block_dissolves_into_pages_that_are_freed_one_by_one)
{
    zone_drain_all();
    const unsigned long free_before = pages_free();
    for (unsigned order = 1; order <= PAGE_ORDER_MAX; order++) {
        struct page *head = take_page(GFP_KERNEL | GFP_COMPOUND, order);
        dissolve(head, order);
    }
    struct page *gigantic = page_alloc_gigantic(GFP_HIGHUSER, PAGE_ORDER_MAX + 1);
    if (gigantic)
        dissolve(gigantic, PAGE_ORDER_MAX + 1);
    zone_drain_all();
    ktest_equal(pages_free(), free_before);
    ktest_equal(page_audit(), 0);
}

KTEST(the_audit_sees_a_block_with_a_page_of_another_kind)
{
    struct page *head = take_page(GFP_KERNEL | GFP_COMPOUND, 3);

    head[5].kind = PAGE_CACHED;
    const unsigned offences = page_audit();
    head[5].kind = PAGE_PART;
    page_put(head);
    ktest_assert(offences > 0);
}

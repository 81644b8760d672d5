/*
 * Free blocks by order: split, merge, take from the middle, and a long random run against a model
 * that is nothing but a bit per page.
 *
 * Links: -
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/types.h"
#include "mm/buddy.h"

enum { PAGES = 8 << PAGE_ORDER_MAX };

struct page *memmap_array;
static struct buddy buddy;

/* Pages [@start, @end) are free RAM, all others are holes. */
static void set_up_ram(unsigned long start, unsigned long end)
{
    free(memmap_array);
    memmap_array = calloc(PAGES, sizeof(struct page));
    for (unsigned long i = start; i < end; i++)
        memmap_array[i].kind = PAGE_PART;
    buddy_init(&buddy);
    buddy_give_range(&buddy, (pfn_t){ start }, (pfn_t){ end });
    assert_int_equal(buddy.free_pages, end - start);
    assert_int_equal(buddy_audit(&buddy), 0);
}

static int set_up(void **state)
{
    set_up_ram(0, PAGES);
    return 0;
}

static int tear_down(void **state)
{
    const int offences = (int)buddy_audit(&buddy);
    free(memmap_array);
    memmap_array = NULL;
    return offences;
}

static struct page *take(unsigned order)
{
    struct page *page = buddy_take(&buddy, order);
    assert_non_null(page);
    assert_int_equal(page->kind, PAGE_PART);
    assert_int_equal(page->order, order);
    page->kind = PAGE_USED;
    return page;
}

static void all_memory_starts_as_blocks_of_the_highest_order(void **state)
{
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 8);
    assert_int_equal(buddy.orders, 1u << PAGE_ORDER_MAX);
}

static void taking_one_page_leaves_one_block_of_each_lower_order(void **state)
{
    struct page *page = take(0);

    for (unsigned order = 0; order < PAGE_ORDER_MAX; order++)
        assert_int_equal(buddy.count[order], 1);
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 7);
    buddy_give(&buddy, page, 0);
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 8);
}

static void merging_two_buddies_gives_one_block_of_the_next_order(void **state)
{
    set_up_ram(0, 2);
    struct page *low = take(0), *high = take(0);

    assert_null(buddy_take(&buddy, 0));
    buddy_give(&buddy, high, 0);
    assert_int_equal(buddy.count[0], 1);
    buddy_give(&buddy, low, 0);
    assert_int_equal(buddy.count[0], 0);
    assert_int_equal(buddy.count[1], 1);
    assert_ptr_equal(buddy_block_of((pfn_t){ 1 }), memmap_array);
}

static void neighbours_that_are_not_buddies_do_not_merge(void **state)
{
    set_up_ram(1, 3); /* pages 1 and 2: beside each other, in different pairs */
    assert_int_equal(buddy.count[0], 2);
    assert_int_equal(buddy.count[1], 0);
}

static void a_free_block_of_another_order_does_not_merge(void **state)
{
    set_up_ram(0, 4);
    struct page *first = take(0);
    struct page *second = take(0);
    assert_ptr_equal(second, first + 1);
    buddy_give(&buddy, first, 0); /* order 0 beside pages 2 and 3, of order 1 */
    assert_int_equal(buddy.count[0], 1);
    assert_int_equal(buddy.count[1], 1);
    buddy_give(&buddy, second, 0);
    assert_int_equal(buddy.count[2], 1);
}

static void memory_that_ends_anywhere_is_cut_into_the_biggest_blocks(void **state)
{
    set_up_ram(3, 1024 + 5); /* 1, 4, 8 ... 512, and then 4, 1 */
    assert_int_equal(buddy.count[0], 2);
    assert_int_equal(buddy.count[1], 0);
    assert_int_equal(buddy.count[2], 2);
    for (unsigned order = 3; order < PAGE_ORDER_MAX; order++)
        assert_int_equal(buddy.count[order], 1);
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 0);
}

static void the_smallest_block_that_is_big_enough_is_split(void **state)
{
    set_up_ram(0, 1024 + 8);
    struct page *page = take(2);
    assert_ptr_equal(page, memmap_array + 1024);
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 1);
}

static void what_is_not_there_is_refused(void **state)
{
    set_up_ram(0, 512);
    assert_null(buddy_take(&buddy, PAGE_ORDER_MAX));
    struct page *page = take(9);
    assert_null(buddy_take(&buddy, 0));
    assert_int_equal(buddy.free_pages, 0);
    buddy_give(&buddy, page, 9);
}

static void a_range_is_taken_out_of_the_middle_of_blocks(void **state)
{
    const pfn_t start = { 1000 }, end = { 3001 };

    assert_true(buddy_take_range(&buddy, start, end));
    assert_int_equal(buddy.free_pages, PAGES - 2001);
    assert_int_equal(buddy_audit(&buddy), 0);
    assert_null(buddy_block_of((pfn_t){ 1000 }));
    assert_null(buddy_block_of((pfn_t){ 3000 }));
    assert_non_null(buddy_block_of((pfn_t){ 999 }));
    assert_non_null(buddy_block_of((pfn_t){ 3001 }));
    buddy_give_range(&buddy, start, end);
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 8);
}

static void a_range_with_one_page_in_use_is_left_alone(void **state)
{
    struct page *page = take(0);
    const pfn_t pfn = page_pfn(page);

    assert_false(buddy_take_range(&buddy, (pfn_t){ pfn.number & ~1023ul },
                                  (pfn_t){ (pfn.number & ~1023ul) + 2048 }));
    assert_int_equal(buddy.free_pages, PAGES - 1);
    assert_int_equal(buddy_audit(&buddy), 0);
    buddy_give(&buddy, page, 0);
}

static void the_audit_sees_a_block_in_the_wrong_list(void **state)
{
    struct page *page = list_first_entry(&buddy.blocks[PAGE_ORDER_MAX], struct page, link);
    page->order = 3;
    assert_int_not_equal(buddy_audit(&buddy), 0);
    page->order = PAGE_ORDER_MAX;
}

static void the_audit_sees_a_free_page_that_somebody_has(void **state)
{
    struct page *page = list_first_entry(&buddy.blocks[PAGE_ORDER_MAX], struct page, link);
    page->refs = 1;
    assert_int_not_equal(buddy_audit(&buddy), 0);
    page->refs = 0;
    page[77].kind = PAGE_USED;
    assert_int_not_equal(buddy_audit(&buddy), 0);
    page[77].kind = PAGE_PART;
}

static void the_audit_sees_a_lost_count(void **state)
{
    buddy.free_pages++;
    assert_int_not_equal(buddy_audit(&buddy), 0);
    buddy.free_pages--;
    buddy.count[4]++;
    assert_int_not_equal(buddy_audit(&buddy), 0);
    buddy.count[4]--;
}

static void giving_a_block_that_is_free_is_an_error(void **state)
{
    struct page *page = take(4);
    buddy_give(&buddy, memmap_array + (page - memmap_array), 4);
    struct page *head = buddy_block_of(page_pfn(page));
    expect_assert_failure(buddy_give(&buddy, head, head->order));
}

static void giving_a_block_at_a_wrong_place_is_an_error(void **state)
{
    struct page *page = take(4);
    expect_assert_failure(buddy_give(&buddy, page + 1, 4));
    buddy_give(&buddy, page, 4);
}

static unsigned long next_random(void)
{
    static uint64_t seed = 42;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned long)(seed >> 33);
}

/* Mark a block in the model, which must have been the other way before. */
static void model_flip(bool *in_use, const struct page *page, unsigned order, bool now)
{
    for (unsigned long i = 0; i < 1ul << order; i++) {
        bool *bit = &in_use[page - memmap_array + (long)i];
        assert_int_equal(*bit, !now);
        *bit = now;
    }
}

static void a_long_random_run_agrees_with_a_bit_per_page(void **state)
{
    enum { HELD = 400 };
    static bool in_use[PAGES];
    struct page *held[HELD] = { NULL };
    unsigned long free_pages = PAGES;

    memset(in_use, 0, sizeof(in_use));
    for (unsigned step = 0; step < 20000; step++) {
        struct page **slot = &held[next_random() % HELD];
        if (*slot) {
            const unsigned order = (*slot)->order;
            model_flip(in_use, *slot, order, false);
            free_pages += 1ul << order;
            buddy_give(&buddy, *slot, order);
            *slot = NULL;
        } else {
            const unsigned order = (unsigned)(next_random() % BUDDY_ORDERS);
            if (!(buddy.orders >> order))
                continue;
            *slot = take(order);
            assert_int_equal((*slot - memmap_array) & ((1l << order) - 1), 0);
            model_flip(in_use, *slot, order, true);
            free_pages -= 1ul << order;
        }
        assert_int_equal(buddy.free_pages, free_pages);
        if (step % 500 == 0)
            assert_int_equal(buddy_audit(&buddy), 0);
    }
    for (unsigned i = 0; i < HELD; i++)
        if (held[i])
            buddy_give(&buddy, held[i], held[i]->order);
    assert_int_equal(buddy.count[PAGE_ORDER_MAX], 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_memory_starts_as_blocks_of_the_highest_order),
        TEST(taking_one_page_leaves_one_block_of_each_lower_order),
        TEST(merging_two_buddies_gives_one_block_of_the_next_order),
        TEST(neighbours_that_are_not_buddies_do_not_merge),
        TEST(a_free_block_of_another_order_does_not_merge),
        TEST(memory_that_ends_anywhere_is_cut_into_the_biggest_blocks),
        TEST(the_smallest_block_that_is_big_enough_is_split),
        TEST(what_is_not_there_is_refused),
        TEST(a_range_is_taken_out_of_the_middle_of_blocks),
        TEST(a_range_with_one_page_in_use_is_left_alone),
        TEST(the_audit_sees_a_block_in_the_wrong_list),
        TEST(the_audit_sees_a_free_page_that_somebody_has),
        TEST(the_audit_sees_a_lost_count),
        TEST(giving_a_block_that_is_free_is_an_error),
        TEST(giving_a_block_at_a_wrong_place_is_an_error),
        TEST(a_long_random_run_agrees_with_a_bit_per_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The radix tree of pages against an array, with memory that runs out.
 *
 * Links: tests/host/kernel/fs/memory.c lib/random.c
 */
#include "kernel/fs/page_tree.h"

#include "lib/random.h"
#include "tests/host/kernel/fs/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { COUNT = 200 };

static const u64 anchors[] = {
    0, 63, 64, 4095, 4096, 262143, 262144, 1ull << 40, (1ull << 53) - 40
};

static struct page *fake(u64 index) { return (struct page *)(uintptr_t)(index * 8 + 8); }

static void pages_are_found_in_order_and_taken_out(void **state)
{
    struct page_tree tree = { 0 };
    struct random random = { 42 };
    u64 all[COUNT];

    for (unsigned i = 0; i < COUNT; i++) {
        do
            all[i] = anchors[random_below(&random, 9)] + random_below(&random, 40);
        while (page_tree_find(&tree, all[i]));
        assert_int_equal(page_tree_insert(&tree, all[i], fake(all[i])), 0);
    }
    for (unsigned i = 0; i < COUNT; i++)
        assert_ptr_equal(page_tree_find(&tree, all[i]), fake(all[i]));

    u64 index = 0, previous = 0;
    unsigned seen = 0;
    for (struct page *page; (page = page_tree_next(&tree, &index)); previous = index++) {
        assert_ptr_equal(page, fake(index));
        assert_true(!seen || index > previous);
        seen++;
    }
    assert_int_equal(seen, COUNT);

    for (unsigned i = 0; i < COUNT; i++) {
        assert_ptr_equal(page_tree_remove(&tree, all[i]), fake(all[i]));
        assert_null(page_tree_find(&tree, all[i]));
        assert_null(page_tree_remove(&tree, all[i]));
    }
    assert_null(tree.root);
    assert_int_equal(memory_in_use, 0);
}

static void running_out_of_memory_leaves_the_tree_as_it_was(void **state)
{
    for (unsigned first = 0; first < 2; first++)
        for (long limit = 0; limit < 12; limit++) {
            struct page_tree tree = { 0 };
            if (first)
                assert_int_equal(page_tree_insert(&tree, 5, fake(5)), 0);
            memory_until_failure = limit;
            int error = page_tree_insert(&tree, 1ull << 40, fake(1));
            memory_until_failure = -1;
            assert_true(error == 0 || error == -ENOMEM);
            assert_ptr_equal(page_tree_find(&tree, 5), first ? fake(5) : NULL);
            assert_ptr_equal(page_tree_find(&tree, 1ull << 40), error ? NULL : fake(1));
            if (!error)
                page_tree_remove(&tree, 1ull << 40);
            if (first)
                page_tree_remove(&tree, 5);
            assert_int_equal(memory_in_use, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_found_in_order_and_taken_out),
        cmocka_unit_test(running_out_of_memory_leaves_the_tree_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

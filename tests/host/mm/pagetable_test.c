/*
 * The walk: slots found and made, at every level of every geometry.
 *
 * Links: mm/tlb_gather.c mm/mm.c mm/vma.c mm/zap.c mm/range.c mm/fault.c mm/fault_anon.c mm/grow.c
 *        mm/rmap.c mm/mapping.c mm/zero_page.c mm/huge.c mm/fault_huge.c mm/fork.c
 *        lib/rbtree.c lib/random.c tests/host/mm/host_machine.c
 *        tests/host/mm/host_locks.c
 */
#include "mm/mm.h"
#include "mm/pagetable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/random.h"
#include "mm/tlb_gather.h"
#include "tests/host/mm/host_machine.h"

static struct page_table *root;
static struct mm mm; /* whose root it is: for the count of its tables */

/* Free the tables that serve nothing outside of [@start, @end). */
static void free_within(struct tlb_gather *gather, vaddr_t start, vaddr_t end)
{
    pt_free_range(gather, root, &(struct pt_range){ start, end, start, end });
}

/* What a fixed root points at from the start. */
#define FIXED_TABLES (PT_ROOT_IS_FIXED ? pt_index(USER_TABLES_END - 1, PT_LEVELS - 1) + 1 : 0)

static int start(void **state)
{
    host_machine_start();
    for (size_t i = 0; i < PT_ROOT_ENTRIES; i++) /* the kernel's entries, to be recognised */
        kernel_root->entry[i].bits = (i + 1) * 0x1000;
    root = pt_root_create();
    return root == NULL;
}

static int end(void **state)
{
    pt_root_destroy(root);
    assert_int_equal(host_pages_used(), 0);
    return 0;
}

static void free_all(void)
{
    struct tlb_gather gather;
    tlb_gather_begin(&gather, &mm);
    gather.unloaded = true;
    assert_int_equal(mm.tables, pt_count_tables(root));
    free_within(&gather, 0, USER_TABLES_END);
    tlb_gather_end(&gather);
    assert_int_equal(mm.tables, 0);
    assert_int_equal(host_pages_used(), 1 + FIXED_TABLES);
}

static void a_root_shares_the_kernels_entries_and_no_others(void **state)
{
    size_t first_kernel = pt_index(USER_TABLES_END - 1, PT_LEVELS - 1) + 1;
    for (size_t i = 0; i < PT_ROOT_ENTRIES; i++) {
        if (i >= first_kernel)
            assert_int_equal(root->entry[i].bits, (i + 1) * 0x1000);
        else
            assert_int_equal(pte_present(root->entry[i]), PT_ROOT_IS_FIXED);
    }
    if (PT_ROOT_IS_FIXED) {
        assert_int_equal(first_kernel, 3);
        for (size_t i = 0; i < 3; i++) /* present, and the reserved bits are 0 */
            assert_int_equal(root->entry[i].bits & 0xfff, 1);
    }
}

static void a_slot_is_found_where_it_was_made(void **state)
{
    static const vaddr_t places[] = { 0,          0x1000,     0x3ff000,  0x400000,
                                      0x3fffffff, 0x40000000, 0xbfffffff };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (unsigned level = PT_LEVELS; level-- > 0;) {
            pte_t *slot = pt_slot(root, places[i], level, &mm.tables);
            assert_non_null(slot);
            pt_unmap(slot);
            pte_t *found = pt_find(root, places[i], level);
            assert_ptr_equal(found, slot);
            assert_int_equal((uintptr_t)slot % PAGE_BYTES / sizeof *slot,
                             pt_index(places[i], level));
            pt_unmap(found);
        }
    }
    free_all();
}

static void nothing_is_found_where_nothing_was_made(void **state)
{
    pte_t *slot = pt_slot(root, 0x10000000, 0, &mm.tables);
    pt_unmap(slot);
    assert_null(pt_find(root, 0x80000000, 0));
    slot = pt_find(root, 0x10000000 + PAGE_BYTES, 0); /* the same table */
    assert_non_null(slot);
    assert_true(pte_none(pte_get(slot)));
    pt_unmap(slot);
    free_all();
}

static void a_huge_page_ends_the_walk(void **state)
{
    pte_t *slot = pt_slot(root, 0x40000000, 1, &mm.tables);
    pte_set(slot, pte_leaf((pfn_t){ 0 }, (prot_t){ PROT_READ | PROT_USER }, 1));
    assert_null(pt_find(root, 0x40000000, 0));
    struct pt_walk walk = pt_walk(root, 0x40001000);
    assert_int_equal(walk.level, 1);
    assert_true(pte_is_huge(walk.entry[1]));
    pte_clear(slot);
    free_all();
}

static void without_memory_there_is_no_slot_and_no_leak(void **state)
{
    for (int memory = 0; memory < PT_LEVELS - 1 - (PT_ROOT_IS_FIXED ? 1 : 0); memory++) {
        host_fail_after(memory);
        assert_null(pt_slot(root, 0x12345000, 0, &mm.tables));
        host_fail_after(-1);
        free_all();
    }
    host_fail_after(0);
    assert_null(pt_root_create());
    if (PT_ROOT_IS_FIXED) {
        host_fail_after(2);
        assert_null(pt_root_create());
    }
    host_fail_after(-1);
    assert_int_equal(host_pages_used(), 1 + FIXED_TABLES);
}

static void only_tables_wholly_inside_the_range_go(void **state)
{
    struct tlb_gather gather;
    vaddr_t a = LEVEL_BYTES(1) * 5, b = LEVEL_BYTES(1) * 6;
    pt_unmap(pt_slot(root, a, 0, &mm.tables));
    pt_unmap(pt_slot(root, b, 0, &mm.tables));
    unsigned used = host_pages_used();

    tlb_gather_begin(&gather, &mm);
    gather.unloaded = true;
    free_within(&gather, a + PAGE_BYTES, b);
    free_within(&gather, a, b - PAGE_BYTES);
    tlb_gather_flush(&gather);
    assert_non_null(pt_find(root, a, 1));
    pte_t *slot = pt_find(root, a, 0);
    assert_non_null(slot);
    pt_unmap(slot);
    free_within(&gather, a, b);
    tlb_gather_end(&gather);
    assert_null(pt_find(root, a, 0));
    slot = pt_find(root, b, 0);
    assert_non_null(slot);
    pt_unmap(slot);
    assert_int_equal(host_pages_used(), used - 1);
    free_all();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(a_root_shares_the_kernels_entries_and_no_others),
        TEST(a_slot_is_found_where_it_was_made),
        TEST(nothing_is_found_where_nothing_was_made),
        TEST(a_huge_page_ends_the_walk),
        TEST(without_memory_there_is_no_slot_and_no_leak),
        TEST(only_tables_wholly_inside_the_range_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

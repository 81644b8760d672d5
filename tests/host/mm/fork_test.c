/*
 * The zero page, copy-on-write, fork and the reverse map, one statement after the other.
 *
 * Links: mm/mmap.c mm/range.c mm/zap.c mm/vma.c mm/mm.c mm/pagetable.c mm/tlb_gather.c
 *        mm/fault.c mm/fault_anon.c mm/grow.c mm/rmap.c mm/zero_page.c mm/huge.c
 *        mm/fault_huge.c mm/gup.c lib/rbtree.c tests/host/mm/host_machine.c
 *        tests/host/mm/host_locks.c mm/mapping.c
 */
#include "mm/fork.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mm/count.h"
#include "mm/gup.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/pagetable.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "mm/walk.h"
#include "tests/host/mm/host_machine.h"

enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };

#define BASE ((vaddr_t)0x40000000)

static struct mm *mm, *child;

static int start(void **state)
{
    host_machine_start();
    mm_init();
    mm = mm_create();
    child = NULL;
    return mm == NULL;
}

static int end(void **state)
{
    mm_put(mm);
    if (child)
        mm_put(child);
    assert_int_equal(host_pages_used(), 0);
    assert_int_equal(host_counts[COUNT_TABLE_ALLOC], host_counts[COUNT_TABLE_FREE]);
    assert_true(host_zero_page_is_zero());
    return 0;
}

static int map(vaddr_t address, size_t bytes, unsigned prot, unsigned flags)
{
    struct map_request request = {
        .address = address, .bytes = bytes, .prot = prot, .flags = flags
    };
    vaddr_t place;
    return mm_map(mm, &request, &place);
}

/* Z9, Z14, Z31: reading costs no page; the first write does, once. */
static void untouched_memory_shows_the_zero_page(void **state)
{
    enum fault_result result;
    unsigned used = host_pages_used();
    assert_int_equal(map(BASE, 4 * PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    unsigned char *zeroes = host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result);
    unsigned tables = host_pages_used() - used;
    assert_int_equal(*zeroes, 0);
    assert_ptr_equal(host_cpu_access(mm, BASE + PAGE_BYTES, PROT_READ | PROT_USER, &result),
                     zeroes);
    assert_int_equal(host_pages_used() - used, tables);
    assert_int_equal(mm_resident_pages(mm), 0);
    assert_int_equal(host_counts[COUNT_FAULT_ZERO], 2);
    assert_null(vma_lookup(mm, BASE)->anon_vma);

    unsigned char *byte = host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result);
    assert_ptr_not_equal(byte, zeroes);
    *byte = 1;
    assert_int_equal(*host_cpu_access(mm, BASE + PAGE_BYTES, PROT_READ | PROT_USER, &result), 0);
    assert_int_equal(mm_resident_pages(mm), 1);
    assert_int_equal(host_counts[COUNT_FAULT_COW_ZERO], 1);
    assert_int_equal(host_counts[COUNT_FAULT_FRESH], 0);
}

static void read_too(void)
{
    enum fault_result result;
    host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result);
    host_fail_after(0);
}

/* Z12, B7: who loses the race for a place wants no memory, and has succeeded. */
static void a_write_that_finds_a_zero_page_meanwhile_keeps_it(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    host_cpu_access(mm, BASE + PAGE_BYTES, PROT_READ | PROT_USER, &result); /* for the table */
    host_on_clear = read_too;
    struct fault fault = { .va = BASE, .access = { PROT_WRITE | PROT_USER } };
    assert_int_equal(mm_fault(mm, &fault), FAULT_FIXED); /* the instruction will fault again */
    host_fail_after(-1);
    assert_int_equal(mm_resident_pages(mm), 0);
    *host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result) = 3;
    assert_int_equal(mm_resident_pages(mm), 1);
}

/* Z12: the same for a read, between fault.c's look at the entry and anon_fault()'s. */
static void a_read_that_finds_a_zero_page_meanwhile_is_done(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result); /* the other thread */
    const struct fault fault = { .va = BASE, .access = { PROT_READ | PROT_USER } };
    pte_t *slot = pt_find(mm->root, BASE, 0);
    host_fail_after(0);
    assert_int_equal(anon_fault(vma_lookup(mm, BASE), slot, &fault), FAULT_FIXED);
    host_fail_after(-1);
    pt_unmap(slot);
    assert_int_equal(mm_resident_pages(mm), 0);
    assert_int_equal(host_counts[COUNT_FAULT_AGAIN], 1);
}

static struct mm *fork_space(void)
{
    child = mm_fork(mm);
    assert_non_null(child);
    return child;
}

/* The one who writes first gets a copy, the last takes the page over. */
static void after_fork_each_page_is_copied_once(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    *host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result) = 1;
    fork_space();
    assert_null(host_cpu_touch(mm, BASE, PROT_WRITE | PROT_USER)); /* the parent lost it, too */
    unsigned char *shared = host_cpu_access(child, BASE, PROT_READ | PROT_USER, &result);
    assert_ptr_equal(shared, host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result));

    *host_cpu_access(child, BASE, PROT_WRITE | PROT_USER, &result) = 2;
    assert_int_equal(*host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result), 1);
    assert_ptr_equal(host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result), shared);
    assert_int_equal(host_counts[COUNT_FAULT_COW], 1);
    assert_int_equal(host_counts[COUNT_FAULT_REUSE], 1);
    assert_int_equal(mm_resident_pages(child), 1);
}

static void fault_too(void)
{
    enum fault_result result;
    *host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result) = 5;
}

/* [Z30, Z34, trap 7] */
static void of_two_copies_at_once_one_wins(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    *host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result) = 1;
    fork_space();
    host_on_clear = fault_too; /* between this fault's copy and its change of the entry */
    assert_int_equal(*host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result), 5);
    assert_int_equal(mm_resident_pages(mm), 1);
    assert_int_equal(host_counts[COUNT_FAULT_COW], 1);
    assert_int_equal(host_counts[COUNT_FAULT_AGAIN], 1);
}

/* Z30, Z33, Z34: the same where the zero page was. */
static void of_two_writes_to_a_zero_page_one_wins(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result);
    host_on_clear = fault_too;
    assert_int_equal(*host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result), 5);
    assert_int_equal(mm_resident_pages(mm), 1);
    assert_int_equal(host_counts[COUNT_FAULT_COW_ZERO], 1);
    assert_int_equal(host_counts[COUNT_FAULT_AGAIN], 1);
    assert_int_equal(page_of(zero_pfn)->refs, 1);
    assert_int_equal(page_of(zero_pfn)->mapcount, 0);
}

/* Z6, trap 34: run first, before any mm_init(). */
static void no_frame_is_the_zero_page_yet(void **state)
{
    assert_false(pfn_is_zero_page((pfn_t){ 0 }));
    assert_false(pte_is_zero_page((pte_t){ PTE_PRESENT | PTE_SPECIAL }));
    host_machine_start();
    mm_init();
    assert_true(pfn_is_zero_page(zero_pfn));
    assert_false(pfn_is_zero_page((pfn_t){ 0 }));
}

/* Z37, trap 35: what was only read is not even looked at. */
static void fork_skips_what_was_only_read(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result);
    fork_space();
    assert_null(host_cpu_touch(child, BASE, PROT_READ | PROT_USER));
    assert_int_equal(*host_cpu_access(child, BASE, PROT_READ | PROT_USER, &result), 0);
}

/* Every mapping of a page is found, and no other. */
static void the_reverse_map_finds_all_mappings(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, 3 * PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    const vaddr_t va = BASE + PAGE_BYTES;
    for (unsigned i = 0; i < 3; i++)
        *host_cpu_access(mm, BASE + i * PAGE_BYTES, PROT_WRITE | PROT_USER, &result) = 1;
    struct page *page;
    assert_int_equal(follow_page(vma_lookup(mm, va), va, 0, &page), 0);
    assert_int_equal(rmap_walk_anon(page, NULL, NULL), 1);
    fork_space();
    assert_int_equal(rmap_walk_anon(page, NULL, NULL), 2);
    assert_int_equal(page->mapcount, 2);
    assert_int_equal(mm_unmap(mm, BASE, PAGE_BYTES), 0); /* another page: the vma's start moves */
    assert_int_equal(rmap_walk_anon(page, NULL, NULL), 2);
    *host_cpu_access(child, va, PROT_WRITE | PROT_USER, &result) = 2;
    assert_int_equal(rmap_walk_anon(page, NULL, NULL), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_frame_is_the_zero_page_yet),
        TEST(untouched_memory_shows_the_zero_page),
        TEST(a_write_that_finds_a_zero_page_meanwhile_keeps_it),
        TEST(a_read_that_finds_a_zero_page_meanwhile_is_done),
        TEST(after_fork_each_page_is_copied_once),
        TEST(of_two_copies_at_once_one_wins),
        TEST(of_two_writes_to_a_zero_page_one_wins),
        TEST(fork_skips_what_was_only_read),
        TEST(the_reverse_map_finds_all_mappings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

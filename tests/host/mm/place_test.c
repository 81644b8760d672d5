/*
 * Where mappings go, which are refused, and what grows by itself.
 *
 * Links: mm/mmap.c mm/range.c mm/zap.c mm/vma.c mm/mm.c mm/pagetable.c mm/tlb_gather.c
 *        mm/fault.c mm/fault_anon.c mm/grow.c mm/rmap.c mm/zero_page.c mm/huge.c
 *        mm/fault_huge.c mm/mapping.c lib/rbtree.c tests/host/mm/host_machine.c
 *        tests/host/mm/host_locks.c
 */
#include "mm/mmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/errno.h"
#include "mm/count.h"
#include "mm/mm.h"
#include "mm/vma.h"
#include "tests/host/mm/host_machine.h"

enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };

static struct mm *mm;

static int start(void **state)
{
    host_machine_start();
    mm_init();
    mm = mm_create();
    return mm == NULL;
}

static int end(void **state)
{
    mm_put(mm);
    assert_int_equal(host_pages_used(), 0);
    assert_int_equal(host_counts[COUNT_TABLE_ALLOC], host_counts[COUNT_TABLE_FREE]);
    assert_true(host_zero_page_is_zero());
    return 0;
}

static vaddr_t place; /* where the last mapping went */

static int map(vaddr_t address, size_t bytes, unsigned prot, unsigned flags)
{
    struct map_request request = {
        .address = address, .bytes = bytes, .prot = prot, .flags = flags
    };
    return mm_map(mm, &request, &place);
}

static void mappings_go_below_each_other_under_the_stack(void **state)
{
    vaddr_t first;
    assert_int_equal(map(0, PAGE_BYTES, PROT_READ, PRIVATE), 0);
    first = place;
    assert_int_equal(first, USER_TOP - MM_STACK_ROOM - PAGE_BYTES);
    assert_int_equal(map(0, 3 * PAGE_BYTES - 1, PROT_WRITE, PRIVATE), 0);
    assert_int_equal(place, first - 3 * PAGE_BYTES);
    assert_int_equal(mm_unmap(mm, first, 1), 0);
    assert_int_equal(map(0, PAGE_BYTES, PROT_READ, PRIVATE), 0);
    assert_int_equal(place, first); /* the hole is filled again */
}

static void a_hint_is_taken_if_it_is_free(void **state)
{
    vaddr_t hint = 0x10000000;
    assert_int_equal(map(hint + 5, PAGE_BYTES, PROT_READ, PRIVATE), 0);
    assert_int_equal(place, hint);
    assert_int_equal(map(hint, PAGE_BYTES, PROT_READ, PRIVATE), 0);
    assert_true(place != hint);
    assert_int_equal(map(1, PAGE_BYTES, PROT_READ, PRIVATE), 0);
    assert_true(place >= MM_MIN_ADDRESS);
}

static void bad_requests_get_linux_errors(void **state)
{
    assert_int_equal(map(0, 0, PROT_READ, PRIVATE), -EINVAL);
    assert_int_equal(map(0, SIZE_MAX, PROT_READ, PRIVATE), -ENOMEM);
    assert_int_equal(map(0, USER_TOP, PROT_READ, PRIVATE), -ENOMEM);
    assert_int_equal(map(0, PAGE_BYTES, PROT_READ, MAP_ANONYMOUS), -EINVAL);
    assert_int_equal(map(0x20001, PAGE_BYTES, 0, PRIVATE | MAP_FIXED), -EINVAL);
    assert_int_equal(map(0x1000, PAGE_BYTES, 0, PRIVATE | MAP_FIXED), -EPERM);
    assert_int_equal(map(USER_TOP, PAGE_BYTES, 0, PRIVATE | MAP_FIXED), -ENOMEM);
    assert_int_equal(map(0x20000, PAGE_BYTES, 0, PRIVATE | MAP_FIXED), 0);
    assert_int_equal(map(0x1f000, 0x3000, 0, PRIVATE | MAP_FIXED_NOREPLACE), -EEXIST);
    assert_int_equal(mm_unmap(mm, 0x20001, PAGE_BYTES), -EINVAL);
    assert_int_equal(mm_unmap(mm, 0x20000, 0), -EINVAL);
    assert_int_equal(mm_unmap(mm, USER_TOP - PAGE_BYTES, 2 * PAGE_BYTES), -EINVAL);
    assert_int_equal(mm_protect(mm, 0x20001, 1, PROT_READ), -EINVAL);
    assert_int_equal(mm_protect(mm, 0x20000, 1, 16), -EINVAL);
    assert_int_equal(mm_protect(mm, 0x40000, 1, PROT_READ), -ENOMEM);
    assert_int_equal(mm_protect(mm, 0x20000, SIZE_MAX - 5, PROT_READ), -ENOMEM);
}

static void the_heap_grows_shrinks_and_stops_at_a_mapping(void **state)
{
    enum fault_result result;
    vaddr_t heap = 0x8000000;
    assert_int_equal(mm_brk(mm, 0), 0);
    mm_set_brk(mm, heap - 7);
    assert_int_equal(mm_brk(mm, 0), heap);
    assert_int_equal(mm_brk(mm, heap + 5000), heap + 5000);
    assert_non_null(host_cpu_access(mm, heap + 8191, PROT_WRITE | PROT_USER, &result));
    assert_null(host_cpu_access(mm, heap + 8192, PROT_WRITE | PROT_USER, &result));
    assert_int_equal(map(heap + 0x10000, PAGE_BYTES, 0, PRIVATE | MAP_FIXED), 0);
    assert_int_equal(mm_brk(mm, heap + 0xf000), heap + 0xf000); /* a page stays free */
    assert_int_equal(mm_brk(mm, heap + 0xf001), heap + 0xf000);
    assert_int_equal(mm_brk(mm, heap - 1), heap + 0xf000);
    assert_int_equal(mm_brk(mm, heap), heap);
    assert_null(host_cpu_access(mm, heap, PROT_READ | PROT_USER, &result));
    assert_int_equal(mm_resident_pages(mm), 0);
}

static void a_stack_grows_to_its_limit_but_keeps_its_guard(void **state)
{
    enum fault_result result;
    vaddr_t top = 0x20000000, write = PROT_WRITE | PROT_USER;
    assert_int_equal(map(top - PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE,
                         PRIVATE | MAP_FIXED | MAP_GROWSDOWN),
                     0);
    assert_non_null(host_cpu_access(mm, top - 0x5000, write, &result));
    assert_non_null(host_cpu_access(mm, top - MM_STACK_LIMIT, write, &result));
    assert_null(host_cpu_access(mm, top - MM_STACK_LIMIT - 1, write, &result));
    assert_int_equal(result, FAULT_NO_VMA);
    assert_int_equal(mm->vma_count, 1);

    top = 0x30000000; /* another, with a neighbour below */
    assert_int_equal(map(top - PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE,
                         PRIVATE | MAP_FIXED | MAP_GROWSDOWN),
                     0);
    vaddr_t neighbour = top - 4 * MM_STACK_GUARD;
    assert_int_equal(map(neighbour, PAGE_BYTES, PROT_READ, PRIVATE | MAP_FIXED), 0);
    vaddr_t lowest = neighbour + PAGE_BYTES + MM_STACK_GUARD;
    assert_non_null(host_cpu_access(mm, lowest, write, &result));
    assert_null(host_cpu_access(mm, lowest - 1, write, &result));
    /* nor is a mapping put into the gap */
    assert_int_equal(map(neighbour + PAGE_BYTES, PAGE_BYTES, PROT_READ, PRIVATE), 0);
    assert_true(place != neighbour + PAGE_BYTES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(mappings_go_below_each_other_under_the_stack),
        TEST(a_hint_is_taken_if_it_is_free),
        TEST(bad_requests_get_linux_errors),
        TEST(the_heap_grows_shrinks_and_stops_at_a_mapping),
        TEST(a_stack_grows_to_its_limit_but_keeps_its_guard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

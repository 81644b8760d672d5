/*
 * Address spaces against the plainest model of one: an array with a row for each page, which says
 * what may be done there and what its first byte is.
 *
 * Links: mm/madvise.c mm/range_flags.c mm/mremap.c mm/range.c mm/zap.c mm/vma.c mm/mm.c
 *        mm/pagetable.c mm/tlb_gather.c mm/fault.c mm/fault_anon.c mm/grow.c mm/rmap.c
 *        mm/zero_page.c mm/huge.c mm/fault_huge.c mm/fork.c lib/rbtree.c lib/random.c
 *        tests/host/mm/host_machine.c
 *        tests/host/mm/host_locks.c mm/mapping.c
 */
#include "mm/mmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errno.h"
#include "lib/random.h"
#include "mm/count.h"
#include "mm/fork.h"
#include "mm/madvise.h"
#include "mm/mm.h"
#include "mm/mremap.h"
#include "mm/pagetable.h"
#include "mm/vma.h"
#include "tests/host/mm/host_machine.h"

enum { ROWS = 96, ROUNDS = 30000, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };

/* The rows lie around a multiple of 1 GiB: two tables at each level but the root. */
#define BASE ((vaddr_t)0x40000000 - ROWS / 2 * PAGE_BYTES)

struct row {
    bool mapped;
    unsigned prot;
    unsigned char value;
};

/* Address spaces that were forked from one another; @mm and @rows are those of one of them. */
enum { SPACES = 3 };
static struct space {
    struct mm *mm;
    struct row rows[ROWS];
} spaces[SPACES];

static struct mm *mm;
static struct row *rows;
static struct random rng;

static vaddr_t address_of(unsigned row) { return BASE + row * PAGE_BYTES; }

static void use(unsigned space)
{
    mm = spaces[space].mm;
    rows = spaces[space].rows;
}

static int start(void **state)
{
    host_machine_start();
    mm_init();
    memset(spaces, 0, sizeof spaces);
    spaces[0].mm = mm_create();
    use(0);
    random_seed(&rng, 20);
    return mm == NULL;
}

static int end(void **state)
{
    for (unsigned i = 0; i < SPACES; i++)
        if (spaces[i].mm)
            mm_put(spaces[i].mm);
    assert_int_equal(host_pages_used(), 0);
    assert_true(host_zero_page_is_zero());
    assert_int_equal(host_counts[COUNT_TABLE_ALLOC], host_counts[COUNT_TABLE_FREE]);
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

/* --- the model ------------------------------------------------------------------------------- */

static void check_access(unsigned row, unsigned access)
{
    enum fault_result result;
    unsigned char *byte = host_cpu_access(mm, address_of(row), access | PROT_USER, &result);
    struct row *r = &rows[row];
    unsigned granted = r->prot ? r->prot | PROT_READ : 0;

    if (!r->mapped) {
        assert_int_equal(result, FAULT_NO_VMA);
    } else if (access & ~granted) {
        assert_int_equal(result, FAULT_FORBIDDEN);
    } else {
        assert_int_equal(result, FAULT_FIXED);
        assert_int_equal(*byte, r->value);
        if (access & PROT_WRITE) {
            r->value = (unsigned char)random_u64(&rng);
            *byte = r->value;
        }
    }
}

static void random_map(unsigned from, unsigned to)
{
    unsigned prot = random_below(&rng, 8);
    assert_int_equal(map(address_of(from), (to - from) * PAGE_BYTES, prot, PRIVATE | MAP_FIXED), 0);
    assert_int_equal(place, address_of(from));
    for (unsigned i = from; i < to; i++)
        rows[i] = (struct row){ .mapped = true, .prot = prot };
}

static void random_protect(unsigned from, unsigned to)
{
    unsigned prot = random_below(&rng, 8);
    int error = mm_protect(mm, address_of(from), (to - from) * PAGE_BYTES, prot);
    unsigned i;
    for (i = from; i < to && rows[i].mapped; i++)
        rows[i].prot = prot;
    assert_int_equal(error, i < to ? -ENOMEM : 0);
}

static void random_discard(unsigned from, unsigned to)
{
    int error = mm_advise(mm, address_of(from), (to - from) * PAGE_BYTES, MADV_DONTNEED);
    bool hole = false;
    for (unsigned i = from; i < to; i++) {
        rows[i].value = 0;
        hole |= !rows[i].mapped;
    }
    assert_int_equal(error, hole ? -ENOMEM : 0);
}

/* What is one vma to mm_remap() need not be to the model, but a single page always is. */
static void random_remap(unsigned from, unsigned to)
{
    const unsigned count = to - from, target = random_below(&rng, ROWS - count + 1);
    const bool leaves = random_below(&rng, 2);
    if (target < to && from < target + count)
        return;
    const struct remap_request request = {
        .start = address_of(from),
        .bytes = count * PAGE_BYTES,
        .wanted = count * PAGE_BYTES,
        .flags = MREMAP_MAYMOVE | MREMAP_FIXED | (leaves ? MREMAP_DONTUNMAP : 0),
        .place = address_of(target),
    };
    vaddr_t moved;
    int error = mm_remap(mm, &request, &moved);
    if (count == 1)
        assert_int_equal(error, rows[from].mapped ? 0 : -EFAULT);
    if (error)
        return;
    assert_int_equal(moved, address_of(target));
    for (unsigned i = 0; i < count; i++) {
        assert_true(rows[from + i].mapped);
        rows[target + i] = rows[from + i];
        rows[from + i].mapped = leaves;
        rows[from + i].value = 0;
    }
}

static void random_space(void)
{
    unsigned space;
    do
        space = random_below(&rng, SPACES);
    while (!spaces[space].mm);
    use(space);
}

/* One space ends, and another takes its place as a child of a third. */
static void random_fork(void)
{
    unsigned parent = random_below(&rng, SPACES), child = random_below(&rng, SPACES);
    if (parent == child || !spaces[parent].mm)
        return;
    if (spaces[child].mm)
        mm_put(spaces[child].mm);
    spaces[child] = spaces[parent];
    spaces[child].mm = mm_fork(spaces[parent].mm);
    assert_non_null(spaces[child].mm);
    random_space();
}

static void random_change(void)
{
    unsigned from = random_below(&rng, ROWS);
    unsigned to = from + 1 + random_below(&rng, ROWS - from);

    switch (random_below(&rng, 6)) {
    case 0:
        random_map(from, to);
        break;
    case 1:
        assert_int_equal(mm_unmap(mm, address_of(from), (to - from) * PAGE_BYTES), 0);
        for (unsigned i = from; i < to; i++)
            rows[i] = (struct row){ .mapped = false };
        break;
    case 2:
        random_protect(from, to);
        break;
    case 3:
        random_discard(from, to);
        break;
    case 4:
        random_fork();
        break;
    case 5:
        random_remap(from, random_below(&rng, 2) ? from + 1 : to);
        break;
    }
}

/* The tree holds what the rows say, in as few vmas as possible. */
static void check_vmas(void)
{
    unsigned row = 0, count = 0;
    for (const struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma), count++) {
        const struct vma *prev = vma_prev(vma);
        assert_false(prev && prev->end == vma->start && prev->flags == vma->flags &&
                     prev->offset + (prev->end - prev->start) == vma->offset &&
                     (!prev->anon_vma || !vma->anon_vma || prev->anon_vma == vma->anon_vma));
        for (; row < ROWS && address_of(row) < vma->start; row++)
            assert_false(rows[row].mapped);
        for (; row < ROWS && address_of(row) < vma->end; row++) {
            assert_true(rows[row].mapped);
            assert_int_equal(vma->flags, rows[row].prot | VM_MAY_ACCESS);
        }
    }
    for (; row < ROWS; row++)
        assert_false(rows[row].mapped);
    assert_int_equal(count, mm->vma_count);
}

static void random_operations_agree_with_the_model(void **state)
{
    unsigned kinds = PTE_NX ? 3 : 2; /* without NX whatever is there executes */
    for (unsigned round = 0; round < ROUNDS; round++) {
        random_space();
        if (random_below(&rng, 5) == 0) {
            random_change();
            check_vmas();
        } else {
            check_access(random_below(&rng, ROWS), 1u << random_below(&rng, kinds));
        }
    }
}

static void running_out_of_memory_loses_nothing(void **state)
{
    enum fault_result result;

    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned from = random_below(&rng, ROWS), to = from + 1 + random_below(&rng, ROWS - from);
        size_t bytes = (to - from) * PAGE_BYTES;
        int error = 0;
        host_fail_after((int)random_below(&rng, 4));
        switch (random_below(&rng, 6)) {
        case 0:
            error = map(address_of(from), bytes, PROT_WRITE, PRIVATE | MAP_FIXED);
            break;
        case 1:
            error = mm_unmap(mm, address_of(from), bytes);
            break;
        case 2:
            error = mm_protect(mm, address_of(from), bytes, random_below(&rng, 8));
            break;
        case 3:
            host_cpu_access(mm, address_of(from), PROT_WRITE | PROT_USER, &result);
            break;
        case 4:
            if (spaces[1].mm)
                mm_put(spaces[1].mm);
            spaces[1].mm = mm_fork(mm);
            break;
        }
        assert_true(error == 0 || error == -ENOMEM);
    }
    host_fail_after(-1);
}

/* --- single statements ----------------------------------------------------------------------- */

static void a_touched_page_is_zero_and_counts_once(void **state)
{
    enum fault_result result;
    assert_int_equal(map(0, 4 * PAGE_BYTES, PROT_READ | PROT_WRITE, PRIVATE), 0);
    assert_int_equal(mm_resident_pages(mm), 0);
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < PAGE_BYTES; i += 512)
            assert_int_equal(*host_cpu_access(mm, place + i, PROT_WRITE | PROT_USER, &result), 0);
    assert_int_equal(mm_resident_pages(mm), 1);
    assert_int_equal(host_counts[COUNT_FAULT_FRESH], 1);
}

static void fault_too(void)
{
    enum fault_result result;
    *host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result) = 5;
}

/* [Z30] */
static void of_two_faults_at_once_one_page_wins(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, 2 * PAGE_BYTES, PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    host_cpu_access(mm, BASE + PAGE_BYTES, PROT_READ | PROT_USER, &result); /* for the table */
    host_on_clear = fault_too; /* between this fault's look at the entry and its change of it */
    assert_int_equal(*host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result), 5);
    assert_int_equal(mm_resident_pages(mm), 1);
    assert_int_equal(host_counts[COUNT_FAULT_FRESH], 1);
    assert_int_equal(host_counts[COUNT_FAULT_AGAIN], 1);
}

static void unmapping_frees_the_tables_that_nobody_shares(void **state)
{
    enum fault_result result;
    vaddr_t far = 0x7f000000;
    unsigned long before = host_counts[COUNT_TABLE_ALLOC];
    unsigned long freed = host_counts[COUNT_TABLE_FREE];
    assert_int_equal(map(BASE, ROWS * PAGE_BYTES, PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    assert_int_equal(map(far, PAGE_BYTES, PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    for (unsigned i = 0; i < ROWS; i++)
        host_cpu_access(mm, address_of(i), PROT_WRITE | PROT_USER, &result);
    assert_true(host_counts[COUNT_TABLE_ALLOC] - before >= 2);
    assert_int_equal(mm_unmap(mm, BASE, (ROWS - 1) * PAGE_BYTES), 0);
    assert_true(host_counts[COUNT_TABLE_ALLOC] - before > host_counts[COUNT_TABLE_FREE] - freed);
    assert_int_equal(mm_unmap(mm, address_of(ROWS - 1), PAGE_BYTES), 0);
    assert_int_equal(mm_unmap(mm, far, PAGE_BYTES), 0);
    assert_int_equal(host_counts[COUNT_TABLE_ALLOC] - before,
                     host_counts[COUNT_TABLE_FREE] - freed);
}

/* [trap 20] */
static void a_page_that_nobody_may_touch_keeps_its_contents(void **state)
{
    enum fault_result result;
    assert_int_equal(map(BASE, PAGE_BYTES, PROT_WRITE, PRIVATE | MAP_FIXED), 0);
    *host_cpu_access(mm, BASE, PROT_WRITE | PROT_USER, &result) = 77;
    assert_int_equal(mm_protect(mm, BASE, PAGE_BYTES, 0), 0);
    assert_null(host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result));
    assert_null(host_cpu_touch(mm, BASE, PROT_READ)); /* nor the kernel, in a copy */
    assert_int_equal(mm_resident_pages(mm), 1);
    assert_int_equal(mm_protect(mm, BASE, PAGE_BYTES, PROT_READ), 0);
    assert_int_equal(*host_cpu_access(mm, BASE, PROT_READ | PROT_USER, &result), 77);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(random_operations_agree_with_the_model),
        TEST(running_out_of_memory_loses_nothing),
        TEST(a_touched_page_is_zero_and_counts_once),
        TEST(of_two_faults_at_once_one_page_wins),
        TEST(unmapping_frees_the_tables_that_nobody_shares),
        TEST(a_page_that_nobody_may_touch_keeps_its_contents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

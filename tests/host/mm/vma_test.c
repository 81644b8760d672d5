/*
 * The tree of vmas: found, split, joined; and holes found in it against a search page by page.
 *
 * Links: lib/rbtree.c lib/random.c mm/mm.c mm/pagetable.c mm/tlb_gather.c mm/zap.c mm/range.c
 *        mm/fault.c mm/fault_anon.c mm/grow.c mm/rmap.c mm/mapping.c
 *        mm/zero_page.c mm/huge.c mm/fault_huge.c mm/fork.c tests/host/mm/host_machine.c
 *        tests/host/mm/host_locks.c
 */
#include "mm/vma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/random.h"
#include "mm/mm.h"
#include "tests/host/mm/host_machine.h"

enum { ROWS = 1000, ROUNDS = 4000 };

static struct mm *mm;
static struct random rng;
static bool taken[ROWS];   /* by a vma */
static bool guarded[ROWS]; /* below a stack */

static int start(void **state)
{
    host_machine_start();
    mm_init();
    mm = mm_create();
    random_seed(&rng, 7);
    memset(taken, 0, sizeof taken);
    return mm == NULL;
}

static int end(void **state)
{
    mm_put(mm);
    assert_int_equal(host_pages_used(), 0);
    return 0;
}

static struct vma *insert(unsigned from, unsigned to, unsigned flags)
{
    struct vma *vma = vma_alloc();
    *vma = (struct vma){ 0 };
    vma->start = from * PAGE_BYTES;
    vma->end = to * PAGE_BYTES;
    vma->flags = flags;
    vma->prot = vma_prot(flags);
    vma->ops = &anon_ops;
    vma_insert(mm, vma);
    return vma;
}

static void insert_random(void)
{
    unsigned from = random_below(&rng, ROWS), to = from + 1 + random_below(&rng, 40);
    if (to > ROWS)
        to = ROWS;
    for (unsigned row = from; row < to; row++)
        if (taken[row])
            return;
    insert(from, to, VM_READ | (random_below(&rng, 4) ? 0 : VM_GROWSDOWN));
    memset(taken + from, true, to - from);
}

static void remove_random(void)
{
    struct vma *vma = vma_find(mm, random_below(&rng, ROWS) * PAGE_BYTES);
    if (!vma)
        return;
    memset(taken + vma->start / PAGE_BYTES, false, (vma->end - vma->start) / PAGE_BYTES);
    vma_remove(mm, vma);
    vma_free(vma);
}

static void resize_random(void)
{
    struct vma *vma = vma_find(mm, random_below(&rng, ROWS) * PAGE_BYTES);
    if (!vma || vma->end - vma->start < 4 * PAGE_BYTES)
        return;
    taken[vma->start / PAGE_BYTES] = taken[vma->end / PAGE_BYTES - 1] = false;
    vma_resize(vma, vma->start + PAGE_BYTES, vma->end - PAGE_BYTES);
}

/* A guard gap reaches down to the next vma at most: what lies below that one is its neighbours'. */
static void find_guards(void)
{
    vaddr_t below = 0;

    memset(guarded, 0, sizeof guarded);
    for (struct vma *vma = vma_find(mm, 0); vma; below = vma->end, vma = vma_next(vma)) {
        vaddr_t va = vma_guarded_start(vma);
        for (va = va > below ? va : below; va < vma->start; va += PAGE_BYTES)
            guarded[va / PAGE_BYTES] = true;
    }
}

/* The page where the plainest search finds the hole, 0: none. */
static unsigned plain_search(const struct vma_hole *want)
{
    unsigned low = want->low / PAGE_BYTES, high = want->high / PAGE_BYTES;
    unsigned pages = want->bytes / PAGE_BYTES, found = 0, run = 0;

    for (unsigned row = low; row < high; row++) {
        run = taken[row] || guarded[row] ? 0 : run + 1;
        if (run < pages)
            continue;
        found = row + 1 - pages;
        if (!want->topmost)
            return found;
    }
    return found;
}

static void holes_are_where_a_plain_search_finds_them(void **state)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned dice = random_below(&rng, 8);
        if (dice < 3)
            insert_random();
        else if (dice == 3)
            remove_random();
        else if (dice == 4)
            resize_random();
        find_guards();

        unsigned low = 1 + random_below(&rng, ROWS - 1);
        struct vma_hole want = {
            .bytes = (1 + random_below(&rng, 60)) * PAGE_BYTES,
            .low = low * PAGE_BYTES,
            .high = (low + random_below(&rng, ROWS + 1 - low)) * PAGE_BYTES,
            .topmost = random_below(&rng, 2),
        };
        assert_int_equal(vma_find_hole(mm, &want) / PAGE_BYTES, plain_search(&want));
    }
}

static void a_vma_is_found_from_every_address_before_its_end(void **state)
{
    struct vma *low = insert(10, 20, VM_READ), *high = insert(30, 31, VM_READ);
    assert_ptr_equal(vma_find(mm, 0), low);
    assert_ptr_equal(vma_find(mm, 20 * PAGE_BYTES - 1), low);
    assert_ptr_equal(vma_find(mm, 20 * PAGE_BYTES), high);
    assert_null(vma_find(mm, 31 * PAGE_BYTES));
    assert_null(vma_lookup(mm, 0));
    assert_ptr_equal(vma_lookup(mm, 10 * PAGE_BYTES), low);
    assert_null(vma_lookup(mm, 20 * PAGE_BYTES));
    assert_ptr_equal(vma_next(low), high);
    assert_ptr_equal(vma_prev(high), low);
}

static void halves_join_again_and_strangers_do_not(void **state)
{
    struct vma *vma = insert(10, 20, VM_READ);
    assert_int_equal(vma_split(vma, 15 * PAGE_BYTES), 0);
    assert_int_equal(mm->vma_count, 2);
    insert(20, 22, VM_READ | VM_WRITE);
    vma_merge(vma);
    assert_int_equal(mm->vma_count, 2);
    assert_int_equal(vma->end, 20 * PAGE_BYTES);
    assert_int_equal(mm->mapped_pages, 12);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(holes_are_where_a_plain_search_finds_them),
        TEST(a_vma_is_found_from_every_address_before_its_end),
        TEST(halves_join_again_and_strangers_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

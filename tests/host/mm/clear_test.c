/*
 * In which order a block is cleared: the whole table of edges for each unit, every size below 70
 * with every faulting page, and both older ways.
 *
 * No memory is cleared here.  The machine's loops are replaced by ones that note which page it
 * was, so a block of 2^18 pages costs a byte a page.
 *
 * Links: mm/clear_loops.c lib/parse.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86/copy.h"
#include "arch/x86/percpu.h"
#include "kernel/preempt.h"
#include "lib/minmax.h"
#include "mm/clear.h"
#include "mm/kmap.h"
#include "mm/page.h"

enum { PAGES_MAX = 1 << GIGANTIC_ORDER, UNIT_DEFAULT = 8192 };

/* Where the program sees the block: a multiple of 1 GiB. */
#define BASE ((vaddr_t)1 << 30)

static struct page pages[PAGES_MAX + 2]; /* a sentinel at each end */
static struct page *const first = &pages[1];
static u8 cleared[PAGES_MAX + 2]; /* how often */

struct page *memmap_array = pages;
uintptr_t host_memory = (uintptr_t)1 << 40; /* no byte of it is touched */
unsigned host_cpu, cpus_online = 1;
DEFINE_PER_CPU(u32, preempt_count);
DEFINE_PER_CPU(u32, need_resched_flag);

/* --- what the kernel would bring ------------------------------------------------------------- */

static enum preempt_model model;
static unsigned long offers, questions; /* calls of cond_resched(), of might_sleep() */
static unsigned mapped;                 /* kmap_local_page() without kunmap_local() */
static unsigned long limit;             /* pages of the block */

enum preempt_model preempt_model(void) { return model; }
void might_sleep_at(const char *file, int line) { questions++; }
bool cpu_has(enum cpu_feature feature) { return false; }

bool cond_resched(void)
{
    assert_int_equal(mapped, 0);
    offers++;
    return false;
}

/* Where pages are seen: in the direct map, or, if that is too small for all, in slots elsewhere. */
#define WINDOW (HAS_HIGHMEM ? (vaddr_t)1 << 44 : (vaddr_t)PAGE_OFFSET)

static struct page *page_at(const void *address)
{
    return &pages[((vaddr_t)address - WINDOW) >> PAGE_SHIFT];
}

void *kmap_local_page(const struct page *page)
{
    assert_in_range(page - first, 0, limit - 1); /* nobody even points behind the block */
    mapped++;
    return (void *)(WINDOW + (vaddr_t)(page - pages) * PAGE_BYTES);
}

void kunmap_address(const void *address)
{
    assert_in_range(page_at(address) - pages, 0, PAGES_MAX + 1);
    mapped--;
}

/* --- what was cleared, and in which order ---------------------------------------------------- */

struct piece {
    unsigned long start, pages;
};
static struct piece seen[PAGES_MAX];
static unsigned long seen_count, announced, cleared_count, last_cleared;

static void note_cleared(void *address, unsigned long count)
{
    const unsigned long number = page_at(address) - pages;
    for (unsigned long i = 0; i < count; i++)
        cleared[number + i]++;
    cleared_count += count;
    last_cleared = number + count - 2; /* the block's first page is 0 */
}

void clear_page_words(void *page)
{
    assert_true(HAS_HIGHMEM); /* elsewhere extents are cleared in one call */
    note_cleared(page, 1);
}
void clear_page_bytes(void *page) { fail(); }
void clear_pages_words(void *address, unsigned long count) { note_cleared(address, count); }
void clear_pages_bytes(void *address, unsigned long count) { fail(); }

static void watch(const struct page *page, vaddr_t va, unsigned long count)
{
    const unsigned long start = page - first;

    assert_true(count > 0 && start < limit && start + count <= limit);
    assert_int_equal(va, BASE + start * PAGE_BYTES);
    seen[seen_count++] = (struct piece){ start, count };
    /* One offer before each piece; what was seen before is cleared by now. */
    assert_int_equal(offers, seen_count);
    assert_int_equal(cleared_count, announced);
    announced += count;
}

static void start_over(unsigned long count)
{
    memset(cleared, 0, count + 2);
    limit = count;
    offers = questions = seen_count = announced = cleared_count = 0;
    clear_set_hook(watch);
}

/* Each page once, the sentinels never; an offer for each piece; one question. */
static void check_cover(unsigned long count)
{
    assert_int_equal(cleared[0], 0);
    assert_int_equal(cleared[count + 1], 0);
    for (unsigned long i = 1; i <= count; i++)
        if (cleared[i] != 1)
            fail_msg("page %lu of %lu was cleared %u times", i - 1, count, cleared[i]);
    assert_int_equal(cleared_count, count);
    assert_int_equal(offers, seen_count);
    assert_int_equal(questions, 1);
    assert_int_equal(mapped, 0);
}

/* Clear @count pages, @target the faulting one, and check that each was cleared once. */
static void clear(unsigned long count, unsigned long target)
{
    start_over(count);
    zero_user_pages(first, count, BASE, target);
    check_cover(count);
}

static void choose(enum clear_way way, unsigned long unit, enum preempt_model which)
{
    clear_choose((struct clear_choice){ way, unit });
    model = which;
}

/* --- the table ------------------------------------------------------------------------------- */

struct row {
    unsigned long pages, target;
    unsigned long range[3][2]; /* [start, end) in the order of clearing; 0, 0: nothing */
};

static const struct row table[] = {
    { 1, 0, { { 0, 1 } } },
    { 2, 0, { { 0, 2 } } },
    { 2, 1, { { 0, 2 } } },
    { 4, 0, { { 3, 4 }, { 0, 3 } } },
    { 4, 1, { { 0, 4 } } },
    { 4, 2, { { 0, 4 } } },
    { 4, 3, { { 0, 1 }, { 1, 4 } } },
    { 512, 0, { { 3, 512 }, { 0, 3 } } },
    { 512, 1, { { 4, 512 }, { 0, 4 } } },
    { 512, 2, { { 5, 512 }, { 0, 5 } } },
    { 512, 3, { { 6, 512 }, { 0, 1 }, { 1, 6 } } },
    { 512, 256, { { 259, 512 }, { 0, 254 }, { 254, 259 } } },
    { 512, 508, { { 511, 512 }, { 0, 506 }, { 506, 511 } } },
    { 512, 509, { { 0, 507 }, { 507, 512 } } },
    { 512, 510, { { 0, 508 }, { 508, 512 } } },
    { 512, 511, { { 0, 509 }, { 509, 512 } } },
    { 1024, 0, { { 3, 1024 }, { 0, 3 } } }, /* split like any other */
    { 1024, 1023, { { 0, 1021 }, { 1021, 1024 } } },
    { 2048, 0, { { 3, 2048 }, { 0, 3 } } },
    { 2048, 1000, { { 1003, 2048 }, { 0, 998 }, { 998, 1003 } } },
    { 262144, 5, { { 8, 262144 }, { 0, 3 }, { 3, 8 } } },
    { 262144, 262143, { { 0, 262141 }, { 262141, 262144 } } },
    { 3, 0, { { 0, 3 } } },
    { 10, 0, { { 3, 10 }, { 0, 3 } } },
};

/* The pieces of @row, at most @unit pages each, must be those seen. */
static void check_pieces(const struct row *row, unsigned long unit)
{
    unsigned long piece = 0;

    for (unsigned r = 0; r < 3; r++)
        for (unsigned long at = row->range[r][0]; at < row->range[r][1];) {
            assert_int_equal(seen[piece].start, at);
            assert_int_equal(seen[piece].pages, min(unit, row->range[r][1] - at));
            at += seen[piece++].pages;
        }
    assert_int_equal(piece, seen_count);
}

static void the_table_holds_in_every_model_with_every_unit(void **state)
{
    static const unsigned long units[] = { 1, 3, 16, UNIT_DEFAULT }; /* E1, C1-C3, C10 */

    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) /* A2, A5-A8, A10, A12-A15 */
        for (unsigned u = 0; u < 4; u++)
            for (enum preempt_model m = PREEMPT_NONE; m <= PREEMPT_FULL; m++) {
                choose(CLEAR_EXTENT, units[u], m);
                clear(table[i].pages, table[i].target);
                check_pieces(&table[i], m == PREEMPT_FULL ? PAGES_MAX : units[u]);
            }
}

static void the_default_is_an_extent_in_units_of_32_mib(void **state) /* C8 */
{
    const struct clear_choice choice = clear_choose((struct clear_choice){ CLEAR_EXTENT, 1 });
    assert_int_equal(choice.way, CLEAR_EXTENT);
    assert_int_equal(choice.unit, UNIT_DEFAULT);
}

/* --- folio_zero_user() ----------------------------------------------------------------------- */

static void a_folio_of_each_order_is_cleared_around_the_address(void **state)
{
    choose(CLEAR_EXTENT, UNIT_DEFAULT, PREEMPT_FULL);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        const unsigned long count = table[i].pages;
        if (count & (count - 1))
            continue;
        start_over(count);
        first->order = (u8)__builtin_ctzl(count);
        folio_zero_user(first, BASE + table[i].target * PAGE_BYTES + 0xabc);
        check_cover(count);
        check_pieces(&table[i], PAGES_MAX);
    }
}

/* C5: no address is address 0, so the first page is the target. */
static void without_an_address_the_first_page_is_near(void **state)
{
    choose(CLEAR_EXTENT, UNIT_DEFAULT, PREEMPT_FULL);
    start_over(512);
    clear_set_hook(NULL);
    first->order = 9;
    folio_zero_user(first, 0);
    assert_int_equal(cleared_count, 512);
    assert_int_equal(last_cleared, 2);
}

/* C9: the model is asked for at each call. */
static void a_change_of_the_model_counts_from_the_next_call_on(void **state)
{
    choose(CLEAR_EXTENT, 16, PREEMPT_FULL);
    clear(512, 0);
    assert_int_equal(seen_count, 2);
    model = PREEMPT_NONE;
    clear(512, 0);
    assert_int_equal(seen_count, 33); /* A1: 509 is 31 times 16 and 13, then 3 */
    assert_int_equal(seen[31].start, 3 + 31 * 16);
    assert_int_equal(seen[31].pages, 13);
}

/* --- all sizes ------------------------------------------------------------------------------- */

/* C4, A1, A3, A4, trap 9: exact cover.  C6, A11: f is among the last five, f+2 is the very last. */
static void every_size_below_70_is_covered_exactly(void **state) /* trap 40 */
{
    static const unsigned long units[] = { 1, 2, 3, 16, UNIT_DEFAULT };

    for (unsigned u = 0; u < 5; u++)
        for (unsigned long n = 1; n < 70; n++)
            for (unsigned long f = 0; f < n; f++) {
                choose(CLEAR_EXTENT, units[u], u % 2 ? PREEMPT_NONE : PREEMPT_VOLUNTARY);
                clear(n, f);
                assert_int_equal(last_cleared, min(f + 2, n - 1));
                choose(CLEAR_EXTENT, units[u], PREEMPT_FULL);
                clear(n, f);
                assert_int_equal(last_cleared, min(f + 2, n - 1));
                assert_true(seen_count <= 3);
            }
}

/* --- the older ways -------------------------------------------------------------------------- */

static void page_by_page_is_straight(void **state) /* E2 */
{
    choose(CLEAR_PAGE, UNIT_DEFAULT, PREEMPT_NONE);
    for (unsigned long n = 1; n < 70; n++) {
        clear(n, n / 2);
        assert_int_equal(seen_count, n);
        for (unsigned long i = 0; i < n; i++)
            assert_int_equal(seen[i].start, i);
    }
}

static void left_right_ends_on_the_faulting_page(void **state) /* E2 */
{
    choose(CLEAR_LEFTRIGHT, UNIT_DEFAULT, PREEMPT_VOLUNTARY);
    for (unsigned long n = 1; n <= 1024; n = n == 69 ? 512 : n == 512 ? 1024 : n + 1)
        for (unsigned long t = 0; t < n; t++) {
            clear(n, t);
            assert_int_equal(last_cleared, t);
        }
}

static void left_right_goes_as_its_examples(void **state) /* E2 */
{
    static const unsigned long of_8_2[] = { 7, 6, 5, 4, 0, 3, 1, 2 };
    static const unsigned long of_8_5[] = { 0, 1, 2, 7, 3, 6, 4, 5 };

    choose(CLEAR_LEFTRIGHT, UNIT_DEFAULT, PREEMPT_VOLUNTARY);
    clear(8, 2);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(seen[i].start, of_8_2[i]);
    clear(8, 5);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(seen[i].start, of_8_5[i]);
    clear(512, 0);
    for (unsigned long i = 0; i < 512; i++)
        assert_int_equal(seen[i].start, 511 - i);
    clear(512, 511);
    for (unsigned long i = 0; i < 512; i++)
        assert_int_equal(seen[i].start, i);
    clear(2048, 100); /* bigger than 1024: straight */
    for (unsigned long i = 0; i < 2048; i++)
        assert_int_equal(seen[i].start, i);
}

/* --- copying --------------------------------------------------------------------------------- */

enum { COPY_FROM = 4096 }; /* where the source block is among the pages */

void copy_page_words(void *to, const void *from)
{
    const unsigned long number = page_at(to) - first;
    assert_ptr_equal(page_at(from), first + COPY_FROM + number);
    assert_int_equal(mapped, 2);
    assert_int_equal(offers, seen_count + 1);
    seen[seen_count++] = (struct piece){ number, 1 };
}
void copy_page_bytes(void *to, const void *from) { fail(); }

static void copy(unsigned order, unsigned long target)
{
    start_over(PAGES_MAX);
    first->order = first[COPY_FROM].order = (u8)order;
    assert_int_equal(copy_user_large_folio(first, first + COPY_FROM, BASE + target * PAGE_BYTES),
                     0);
    assert_int_equal(seen_count, 1ul << order);
    assert_int_equal(questions, 1);
    assert_int_equal(mapped, 0);
}

static void a_copy_goes_left_right_whatever_was_chosen(void **state) /* E3 */
{
    static struct piece copied[1024];

    for (unsigned order = 0; order <= 10; order++)
        for (unsigned long t = 0; t<1ul << order; t += order> 6 ? 37 : 1) {
            copy(order, t);
            memcpy(copied, seen, sizeof(struct piece) << order);
            choose(CLEAR_LEFTRIGHT, 1, PREEMPT_NONE);
            clear(1ul << order, t);
            choose(CLEAR_EXTENT, 1, PREEMPT_NONE);
            assert_memory_equal(copied, seen, sizeof(struct piece) << order);
        }
    copy(11, 1234);
    for (unsigned long i = 0; i < 2048; i++)
        assert_int_equal(seen[i].start, i);
}

static void no_page_at_all_is_an_error(void **state) /* C11, trap 42 */
{
    start_over(1);
    expect_assert_failure(clear_pages(phys_to_direct(0), 0));
    expect_assert_failure(clear_user_highpages(first, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_an_extent_in_units_of_32_mib),
        cmocka_unit_test(the_table_holds_in_every_model_with_every_unit),
        cmocka_unit_test(a_folio_of_each_order_is_cleared_around_the_address),
        cmocka_unit_test(without_an_address_the_first_page_is_near),
        cmocka_unit_test(a_change_of_the_model_counts_from_the_next_call_on),
        cmocka_unit_test(every_size_below_70_is_covered_exactly),
        cmocka_unit_test(page_by_page_is_straight),
        cmocka_unit_test(left_right_ends_on_the_faulting_page),
        cmocka_unit_test(left_right_goes_as_its_examples),
        cmocka_unit_test(a_copy_goes_left_right_whatever_was_chosen),
        cmocka_unit_test(no_page_at_all_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

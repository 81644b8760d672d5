/*
 * Clearing huge pages, with real memory: no byte stays dirty, none beyond is touched, and others
 * get the CPU when the model says so.  tests/host/mm/clear_test.c goes through all orders.
 */
#include "mm/clear.h"

#include "arch/x86/ipi.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/minmax.h"
#include "lib/string.h"
#include "mm/gigantic.h"
#include "mm/kmap.h"
#include "mm/poison.h"
#include "mm/zone.h"

enum { UNIT_DEFAULT = 8192, PAGES_MAX = 2048, DIRT = 0xa5 };

/* Where a program would see the block; nobody maps it here. */
#define BASE ((vaddr_t)1 << 30)

/* --- what the hook saw ----------------------------------------------------------------------- */

static struct page *block;
static unsigned long pieces, pages_seen;
static bool wrong_address;
static struct page *last_piece; /* its first page */

static void watch(const struct page *page, vaddr_t va, unsigned long pages)
{
    if (va != BASE + (vaddr_t)(page - block) * PAGE_BYTES)
        wrong_address = true;
    pieces++;
    pages_seen += pages;
    last_piece = block + (page - block);
}

static void start_watching(struct page *page, clear_hook_t hook)
{
    block = page;
    pieces = pages_seen = 0;
    wrong_address = false;
    clear_set_hook(hook);
}

/* --- dirt ------------------------------------------------------------------------------------ */

static void soil(struct page *page, unsigned long pages)
{
    for (unsigned long i = 0; i < pages; i++) {
        u8 *memory = kmap_local_page(page + i);
        memset(memory, DIRT, PAGE_BYTES);
        kunmap_local(memory);
    }
}

/* Do all bytes of these pages have the value @byte? */
static bool all_bytes_are(u8 byte, struct page *page, unsigned long pages)
{
    bool right = true;

    for (unsigned long i = 0; i < pages && right; i++) {
        const u8 *memory = kmap_local_page(page + i);
        right = !poison_find_damage(memory, byte, PAGE_BYTES);
        kunmap_local(memory);
    }
    return right;
}

static unsigned long pieces_of(unsigned long pages, unsigned long unit)
{
    return (pages + unit - 1) / unit;
}

/* In how many pieces are @pages pages cleared, @target the faulting one? */
static unsigned long pieces_expected(unsigned long pages, unsigned long target)
{
    const struct clear_choice choice = clear_choose((struct clear_choice){ CLEAR_EXTENT, 1 });
    const unsigned long unit = preempt_model() == PREEMPT_FULL ? pages : choice.unit;
    const unsigned long near = target > 2 ? target - 2 : 0, near_end = min(target + 3, pages);

    clear_choose(choice);
    return choice.way != CLEAR_EXTENT ? pages
                                      : pieces_of(pages - near_end, unit) + pieces_of(near, unit) +
                                            pieces_of(near_end - near, unit);
}

struct sample {
    unsigned long pages, target;
};

/* Sizes and targets at which an error of one would show. */
static const struct sample samples[] = {
    { 1, 0 },   { 2, 1 },     { 3, 0 },     { 4, 3 },    { 10, 0 },      { 10, 5 },      { 512, 0 },
    { 512, 3 }, { 512, 509 }, { 512, 511 }, { 1024, 0 }, { 1024, 1023 }, { 2048, 1000 },
};

/* Clear each of the samples within @stretch, of PAGES_MAX + 2 pages. */
static void clear_samples(struct page *stretch)
{
    struct page *first = stretch + 1;

    for (unsigned i = 0; i < ARRAY_COUNT(samples); i++) {
        const unsigned long pages = samples[i].pages;
        soil(stretch, pages + 2);
        start_watching(first, watch);
        zero_user_pages(first, pages, BASE, samples[i].target);
        clear_set_hook(NULL);
        ktest_assert(all_bytes_are(0, first, pages));
        ktest_assert(all_bytes_are(DIRT, first - 1, 1));
        ktest_assert(all_bytes_are(DIRT, first + pages, 1));
        ktest_assert(!wrong_address);
        ktest_equal(pages_seen, pages);
        ktest_equal(pieces, pieces_expected(pages, samples[i].target));
    }
}

static void clear_in_all_ways(gfp_t gfp)
{
    static const unsigned long units[] = { 1, 3, 16, UNIT_DEFAULT };
    const enum preempt_model model = preempt_model();
    struct page *stretch = page_alloc_contiguous(gfp, PAGES_MAX + 2, 1);

    ktest_assert(stretch);
    preempt_set_model(PREEMPT_NONE);
    const struct clear_choice before = clear_choose((struct clear_choice){ CLEAR_EXTENT, 1 });
    for (unsigned i = 0; i < ARRAY_COUNT(units); i++) {
        clear_choose((struct clear_choice){ CLEAR_EXTENT, units[i] });
        clear_samples(stretch);
    }
    preempt_set_model(PREEMPT_FULL);
    clear_samples(stretch);
    clear_choose((struct clear_choice){ CLEAR_PAGE, 1 });
    clear_samples(stretch);
    clear_choose((struct clear_choice){ CLEAR_LEFTRIGHT, 1 });
    clear_samples(stretch);

    clear_choose(before);
    preempt_set_model(model);
    for (unsigned i = 0; i < PAGES_MAX + 2; i++)
        page_free(stretch + i, 0);
}

/* [A1-A3, A5, A8, A10, A12-A14, trap 9] */
KTEST(no_byte_stays_dirty_and_none_beyond_is_touched) { clear_in_all_ways(GFP_KERNEL); }

/* [A3, C11] */
KTEST(nor_where_each_page_must_be_mapped)
{
    clear_in_all_ways(GFP_HIGHUSER);
    const bool before = kmap_force(true);
    clear_in_all_ways(GFP_KERNEL);
    kmap_force(before);
}

/* --- folios ---------------------------------------------------------------------------------- */

static void zero_folio(struct page *folio, unsigned order)
{
    const unsigned long pages = 1ul << order;

    soil(folio, pages);
    start_watching(folio, watch);
    folio_zero_user(folio, BASE + (pages - 1) * PAGE_BYTES + 123);
    clear_set_hook(NULL);
    ktest_assert(all_bytes_are(0, folio, pages));
    ktest_assert(!wrong_address);
    ktest_equal(last_piece - folio, pages < 3 ? 0 : pages - 3);
    page_put(folio);
}

/* [C1, A11, trap 46] */
KTEST(a_folio_of_any_order_is_zeroed)
{
    for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
        struct page *folio = page_alloc(GFP_HIGHUSER | GFP_COMPOUND, order);
        ktest_assert(folio);
        zero_folio(folio, order);
    }
    struct page *gigantic = page_alloc_gigantic(GFP_HIGHUSER, PAGE_ORDER_MAX + 1);
    if (gigantic)
        zero_folio(gigantic, PAGE_ORDER_MAX + 1);
}

/* Write into each page of @folio its number, to be read in the @n-th word as well. */
static bool numbers_are_right(struct page *folio, unsigned long pages, bool write)
{
    bool right = true;

    for (unsigned long i = 0; i < pages; i++) {
        u32 *words = kmap_local_page(folio + i);
        for (unsigned n = 0; n < PAGE_BYTES / sizeof(u32); n++)
            if (write)
                words[n] = (u32)i << 10 | n;
            else
                right &= words[n] == ((u32)i << 10 | n);
        kunmap_local(words);
    }
    return right;
}

KTEST(a_huge_page_is_copied_whole)
{
    for (unsigned order = 0; order <= PAGE_ORDER_MAX; order += 5) {
        struct page *from = page_alloc(GFP_HIGHUSER | GFP_COMPOUND, order);
        struct page *to = page_alloc(GFP_HIGHUSER | GFP_COMPOUND, order);
        ktest_assert(from && to);
        numbers_are_right(from, 1ul << order, true);
        soil(to, 1ul << order);
        ktest_equal(copy_user_large_folio(to, from, BASE + PAGE_BYTES), 0);
        ktest_assert(numbers_are_right(to, 1ul << order, false));
        ktest_assert(numbers_are_right(from, 1ul << order, false));
        page_put(to);
        page_put(from);
    }
}

/* --- who gets the CPU meanwhile -------------------------------------------------------------- */

/* A thread that waits on this CPU until it is called, and notes how far the clearing is. */
static struct {
    struct wait_queue queue;
    bool called;
    unsigned long pieces_when_run;
    unsigned long call_at; /* the hook calls it at this piece */
} other;

static void note_progress(void *data)
{
    wait_event(&other.queue, READ_ONCE(other.called));
    other.pieces_when_run = pieces;
}

static void call_other(void)
{
    WRITE_ONCE(other.called, true);
    wake_up(&other.queue);
}

static void watch_and_call(const struct page *page, vaddr_t va, unsigned long pages)
{
    watch(page, va, pages);
    if (pieces == other.call_at)
        call_other();
}

/*
 * Clear 512 pages in model @model, @unit at a time; the other thread is called at piece @call_at,
 * or just before if that is 0.  Returns how many pieces were begun when it ran.
 */
static unsigned long pieces_before_other(enum preempt_model model, unsigned long unit,
                                         unsigned long call_at)
{
    const enum preempt_model model_before = preempt_model();
    struct page *folio = page_alloc(GFP_KERNEL | GFP_COMPOUND, 9);

    ktest_assert(folio);
    wait_queue_init(&other.queue);
    other.called = false;
    other.pieces_when_run = ~0ul;
    other.call_at = call_at;
    ktest_equal(sched_set_affinity(current, 1u << cpu_id()), 0);
    struct task *thread = ktest_thread(note_progress, NULL, (int)cpu_id());
    while (READ_ONCE(thread->state) != TASK_UNINTERRUPTIBLE)
        sched_yield();

    preempt_set_model(model);
    const struct clear_choice before = clear_choose((struct clear_choice){ CLEAR_EXTENT, unit });
    start_watching(folio, watch_and_call);
    if (call_at == 0)
        call_other();
    folio_zero_user(folio, BASE);
    clear_set_hook(NULL);
    const unsigned long result = READ_ONCE(other.pieces_when_run);
    clear_choose(before);
    preempt_set_model(model_before);
    ktest_join(thread);
    ktest_equal(sched_set_affinity(current, ~0u), 0);
    page_put(folio);
    return result;
}

KTEST(whoever_waits_when_clearing_begins_runs_before_the_first_page)
{
    ktest_equal(pieces_before_other(PREEMPT_NONE, 16, 0), 0); /* A7 */
    ktest_equal(pieces, 33);
    ktest_equal(pieces_before_other(PREEMPT_VOLUNTARY, 16, 0), 0);
    ktest_equal(pieces, 33);
    ktest_equal(pieces_before_other(PREEMPT_FULL, 16, 0), 0);
    ktest_equal(pieces, 2);
}

/* [C8] */
KTEST(whoever_wakes_meanwhile_runs_before_the_next_unit)
{
    ktest_equal(pieces_before_other(PREEMPT_NONE, 16, 5), 5);
    ktest_equal(pieces_before_other(PREEMPT_VOLUNTARY, 1, 100), 100);
    ktest_equal(pieces_before_other(PREEMPT_FULL, 16, 1), 1);
}

KTEST(clearing_where_nothing_may_sleep_is_reported)
{
    struct page *page = page_alloc(GFP_KERNEL, 0);

    ktest_assert(page);
    report_expect("sleeping"); /* A6 */
    preempt_disable();
    folio_zero_user(page, 0);
    preempt_enable();
    ktest_report_seen();
    page_put(page);
}

static bool stop;
static unsigned long naps;

static void take_naps(void *data)
{
    while (!READ_ONCE(stop)) {
        time_sleep_ns(NS_PER_MS);
        WRITE_ONCE(naps, naps + 1);
    }
}

/* C7: one string instruction, and yet the tick gives the CPU away in the middle of it. */
KTEST(in_model_full_an_extent_can_be_interrupted)
{
    const enum preempt_model model = preempt_model();
    struct page *folio = page_alloc(GFP_KERNEL | GFP_COMPOUND, PAGE_ORDER_MAX);
    bool interrupted = false;

    ktest_assert(folio);
    stop = false;
    ktest_equal(sched_set_affinity(current, 1u << cpu_id()), 0);
    preempt_set_model(PREEMPT_FULL);
    struct task *thread = ktest_thread(take_naps, NULL, (int)cpu_id());
    for (unsigned i = 0; i < 1000 && !interrupted; i++) {
        const unsigned long before = READ_ONCE(naps);
        clear_user_highpages(folio, BASE, 1ul << PAGE_ORDER_MAX);
        interrupted = READ_ONCE(naps) != before;
    }
    preempt_set_model(model);
    WRITE_ONCE(stop, true);
    ktest_join(thread);
    ktest_equal(sched_set_affinity(current, ~0u), 0);
    page_put(folio);
    ktest_assert(interrupted);
}

/* --- who sees the zeros ---------------------------------------------------------------------- */

enum { HANDOVERS = 60 };

static struct page *handed_over; /* by release, taken back by release */
static unsigned long dirty_seen;

static void read_what_is_handed_over(void *data)
{
    for (unsigned i = 0; i < HANDOVERS; i++) {
        struct page *page;
        while ((page = __atomic_load_n(&handed_over, __ATOMIC_ACQUIRE)) == NULL)
            cond_resched();
        if (!all_bytes_are(0, page, 2))
            dirty_seen++;
        __atomic_store_n(&handed_over, NULL, __ATOMIC_RELEASE);
    }
}

/* C12: zeros first, then the store that publishes the page.  [trap 38] */
KTEST(another_cpu_never_sees_dirt_in_a_page_it_was_given)
{
    if (cpus_online == 1)
        ktest_skip("one CPU");
    struct page *page = page_alloc(GFP_HIGHUSER | GFP_COMPOUND, 1);
    ktest_assert(page);
    dirty_seen = 0;
    struct task *reader = ktest_thread(read_what_is_handed_over, NULL, -1);
    for (unsigned i = 0; i < HANDOVERS; i++) {
        soil(page, 2);
        folio_zero_user(page, BASE);
        WRITE_ONCE(handed_over, page); /* as an entry of a page table: a plain store */
        while (__atomic_load_n(&handed_over, __ATOMIC_ACQUIRE) != NULL)
            cond_resched();
    }
    ktest_join(reader);
    page_put(page);
    ktest_equal(dirty_seen, 0);
}

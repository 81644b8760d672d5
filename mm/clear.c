/*
 * Clearing a huge page: in which order, and how much at a time.
 *
 * The program waits for one address of it.  So that address's page and its neighbours are cleared
 * last: then they are in the cache when the program goes on.  Everything else is cleared in pieces
 * as long as possible and upwards, which is what CPUs and their prefetchers do best.  The block of
 * n pages, f the faulting one:
 *
 *     0                   f-2  f  f+2                        n-1
 *     |        left        |  near  |          right          |
 *              2nd            3rd               1st
 *
 * In models none and voluntary the CPU is offered before each `clear_unit` pages.  In model full
 * a range is one call: the string instruction can be interrupted, and the end of the interrupt
 * gives the CPU away.
 *
 * The older ways, page by page, are kept for comparison (clear=page, clear=leftright); copying a
 * huge page still uses the order of the latter.
 */
#include "mm/clear.h"

#include "kernel/param.h"
#include "kernel/preempt.h"
#include "lib/align.h"
#include "lib/minmax.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/kmap.h"
#include "mm/page.h"
#include "mm/trace.h"

enum {
    NEAR_RADIUS = 2,                         /* pages on each side of the faulting one */
    UNIT_DEFAULT = (32 << 20) >> PAGE_SHIFT, /* 3 ms at 10 GB/s */
    LEFT_RIGHT_MAX = 1024,                   /* pages; bigger blocks go straight */
};

/* Changed by parameters and tests alone. */
static struct clear_choice choice = { CLEAR_EXTENT, UNIT_DEFAULT };
static clear_hook_t hook;

/* --- the choice ------------------------------------------------------------------------------ */

static bool clear_param(const char *value)
{
    static const char *const names[] = {
        [CLEAR_EXTENT] = "extent",
        [CLEAR_PAGE] = "page",
        [CLEAR_LEFTRIGHT] = "leftright",
    };

    for (unsigned way = 0; way < ARRAY_COUNT(names); way++)
        if (!strcmp(value, names[way])) {
            choice.way = (enum clear_way)way;
            return true;
        }
    return false;
}
KERNEL_PARAM("clear", clear_param);

static bool clear_unit_param(const char *value)
{
    u32 pages;

    if (parse_u32(value, 1u << GIGANTIC_ORDER, &pages) != 0 || pages == 0)
        return false;
    choice.unit = pages;
    return true;
}
KERNEL_PARAM("clear_unit", clear_unit_param);

struct clear_choice clear_choose(struct clear_choice wanted)
{
    const struct clear_choice before = choice;

    assert(wanted.unit != 0);
    choice = wanted;
    return before;
}

clear_hook_t clear_set_hook(clear_hook_t wanted)
{
    return __atomic_exchange_n(&hook, wanted, __ATOMIC_ACQ_REL);
}

/* --- the order ------------------------------------------------------------------------------- */

/* A block to be cleared, or to be copied into. */
struct work {
    struct page *first;
    struct page *source; /* copying: the other block's first page */
    vaddr_t base;        /* clearing: where the program sees the first page */
    unsigned long pages;
    unsigned long target; /* the faulting page, counted from the first */
};

/* Clear @pages pages from number @first on, in one go. */
static void clear_piece(const struct work *work, unsigned long first, unsigned long pages)
{
    struct page *page = work->first + first;
    const vaddr_t va = work->base + first * PAGE_BYTES;
    const clear_hook_t watcher = READ_ONCE(hook);

    if (unlikely(watcher != NULL))
        watcher(page, va, pages);
    TRACE(.kind = TRACE_CLEAR, .first = page_pfn(page).number, .second = pages);
    clear_user_highpages(page, va, pages);
}

/* Clear the pages numbered [@start, @end), which may be none, @unit at a time. */
static void clear_range(const struct work *work, unsigned long start, unsigned long end,
                        unsigned long unit)
{
    while (start < end) {
        const unsigned long pages = min(unit, end - start);
        cond_resched();
        clear_piece(work, start, pages);
        start += pages;
    }
}

static void clear_extent(const struct work *work)
{
    const unsigned long target = work->target;
    const unsigned long near = target > NEAR_RADIUS ? target - NEAR_RADIUS : 0;
    const unsigned long near_end = min(target + NEAR_RADIUS + 1, work->pages);
    const unsigned long unit = preempt_model() == PREEMPT_FULL ? work->pages : choice.unit;

    clear_range(work, near_end, work->pages, unit);
    clear_range(work, 0, near, unit);
    clear_range(work, near, near_end, unit);
}

typedef void (*visit_t)(const struct work *work, unsigned long number);

static void visit_page(const struct work *work, unsigned long number, visit_t visit)
{
    cond_resched();
    visit(work, number);
}

static void visit_straight(const struct work *work, visit_t visit)
{
    for (unsigned long i = 0; i < work->pages; i++)
        visit_page(work, i, visit);
}

/*
 * First from the far end of the longer side towards the faulting page t, until both sides are
 * equally long; then the outermost pages in turn, so that t is the last of all.  With 8 pages:
 *
 *     page        0  1  2  3  4  5  6  7
 *     t = 2 is    5. 7. 8. 6. 4. 3. 2. 1.
 *     t = 5 is    1. 2. 3. 5. 7. 8. 6. 4.
 */
static void visit_left_right(const struct work *work, visit_t visit)
{
    const unsigned long pages = work->pages, target = work->target;
    const bool in_left_half = 2 * target <= pages;
    const unsigned long first = in_left_half ? 0 : 2 * target - pages; /* of the pairs */
    const unsigned long last = in_left_half ? 2 * target : pages;      /* behind them */

    for (unsigned long i = pages; i > last; i--)
        visit_page(work, i - 1, visit);
    for (unsigned long i = 0; i < first; i++)
        visit_page(work, i, visit);
    for (unsigned long i = 0; i < (last - first) / 2; i++) {
        visit_page(work, first + i, visit);
        visit_page(work, last - 1 - i, visit);
    }
}

static void clear_one(const struct work *work, unsigned long number)
{
    clear_piece(work, number, 1);
}

void zero_user_pages(struct page *first, unsigned long pages, vaddr_t base, unsigned long target)
{
    const struct work work = { .first = first, .base = base, .pages = pages, .target = target };

    might_sleep();
    if (likely(choice.way == CLEAR_EXTENT))
        clear_extent(&work);
    else if (choice.way == CLEAR_PAGE || pages > LEFT_RIGHT_MAX)
        visit_straight(&work, clear_one);
    else
        visit_left_right(&work, clear_one);
    /* The CPU keeps its stores in order, also behind a string instruction; so must the compiler. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Which page of a block of @pages pages shows @va. */
static unsigned long number_of(vaddr_t va, unsigned long pages)
{
    return (va >> PAGE_SHIFT) & (pages - 1);
}

void folio_zero_user(struct page *folio, vaddr_t addr_hint)
{
    const unsigned long pages = 1ul << folio->order;
    const vaddr_t base = align_down(addr_hint, (vaddr_t)pages * PAGE_BYTES);

    zero_user_pages(folio, pages, base, number_of(addr_hint, pages));
}

static void copy_one(const struct work *work, unsigned long number)
{
    copy_highpage(work->first + number, work->source + number);
}

int copy_user_large_folio(struct page *to, struct page *from, vaddr_t addr_hint)
{
    const unsigned long pages = 1ul << to->order;
    const struct work work = {
        .first = to,
        .source = from,
        .pages = pages,
        .target = number_of(addr_hint, pages),
    };

    assert(from->order == to->order);
    might_sleep();
    if (pages > LEFT_RIGHT_MAX)
        visit_straight(&work, copy_one);
    else
        visit_left_right(&work, copy_one);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    return 0;
}

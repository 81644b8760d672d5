/*
 * What memory costs: counted in instructions where the TSC counts them (-icount).
 */
#include "arch/x86/cpu.h"
#include "kernel/ktest.h"
#include "lib/minmax.h"
#include "mm/clear.h"
#include "mm/kmalloc.h"
#include "mm/kmap.h"
#include "mm/page.h"
#include "mm/zone.h"

enum { ROUNDS = 1000 };

/* Print what @total instructions for ROUNDS rounds, less those of the loop, come to. */
static void print_figure(const char *name, u64 total)
{
    const u64 start = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        barrier();
    const u64 loop = rdtsc() - start;
    ktest_note("figure %s %u", name, (unsigned)(total - loop) / ROUNDS);
}

KTEST(a_page_allocated_and_freed)
{
    page_free(page_alloc(GFP_KERNEL, 0), 0); /* fills the CPU's list */
    preempt_disable();                       /* nobody else's work is counted */
    const u64 start = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        page_free(page_alloc(GFP_ATOMIC, 0), 0);
    const u64 atomic = rdtsc() - start;
    preempt_enable();
    const u64 again = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        page_free(page_alloc(GFP_KERNEL, 0), 0);
    print_figure("page_alloc_free", rdtsc() - again);
    print_figure("page_alloc_free_atomic", atomic);
}

KTEST(an_object_of_64_bytes_allocated_and_freed)
{
    kfree(kmalloc(64, GFP_KERNEL));
    const u64 start = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        kfree(kmalloc(64, GFP_KERNEL));
    print_figure("kmalloc_kfree", rdtsc() - start);
}

enum { HUGE_ORDER = LEVEL_SHIFT(LEVEL_HUGE) - PAGE_SHIFT };

static void clear_without_order(struct page *folio)
{
    clear_user_highpages(folio, 0, 1ul << HUGE_ORDER);
}

static void clear_in_order(struct page *folio) { folio_zero_user(folio, 0); }

/* The instructions that @clear takes, without the timer's: the least of a few times. */
static unsigned least_cost(struct page *folio, void (*clear)(struct page *folio))
{
    unsigned least = -1u;
    for (unsigned i = 0; i < 4; i++) {
        const u64 start = rdtsc();
        clear(folio);
        least = min(least, (unsigned)(rdtsc() - start));
    }
    return least;
}

/* The instructions that clearing @folio takes in the way of @way. */
static unsigned clear_cost(struct page *folio, enum clear_way way)
{
    const struct clear_choice before = clear_choose((struct clear_choice){ way, 8192 });
    const unsigned cost = least_cost(folio, clear_in_order);
    clear_choose(before);
    return cost;
}

KTEST(a_huge_page_cleared_in_each_way)
{
    struct page *folio = page_alloc(GFP_HIGHUSER | GFP_COMPOUND, HUGE_ORDER);

    ktest_assert(folio);
    const unsigned least = least_cost(folio, clear_without_order);
    const unsigned extent = clear_cost(folio, CLEAR_EXTENT);
    ktest_note("figure clear_extent %u", extent);
    ktest_note("figure clear_page %u", clear_cost(folio, CLEAR_PAGE));
    ktest_note("figure clear_leftright %u", clear_cost(folio, CLEAR_LEFTRIGHT));
    ktest_note("figure clear_order %u", extent > least ? extent - least : 0);
    page_put(folio);
}

/* A page beyond the direct map; where there is none, as if this were one. */
KTEST(a_high_page_mapped_and_unmapped)
{
    struct page *page = page_alloc(GFP_HIGHUSER, 0);
    ktest_assert(page);
    const bool before = kmap_force(true);
    const u64 start = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        kunmap_local(kmap_local_page(page));
    const u64 total = rdtsc() - start;
    kmap_force(before);
    print_figure("kmap_local", total);
    page_free(page, 0);
}

KTEST(a_page_of_the_direct_map_mapped_and_unmapped)
{
    struct page *page = page_alloc(GFP_KERNEL, 0);
    ktest_assert(page);
    const bool before = kmap_force(false);
    const u64 start = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        kunmap_local(kmap_local_page(page));
    const u64 total = rdtsc() - start;
    kmap_force(before);
    print_figure("kmap_local_direct", total);
    page_free(page, 0);
}

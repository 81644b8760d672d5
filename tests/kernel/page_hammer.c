/*
 * Pages under load: random orders against a model, all CPUs at once, interrupt handlers too.
 *
 * Every block in somebody's hands carries a signature in its first and last word; two owners of
 * one page would overwrite each other's.
 */
#include "arch/x86/ipi.h"
#include "kernel/ktest.h"
#include "kernel/preempt.h"
#include "lib/random.h"
#include "mm/gigantic.h"
#include "mm/kmap.h"
#include "mm/zone.h"

enum { BLOCKS = 64 };

struct block {
    struct page *page;
    unsigned order;
    unsigned long signature;
};

static void write_word(struct page *page, size_t offset, unsigned long word)
{
    char *memory = kmap_local_page(page);
    *(unsigned long *)(memory + offset) = word;
    kunmap_local(memory);
}

static unsigned long read_word(struct page *page, size_t offset)
{
    const char *memory = kmap_local_page(page);
    const unsigned long word = *(const unsigned long *)(memory + offset);
    kunmap_local(memory);
    return word;
}

static void sign(struct block *block, unsigned long signature)
{
    struct page *last = block->page + (1ul << block->order) - 1;

    block->signature = signature;
    write_word(block->page, 0, signature);
    write_word(last, PAGE_BYTES - sizeof(long), ~signature);
}

static void check_and_free(struct block *block)
{
    struct page *last = block->page + (1ul << block->order) - 1;

    ktest_equal(read_word(block->page, 0), block->signature);
    ktest_equal(read_word(last, PAGE_BYTES - sizeof(long)), ~block->signature);
    page_free(block->page, block->order);
    block->page = NULL;
}

/* One of the ways to ask; order 0 more often than the others together. */
static void take_some(struct block *block, struct random *random, unsigned order_limit)
{
    static const gfp_t ways[] = { GFP_KERNEL, GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL | GFP_ZERO };
    const gfp_t gfp = ways[random_below(random, ARRAY_COUNT(ways))];

    block->order = random_below(random, 3) ? 0 : random_below(random, order_limit);
    block->page =
        page_alloc(gfp | GFP_NOWARN | (random_below(random, 2) ? GFP_COMPOUND : 0), block->order);
    if (block->page)
        sign(block, (unsigned long)random_u64(random));
}

KTEST(random_orders_never_overlap_and_all_comes_back)
{
    static struct block blocks[BLOCKS];
    struct random random = { ktest_random() };

    zone_drain_all();
    const unsigned long free_before = pages_free();
    for (unsigned step = 0; step < 4000; step++) {
        struct block *block = &blocks[random_below(&random, BLOCKS)];
        if (block->page)
            check_and_free(block);
        else
            take_some(block, &random, PAGE_ORDER_MAX + 1);
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        if (blocks[i].page)
            check_and_free(&blocks[i]);
    zone_drain_all();
    ktest_equal(pages_free(), free_before);
}

static struct page *shared[BLOCKS]; /* atomic: whoever exchanges a page out has it */

/* Put single pages where other CPUs find them, and free those of others. */
static void swap_and_free(void *data)
{
    struct random random = { ktest_random() };

    for (unsigned step = 0; step < 3000; step++) {
        struct page *page = page_alloc(GFP_KERNEL | GFP_NOWARN, 0);
        if (page)
            write_word(page, 8, page_pfn(page).number);
        struct page **slot = &shared[random_below(&random, BLOCKS)];
        page = __atomic_exchange_n(slot, page, __ATOMIC_ACQ_REL);
        if (!page)
            continue;
        ktest_equal(read_word(page, 8), page_pfn(page).number);
        page_free(page, 0);
    }
}

KTEST(pages_freed_on_another_cpu_are_not_lost)
{
    zone_drain_all();
    const unsigned long free_before = pages_free();
    ktest_on_each_cpu(swap_and_free, NULL);
    for (unsigned i = 0; i < BLOCKS; i++)
        if (shared[i]) {
            page_free(shared[i], 0);
            shared[i] = NULL;
        }
    zone_drain_all();
    ktest_assert(pages_free() + 64 >= free_before); /* dying threads may still hold a stack */
}

static void take_and_free_at_random(void *data)
{
    struct block blocks[8] = { { 0 } };
    struct random random = { ktest_random() };

    for (unsigned step = 0; step < 1500; step++) {
        struct block *block = &blocks[random_below(&random, 8)];
        if (block->page)
            check_and_free(block);
        else
            take_some(block, &random, 6);
    }
    for (unsigned i = 0; i < 8; i++)
        if (blocks[i].page)
            check_and_free(&blocks[i]);
}

KTEST(all_cpus_at_once_never_get_the_same_page)
{
    ktest_on_each_cpu(take_and_free_at_random, NULL);
}

static void take_and_free_in_interrupt(void *data)
{
    for (unsigned order = 0; order < 3; order++) {
        struct page *page = page_alloc(GFP_ATOMIC, order);
        if (page)
            page_free(page, order);
    }
}

static bool stop;

static void interrupt_all(void *data)
{
    while (!READ_ONCE(stop)) {
        ipi_call(cpumask_online(), take_and_free_in_interrupt, NULL, true);
        cond_resched(); /* without preemption this CPU's own thread would wait for ever */
    }
}

KTEST(interrupt_handlers_allocate_in_the_middle_of_allocations)
{
    stop = false;
    struct task *interrupter = ktest_thread(interrupt_all, NULL, -1);
    ktest_on_each_cpu(take_and_free_at_random, NULL);
    WRITE_ONCE(stop, true);
    ktest_join(interrupter);
}

KTEST(a_contiguous_stretch_is_found_among_pages_in_use)
{
    enum { PAGES = 3000 };
    struct page *in_use = page_alloc(GFP_KERNEL, 0);
    struct page *page = page_alloc_contiguous(GFP_KERNEL, PAGES, 512);

    ktest_assert(in_use);
    ktest_assert(page);
    ktest_equal(page_pfn(page).number & 511, 0);
    for (unsigned i = 0; i < PAGES; i++) {
        ktest_equal(page_refs(&page[i]), 1);
        write_word(&page[i], 0, i);
    }
    for (unsigned i = 0; i < PAGES; i++) {
        ktest_equal(read_word(&page[i], 0), i);
        page_free(&page[i], 0);
    }
    page_free(in_use, 0);
}

KTEST(a_gigantic_block_is_one_thing)
{
    enum { ORDER = PAGE_ORDER_MAX + 2 };

    zone_drain_all();
    const unsigned long free_before = pages_free();
    struct page *head = page_alloc_gigantic(GFP_KERNEL, ORDER);
    if (!head)
        ktest_skip("no 16 MiB in one piece are free");
    ktest_equal(pages_free(), free_before - (1ul << ORDER));
    ktest_equal(page_pfn(head).number & ((1ul << ORDER) - 1), 0);
    ktest_assert(page_head(head + (1ul << ORDER) - 1) == head);
    ktest_equal(page_refs(head + 77), 1);
    page_put(head + 4095);
    ktest_equal(pages_free(), free_before);
}

KTEST(a_gib_reserved_at_boot_is_there_when_it_is_wanted)
{
    if (gigantic_reserved() == 0)
        ktest_skip("boot with hugepages_1g=1 and memory for it");
    struct page *head = page_alloc_gigantic(GFP_KERNEL | GFP_HIGHMEM, GIGANTIC_ORDER);
    ktest_assert(head);
    ktest_equal(page_pfn(head).number & ((1ul << GIGANTIC_ORDER) - 1), 0);
    ktest_equal(page_refs(head + 12345), 1);
    page_free(head, GIGANTIC_ORDER);
}

/*
 * Gigantic blocks: more pages in one piece than the buddies keep together.
 *
 * The search goes through RAM in steps of the alignment, from the top, and asks for each
 * candidate whether all its pages are free.  The zone's lock is held for one candidate at a time.
 */
#include "mm/gigantic.h"

#include "kernel/param.h"
#include "kernel/printk.h"
#include "lib/align.h"
#include "lib/minmax.h"
#include "lib/parse.h"
#include "mm/poison.h"
#include "mm/region.h"

enum { RESERVED_MAX = 64 };

/* (z) NORMAL's lock, though a reserved block may lie in HIGHMEM */
static struct {
    unsigned count;
    paddr_t block[RESERVED_MAX];
} reserve;

static u32 reserve_wanted;

static bool set_reserve(const char *value)
{
    return parse_u32(value, RESERVED_MAX, &reserve_wanted) == 0;
}
KERNEL_PARAM("hugepages_1g", set_reserve);

void gigantic_reserve(void)
{
    const paddr_t bytes = (paddr_t)PAGE_BYTES << GIGANTIC_ORDER;

    while (reserve.count < reserve_wanted) {
        const paddr_t block = region_alloc(bytes, bytes, ~(paddr_t)0);
        if (block == REGION_NONE) {
            pr_warn("memory: hugepages_1g=%u: only %u could be reserved\n", reserve_wanted,
                    reserve.count);
            return;
        }
        reserve.block[reserve.count++] = block;
    }
}

unsigned gigantic_reserved(void) { return READ_ONCE(reserve.count); }

/* Take the pages from @start on, if they are all free; they stay of kind PART. */
static bool take_free(struct zone *zone, gfp_t gfp, pfn_t start, unsigned long pages)
{
    const pfn_t end = { start.number + pages };
    bool taken = false;

    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    if (zone->buddy.free_pages >= pages + zone_mark(zone, gfp))
        taken = buddy_take_range(&zone->buddy, start, end);
    if (taken) /* for the audit: one block in use, never pages of no kind */
        for (unsigned long i = 0; i < pages; i++) {
            struct page *page = page_of(start) + i;
            page->order = 0;
            page->refs = 1;
            page->kind = PAGE_USED;
        }
    spin_unlock_irqrestore(&zone->lock, flags);
    return taken;
}

/* Search zone @id in steps of @align, from the top. */
static struct page *search(enum zone_id id, gfp_t gfp, unsigned long pages, unsigned long align)
{
    const unsigned long border = phys_to_pfn(region_direct_end()).number;
    struct page *found = NULL;

    for_each_ram_range (range) {
        unsigned long start = phys_to_pfn(range->start).number;
        unsigned long end = phys_to_pfn(range->end).number;
        if (id == ZONE_HIGHMEM)
            start = max(start, border);
        else
            end = min(end, border);
        if (end < start + pages)
            continue;
        start = align_up(start, align);
        for (unsigned long at = align_down(end - pages, align); at >= start; at -= align) {
            if (take_free(&zones[id], gfp, (pfn_t){ at }, pages))
                found = page_of((pfn_t){ at });
            if (found || at == 0)
                return found;
        }
    }
    return NULL;
}

struct page *page_alloc_contiguous(gfp_t gfp, unsigned long pages, unsigned long align)
{
    struct page *page = NULL;

    assert(gfp & GFP_MAY_SLEEP);
    might_sleep();
    zone_drain_all(); /* a single page in some CPU's list would spoil a whole candidate */
    if (gfp & GFP_HIGHMEM)
        page = search(ZONE_HIGHMEM, gfp, pages, align);
    if (!page)
        page = search(ZONE_NORMAL, gfp, pages, align);
    if (page && CONFIG_CHECK)
        for (unsigned long i = 0; i < pages; i++)
            poison_check_pages(page + i, 0);
    return page;
}

/* Take a block out of the reserve.  NULL: it is empty. */
static struct page *take_reserved(void)
{
    struct page *head = NULL;

    irqflags_t flags = spin_lock_irqsave(&zones[ZONE_NORMAL].lock);
    if (reserve.count > 0)
        head = page_of(phys_to_pfn(reserve.block[--reserve.count]));
    spin_unlock_irqrestore(&zones[ZONE_NORMAL].lock, flags);
    if (!head)
        return NULL;

    struct zone *zone = &zones[page_zone_id(head)]; /* which it will be freed to */
    flags = spin_lock_irqsave(&zone->lock);
    zone->pages += 1ul << GIGANTIC_ORDER;
    spin_unlock_irqrestore(&zone->lock, flags);
    return head;
}

struct page *page_alloc_gigantic(gfp_t gfp, unsigned order)
{
    const unsigned long pages = 1ul << order;
    struct page *head = NULL;

    assert(order > PAGE_ORDER_MAX);
    might_sleep();
    if (order == GIGANTIC_ORDER)
        head = take_reserved();
    if (!head)
        head = page_alloc_contiguous(gfp, pages, pages);
    if (!head)
        return NULL;

    for (unsigned long i = 1; i < pages; i++)
        head[i].refs = 0; /* one reference for all, at the head */
    page_make_compound(head, order);
    page_set_flags(head, PAGE_GIGANTIC);
    return head;
}

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
#include "lib/bits.h"
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

/*
 * Make the 2^@order pages at @head one compound block in use.  They are of kind PART, or will be
 * before anybody looks: nothing but the head knows what they belong to.
 */
static void make_head(struct page *head, unsigned order)
{
    head->order = (u8)order;
    head->refs = 1;
    head->flags |= PAGE_COMPOUND | PAGE_GIGANTIC;
    head->kind = PAGE_USED;
}

void gigantic_ready(void)
{
    unsigned kept = 0;

    for (unsigned n = 0; n < reserve.count; n++) {
        const pfn_t first = phys_to_pfn(reserve.block[n]);
        const pfn_t last = { first.number + (1ul << GIGANTIC_ORDER) - 1 };
        if (!pfn_valid(last)) /* there was no room for its struct pages */
            continue;
        for (pfn_t pfn = first; pfn.number <= last.number; pfn.number++)
            page_of(pfn)->kind = PAGE_PART;
        make_head(page_of(first), GIGANTIC_ORDER);
        reserve.block[kept++] = reserve.block[n];
    }
    reserve.count = kept;
}

unsigned gigantic_reserved(void) { return READ_ONCE(reserve.count); }

/* What is searched: @pages pages at a multiple of @align, as one block or as single pages. */
struct wish {
    gfp_t gfp;
    unsigned long pages, align;
    bool as_block;
};

static void make_single_pages(struct page *page, unsigned long pages)
{
    for (unsigned long i = 0; i < pages; i++) {
        page[i].order = 0;
        page[i].refs = 1;
        page[i].kind = PAGE_USED;
    }
}

/* Take the pages from @start on, if they are all free. */
static bool take_free(struct zone *zone, const struct wish *wish, pfn_t start)
{
    const pfn_t end = { start.number + wish->pages };
    bool taken = false;

    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    if (zone->buddy.free_pages >= wish->pages + zone_mark(zone, wish->gfp))
        taken = buddy_take_range(&zone->buddy, start, end);
    if (taken && wish->as_block) /* under the lock: the audit never sees pages of no kind */
        make_head(page_of(start), log2_floor(wish->pages));
    else if (taken)
        make_single_pages(page_of(start), wish->pages);
    spin_unlock_irqrestore(&zone->lock, flags);
    return taken;
}

/* Search zone @id in steps of the alignment, from the top. */
static struct page *search_zone(enum zone_id id, const struct wish *wish)
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
        if (end < start + wish->pages)
            continue;
        start = align_up(start, wish->align);
        unsigned long at = align_down(end - wish->pages, wish->align);
        for (; at >= start; at -= wish->align) {
            if (take_free(&zones[id], wish, (pfn_t){ at }))
                found = page_of((pfn_t){ at });
            if (found || at == 0)
                return found;
        }
    }
    return NULL;
}

static struct page *search(const struct wish *wish)
{
    struct page *page = NULL;

    assert(wish->gfp & GFP_MAY_SLEEP);
    might_sleep();
    zone_drain_all(); /* a single page in some CPU's list would spoil a whole candidate */
    if (wish->gfp & GFP_HIGHMEM)
        page = search_zone(ZONE_HIGHMEM, wish);
    if (!page)
        page = search_zone(ZONE_NORMAL, wish);
    if (page && CONFIG_CHECK)
        for (unsigned long i = 0; i < wish->pages; i++)
            poison_check_pages(page + i, 0);
    return page;
}

struct page *page_alloc_contiguous(gfp_t gfp, unsigned long pages, unsigned long align)
{
    return search(&(struct wish){ .gfp = gfp, .pages = pages, .align = align });
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

    assert(order > PAGE_ORDER_MAX && order <= GIGANTIC_ORDER);
    might_sleep();
    if (order == GIGANTIC_ORDER)
        head = take_reserved();
    if (!head)
        head = search(&(struct wish){ gfp, pages, pages, .as_block = true });
    return head;
}

/*
 * What the zones' books say, and whether it is true.
 */
#include "kernel/printk.h"
#include "kernel/time.h"
#include "mm/pcp.h"
#include "mm/region.h"
#include "mm/zone.h"

void zone_stat(enum zone_id id, struct zone_stat *stat)
{
    struct zone *zone = &zones[id];

    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    *stat = (struct zone_stat){
        .name = zone->name,
        .pages = zone->pages,
        .free_pages = zone->buddy.free_pages,
        .min = zone->min,
        .low = zone->low,
        .high = zone->high,
        .refused = zone->refused,
    };
    for (unsigned order = 0; order < BUDDY_ORDERS; order++)
        stat->blocks[order] = zone->buddy.count[order];
    spin_unlock_irqrestore(&zone->lock, flags);
    stat->cached_pages = pcp_count(id);
}

unsigned long zone_free_pages(enum zone_id id)
{
    return READ_ONCE(zones[id].buddy.free_pages) + pcp_count(id);
}

unsigned long pages_total(void)
{
    return READ_ONCE(zones[ZONE_NORMAL].pages) + READ_ONCE(zones[ZONE_HIGHMEM].pages);
}

unsigned long pages_free(void)
{
    return zone_free_pages(ZONE_NORMAL) + zone_free_pages(ZONE_HIGHMEM);
}

unsigned long page_count_mapped(void)
{
    unsigned long count = 0;

    for_each_ram_range (range) {
        const unsigned long end = phys_to_pfn(range->end).number;
        for (unsigned long at = phys_to_pfn(range->start).number; at < end; at++) {
            const struct page *page = page_of((pfn_t){ at });
            if (page->kind == PAGE_RESERVED || page->flags & (PAGE_SLAB | PAGE_TABLE))
                continue;
            count += page->mapcount;
            if (page->kind == PAGE_USED && page->flags & PAGE_COMPOUND)
                count += (unsigned long)page->private << page->order;
        }
    }
    return count;
}

/* What a walk over the struct pages of one zone found. */
struct census {
    bool aloud;
    unsigned long free_pages, cached_pages;
    unsigned offences;
};

/* Is a page inside the block that @head heads of any kind but PART? */
static bool is_torn(const struct page *head)
{
    for (unsigned long i = 1; i < 1ul << head->order; i++)
        if (READ_ONCE(head[i].kind) != PAGE_PART)
            return true;
    return false;
}

/* Count the block that starts at @page.  Returns: its pages. */
static unsigned long count_block(struct census *census, const struct page *page)
{
    const char *fault = NULL;
    unsigned long pages = 1;

    switch ((enum page_kind)page->kind) {
    case PAGE_FREE:
        pages = 1ul << page->order;
        census->free_pages += pages;
        break;
    case PAGE_CACHED:
        census->cached_pages++;
        if (page->refs)
            fault = "is free but has references";
        break;
    case PAGE_USED:
        pages = 1ul << page->order;
        if (page->refs == 0)
            fault = "is in use but nobody has a reference";
        else if (is_torn(page))
            fault = "is in use but one of its pages is something else";
        break;
    case PAGE_PART:
        fault = "is inside a block that has no head";
        break;
    case PAGE_HOLE:
    case PAGE_RESERVED:
        break;
    default:
        fault = "is of no kind";
    }
    if (fault) {
        census->offences++;
        if (!census->aloud)
            return pages;
        pr_err("audit: page %#lx %s (refs %u, order %u)\n", page_pfn(page).number, fault,
               page->refs, page->order);
    }
    return pages;
}

/* Walk over the RAM of zone @id, block by block. */
static void count_zone(struct census *census, enum zone_id id)
{
    const unsigned long border = phys_to_pfn(region_direct_end()).number;

    for_each_ram_range (range) {
        unsigned long at = phys_to_pfn(range->start).number;
        unsigned long end = phys_to_pfn(range->end).number;
        if (id == ZONE_HIGHMEM && at < border)
            at = border;
        if (id == ZONE_NORMAL && end > border)
            end = border;
        while (at < end)
            at += count_block(census, page_of((pfn_t){ at }));
    }
}

static void compare(struct census *census, const char *what, unsigned long found,
                    unsigned long counted)
{
    if (found == counted)
        return;
    census->offences++;
    if (census->aloud)
        pr_err("audit: %lu %s pages in memory, %lu in the lists\n", found, what, counted);
}

static unsigned audit_zone(enum zone_id id, bool aloud)
{
    struct zone *zone = &zones[id];
    struct census census = { .aloud = aloud };

    const irqflags_t flags = spin_lock_irqsave(&zone->lock);
    count_zone(&census, id);
    compare(&census, "free", census.free_pages, zone->buddy.free_pages);
    compare(&census, "cached", census.cached_pages, pcp_count(id));
    if (aloud || census.offences == 0)
        census.offences += buddy_audit(&zone->buddy);
    spin_unlock_irqrestore(&zone->lock, flags);
    return census.offences;
}

/*
 * A task that was interrupted between taking a page and writing down that it has it, or another
 * CPU, makes the books look wrong for a moment.  What is really wrong stays wrong.
 */
unsigned page_audit(void)
{
    unsigned offences = 0;

    zone_drain_all();
    for (enum zone_id id = 0; id < ZONES; id++) {
        unsigned wrong = audit_zone(id, false);
        for (unsigned retry = 0; wrong && retry < 3; retry++) {
            time_sleep_ns(10 * 1000 * 1000);
            wrong = audit_zone(id, retry == 2);
        }
        offences += wrong;
    }
    return offences;
}

/*
 * Each CPU's own list of free single pages: a stack, so the page that is taken is the one that
 * was freed last.
 */
#include "mm/pcp.h"

#include "arch/x86/cpu.h"

DEFINE_PER_CPU(struct pcp_zones, pcp_zones);

/* Fill @pcp by a batch, or as far as the zone may go down for @gfp.  Interrupts off. */
static NOINLINE void refill(struct pcp *pcp, struct zone *zone, gfp_t gfp)
{
    spin_lock(&zone->lock);
    const unsigned long mark = zone_mark(zone, gfp);
    while (pcp->count < PCP_BATCH && zone->buddy.free_pages > mark) {
        struct page *page = buddy_take(&zone->buddy, 0);
        page->kind = PAGE_CACHED;
        pcp->pages[pcp->count++] = page;
    }
    if (pcp->count == 0)
        zone->refused++;
    spin_unlock(&zone->lock);
}

/* Return the @count pages that have been in @pcp for longest to @zone.  Interrupts off. */
static NOINLINE void drain(struct pcp *pcp, struct zone *zone, unsigned count)
{
    spin_lock(&zone->lock);
    for (unsigned i = 0; i < count; i++)
        buddy_give(&zone->buddy, pcp->pages[i], 0);
    spin_unlock(&zone->lock);

    pcp->count -= count;
    for (unsigned i = 0; i < pcp->count; i++)
        pcp->pages[i] = pcp->pages[i + count];
}

struct page *pcp_take(enum zone_id id, gfp_t gfp)
{
    const irqflags_t flags = irq_save();
    struct pcp *pcp = &this_cpu_ptr(pcp_zones)->zone[id];

    if (unlikely(pcp->count == 0))
        refill(pcp, &zones[id], gfp);
    struct page *page = NULL;
    if (likely(pcp->count != 0)) {
        page = pcp->pages[--pcp->count];
        assert(page->kind == PAGE_CACHED);
        page->kind = PAGE_USED;
        page->refs = 1;
    }
    irq_restore(flags);
    return page;
}

void pcp_give(struct page *page)
{
    const enum zone_id id = page_zone_id(page);
    const irqflags_t flags = irq_save();
    struct pcp *pcp = &this_cpu_ptr(pcp_zones)->zone[id];

    if (unlikely(pcp->count == PCP_PAGES_MAX))
        drain(pcp, &zones[id], PCP_PAGES_MAX / 2);
    page->kind = PAGE_CACHED;
    page->refs = 0;
    pcp->pages[pcp->count++] = page;
    irq_restore(flags);
}

void pcp_drain(void)
{
    const irqflags_t flags = irq_save();
    struct pcp_zones *all = this_cpu_ptr(pcp_zones);

    for (enum zone_id id = 0; id < ZONES; id++)
        drain(&all->zone[id], &zones[id], all->zone[id].count);
    irq_restore(flags);
}

unsigned long pcp_count(enum zone_id id)
{
    unsigned long count = 0;

    for_each_online_cpu (cpu)
        count += READ_ONCE(per_cpu_ptr(pcp_zones, cpu)->zone[id].count);
    return count;
}

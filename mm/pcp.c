/*
 * Each CPU's own list of free single pages: a stack, so the page that is taken is the one that
 * was freed last.
 */
#include "mm/pcp.h"

#include "lib/minmax.h"

DEFINE_PER_CPU(struct pcp_zones, pcp_zones);
unsigned pcp_limit = PCP_LIMIT_MIN;

void pcp_set_limit(unsigned long pages)
{
    const unsigned long share = pages / 64;
    pcp_limit = (unsigned)clamp(share, (unsigned long)PCP_LIMIT_MIN, (unsigned long)PCP_LIMIT_MAX);
}

/* Fill @pcp by a batch, or as far as the zone may go down for @gfp.  Interrupts off. */
static void refill(struct pcp *pcp, enum zone_id id, gfp_t gfp)
{
    struct zone *zone = &zones[id];

    spin_lock(&zone->lock);
    const unsigned long mark = zone_mark(zone, gfp);
    while (pcp->count < PCP_BATCH && zone->buddy.free_pages > mark) {
        struct page *page = buddy_take(&zone->buddy, 0);
        page->kind = PAGE_CACHED;
        page->below = pcp->top;
        pcp->top = page;
        pcp->count++;
    }
    if (pcp->count == 0)
        zone->refused++;
    spin_unlock(&zone->lock);
}

struct page *pcp_take_slowly(enum zone_id id, gfp_t gfp)
{
    const irqflags_t flags = irq_save();
    struct pcp *pcp = this_pcp(id);

    if (pcp->count == 0)
        refill(pcp, id, gfp);
    struct page *page = pcp_take(id);
    irq_restore(flags);
    return page;
}

/* Return @count pages of @pcp to zone @id.  Interrupts off. */
static void drain(struct pcp *pcp, enum zone_id id, unsigned count)
{
    struct zone *zone = &zones[id];

    spin_lock(&zone->lock);
    for (unsigned i = 0; i < count; i++) {
        struct page *page = pcp->top;
        pcp->top = page->below;
        buddy_give(&zone->buddy, page, 0);
    }
    spin_unlock(&zone->lock);
    pcp->count -= count;
}

void pcp_make_room(struct pcp *pcp, enum zone_id id) { drain(pcp, id, pcp->count / 2); }

void pcp_drain(void)
{
    const irqflags_t flags = irq_save();
    struct pcp_zones *all = this_cpu_ptr(pcp_zones);

    for (enum zone_id id = 0; id < ZONES; id++)
        drain(&all->zone[id], id, all->zone[id].count);
    irq_restore(flags);
}

unsigned long pcp_count(enum zone_id id)
{
    unsigned long count = 0;

    for_each_online_cpu (cpu)
        count += READ_ONCE(per_cpu_ptr(pcp_zones, cpu)->zone[id].count);
    return count;
}

/*
 * Each CPU's own list of free single pages: a stack, so the page that is taken is the one that
 * was freed last.
 */
#include "mm/pcp.h"

#include "lib/bits.h"
#include "lib/minmax.h"

DEFINE_PER_CPU(struct pcp_zones, pcp_zones);
unsigned pcp_limit = PCP_LIMIT_MIN;

void pcp_set_limit(unsigned long pages)
{
    const unsigned long share = pages / 64;
    pcp_limit = (unsigned)clamp(share, (unsigned long)PCP_LIMIT_MIN, (unsigned long)PCP_LIMIT_MAX);
}

/*
 * Take a block of at most @spare pages from @buddy into @pcp: the largest of those that are no more
 * than a batch, so that leftovers are used up; else a batch out of a larger one.  False: none left.
 */
static bool take_block(struct pcp *pcp, struct buddy *buddy, unsigned long spare)
{
    unsigned order = spare < PCP_BATCH ? highest_bit(spare) : PCP_BATCH_ORDER;
    const u32 small = buddy->orders & ((2u << order) - 1);
    if (small)
        order = highest_bit(small);
    struct page *page = buddy_take(buddy, order);
    if (!page)
        return false;
    for (unsigned i = 1u << order; i-- > 0;) { /* the lowest comes on top */
        page[i].kind = PAGE_CACHED;
        page[i].order = 0;
        page[i].below = pcp->top;
        pcp->top = &page[i];
    }
    pcp->count += 1u << order;
    return true;
}

/* Fill @pcp by a batch, or as far as the zone may go down for @gfp.  Interrupts off. */
static void refill(struct pcp *pcp, enum zone_id id, gfp_t gfp)
{
    struct zone *zone = &zones[id];
    struct buddy *buddy = &zone->buddy;

    spin_lock(&zone->lock);
    const unsigned long mark = zone_mark(zone, gfp);
    while (pcp->count < PCP_BATCH && buddy->free_pages > mark)
        if (!take_block(pcp, buddy, buddy->free_pages - mark))
            break;
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

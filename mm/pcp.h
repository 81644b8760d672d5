/*
 * Each CPU's own list of free single pages.
 *
 * Most requests are for one page, and most pages come back soon.  A page that this CPU just freed
 * is still in its cache, and taking it needs no lock: only interrupts are off for a moment.  Pages
 * go to and from the zone a batch at a time.
 *
 *      page_alloc(order 0) <---+            +---> page_free(order 0)
 *                              |            |
 *                           [ this CPU's stack ]
 *                              ^            |
 *             a batch if empty |            v a batch if full
 *                           [ the zone's blocks, under its lock ]
 */
#ifndef MM_PCP_H
#define MM_PCP_H

#include "arch/x86/percpu.h"
#include "mm/zone.h"

enum {
    PCP_BATCH = 16,
    PCP_PAGES_MAX = 4 * PCP_BATCH,
};

struct pcp {
    unsigned count; /* changed by its CPU alone, with interrupts off */
    struct page *pages[PCP_PAGES_MAX];
};
struct pcp_zones {
    struct pcp zone[ZONES];
};
DECLARE_PER_CPU(struct pcp_zones, pcp_zones);

/* Take a page of zone @id, with one reference.  NULL: it has none for @gfp.  Any context. */
struct page *pcp_take(enum zone_id id, gfp_t gfp) MUST_CHECK;

/* Give back a page that nobody else has a reference to.  Any context. */
void pcp_give(struct page *page);

/* Return this CPU's pages to their zones.  Any context. */
void pcp_drain(void);

/* How many pages of zone @id all CPUs hold; of one moment only if nobody allocates. */
unsigned long pcp_count(enum zone_id id);

#endif

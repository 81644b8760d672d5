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

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"
#include "mm/zone.h"

enum {
    PCP_BATCH_ORDER = 5,
    PCP_BATCH = 1 << PCP_BATCH_ORDER,
    PCP_LIMIT_MIN = 64,
    PCP_LIMIT_MAX = 1024,
};

/* (c) A list may hold fewer pages than this: a 64th of memory, within the limits above. */
extern unsigned pcp_limit;

/* Changed by its CPU alone, with interrupts off. */
struct pcp {
    struct page *top; /* freed last; the others by page->below */
    unsigned count;   /* below pcp_limit */
};
struct pcp_zones {
    struct pcp zone[ZONES];
};
DECLARE_PER_CPU(struct pcp_zones, pcp_zones);

/* This CPU's list of zone @id.  Interrupts off.  As bytes: then it stays one address. */
static ALWAYS_INLINE struct pcp *this_pcp(enum zone_id id)
{
    assert_slow(irqs_disabled());
    return (struct pcp *)((char *)this_cpu_ptr(pcp_zones) + id * sizeof(struct pcp));
}

/* What pcp_take() does when the list is empty: takes a batch from the zone first. */
struct page *pcp_take_slowly(enum zone_id id, gfp_t gfp) MUST_CHECK;

/* What pcp_give() does when the list has become full: sends pages back.  Interrupts off. */
void pcp_make_room(struct pcp *pcp, enum zone_id id);

/* Take a page of zone @id, with one reference.  NULL: none is in this CPU's list.  Any context. */
static ALWAYS_INLINE MUST_CHECK struct page *pcp_take(enum zone_id id)
{
    const irqflags_t flags = irq_save();
    struct pcp *pcp = this_pcp(id);
    struct page *page = pcp->top;

    if (likely(page != NULL)) {
        pcp->top = page->below;
        pcp->count--;
        assert(page->kind == PAGE_CACHED);
        page->kind = PAGE_USED;
        page->refs = 1;
    }
    irq_restore(flags);
    return page;
}

/* Give back a page that nobody else has a reference to.  Any context. */
static ALWAYS_INLINE void pcp_give(struct page *page)
{
    const enum zone_id id = page_zone_id(page);
    const irqflags_t flags = irq_save();
    struct pcp *pcp = this_pcp(id);

    page->kind = PAGE_CACHED;
    page->refs = 0;
    page->below = pcp->top;
    pcp->top = page;
    if (unlikely(++pcp->count >= pcp_limit))
        pcp_make_room(pcp, id);
    irq_restore(flags);
}

/* For zone_ready(): set pcp_limit, now that it is known how much memory there is. */
void pcp_set_limit(unsigned long pages);

/* Return this CPU's pages to their zones.  Any context. */
void pcp_drain(void);

/* How many pages of zone @id all CPUs hold; of one moment only if nobody allocates. */
unsigned long pcp_count(enum zone_id id);

#endif

/*
 * Zones: pages the kernel can reach and pages it must map first; who may have them when they
 * run short.
 *
 * NORMAL is in the direct map.  HIGHMEM is not, and exists only where the address space is
 * smaller than memory (i386).  Each zone has its free blocks (buddy.h), and on each CPU a short
 * list of single pages, so that the usual page_alloc() takes no lock.
 *
 * How low a zone may get depends on who asks:
 *
 *      free pages
 *    ----------------------------------------------
 *                everybody gets pages
 *      high  ---------------------------------------  reclaim stops here (a later chapter)
 *      low   ---------------------------------------  reclaim starts here
 *      min   ---------------------------------------  those who can sleep are refused
 *                GFP_ATOMIC only
 *      min/2 ---------------------------------------  everybody is refused
 *    ----------------------------------------------
 *
 * A request that prefers HIGHMEM falls back to NORMAL but leaves there a part for those who can
 * use nothing else.
 */
#ifndef MM_ZONE_H
#define MM_ZONE_H

#include "kernel/spinlock.h"
#include "mm/buddy.h"
#include "mm/page.h"

typedef u32 gfp_t;

/* How to get pages. */
enum {
    GFP_MAY_SLEEP = 1 << 0,
    GFP_RESERVE = 1 << 1,  /* may take from the reserve below min */
    GFP_HIGHMEM = 1 << 2,  /* need not be in the direct map */
    GFP_ZERO = 1 << 3,     /* cleared */
    GFP_COMPOUND = 1 << 4, /* one thing with one reference count, if more than one page */
    GFP_NOWARN = 1 << 5,   /* failure is expected: print nothing */
};

#define GFP_KERNEL   (GFP_MAY_SLEEP)
#define GFP_ATOMIC   (GFP_RESERVE)
#define GFP_HIGHUSER (GFP_MAY_SLEEP | GFP_HIGHMEM)

enum zone_id { ZONE_NORMAL, ZONE_HIGHMEM, ZONES };

/*
 * Take 2^@order pages that start at a multiple of 2^@order, with one reference.
 *
 * Sleeps: may, with GFP_MAY_SLEEP; asserts that it could, even if it does not.  Without: any
 * context but NMI.
 * Returns: the first of them, NULL: there is no memory.
 */
struct page *page_alloc(gfp_t gfp, unsigned order) MUST_CHECK;

/* Give back what page_alloc() gave, of which the caller has the only reference.  Any context. */
void page_free(struct page *page, unsigned order);

/* Turn a block of page_alloc(), not compound, into 2^@order pages of order 0. */
void page_split(struct page *page, unsigned order);

/*
 * Turn the compound block at @head, gigantic or not, to which the caller has the only reference,
 * into single pages of order 0 with one reference each.  What the owner has written into @head
 * (mapping, index, flags) stays there; of the other pages only order, refs and kind are written.
 * Meanwhile page_try_get() fails.  Any context.
 */
void page_dissolve(struct page *head);

/* (z) under lock, (c) constant after boot */
struct zone {
    struct spinlock lock;
    struct buddy buddy;            /* (z) */
    const char *name;              /* (c) */
    unsigned long pages;           /* (z) given to the zone: grows by page_release() */
    unsigned long min, low, high;  /* (c) watermarks, in free pages */
    unsigned long kept_for_direct; /* (c) on top of min, for requests that fell back to it */
    unsigned long refused;         /* (z) requests it could not serve */
};

extern struct zone zones[ZONES];

static inline enum zone_id page_zone_id(const struct page *page)
{
    return HAS_HIGHMEM && page_is_highmem(page) ? ZONE_HIGHMEM : ZONE_NORMAL;
}

/* What is known of one zone, for statistics and tests. */
struct zone_stat {
    const char *name;
    unsigned long pages;                /* given to the zone at boot */
    unsigned long free_pages;           /* in its blocks */
    unsigned long cached_pages;         /* in the lists of the CPUs, free as well */
    unsigned long min, low, high;       /* watermarks, in free pages */
    unsigned long blocks[BUDDY_ORDERS]; /* free blocks of each order */
    unsigned long refused;              /* requests that this zone alone could not serve */
};

/* Fill @stat.  The numbers are of one moment only if nobody allocates. */
void zone_stat(enum zone_id id, struct zone_stat *stat);

/* Free pages of a zone, those in the lists of the CPUs included. */
unsigned long zone_free_pages(enum zone_id id);

/* All pages that zones were given at boot, and those that are free now. */
unsigned long pages_total(void);
unsigned long pages_free(void);

/* How many entries of programs the struct pages say there are, in pages; for the audit. */
unsigned long page_count_mapped(void);

/* Return the single pages of all CPUs to their zones.  Sleeps. */
void zone_drain_all(void);

/* Prove that the books of all zones agree.  Returns the number of offences, printed.  Sleeps. */
unsigned page_audit(void);

/*
 * For page_init(), in this order: zones without pages; free pages [@start, @end), all of kind PART
 * (page_release() does that later, too); all are there, so set the watermarks.
 */
void zone_init(void);
void zone_add(enum zone_id id, pfn_t start, pfn_t end);
void zone_ready(void);

/*
 * For pcp.c and gigantic.c, under the lock: how few pages may be left free in @zone when a
 * request with @gfp has been served.
 */
unsigned long zone_mark(const struct zone *zone, gfp_t gfp);

#endif

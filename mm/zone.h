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
 * Take @pages pages that start at a multiple of @align (a power of two), from free memory
 * wherever it lies.  They are single pages, each with one reference.  Sleeps.
 *
 * Returns: the first of them, NULL: no such stretch is free.
 */
struct page *page_alloc_contiguous(unsigned long pages, unsigned long align) MUST_CHECK;

/*
 * Take a compound block of 2^@order pages with @order above PAGE_ORDER_MAX: one reserved at boot
 * (hugepages_1g=N) if it has that order, else by search.  page_free() and page_put() take it
 * back.  Sleeps.
 *
 * Returns: its head, NULL: no such stretch is free.
 */
struct page *page_alloc_gigantic(unsigned order) MUST_CHECK;

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

/* Return the single pages of all CPUs to their zones.  Sleeps. */
void zone_drain_all(void);

/* Prove that the books of all zones agree.  Returns the number of offences, printed.  Sleeps. */
unsigned page_audit(void);

/* For page.c at boot: give a zone the free pages [@start, @end), all of kind PART. */
void zone_add(enum zone_id id, pfn_t start, pfn_t end);

/* For page.c at boot: all pages are there, set the watermarks. */
void zone_ready(void);

#endif

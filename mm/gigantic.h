/*
 * Gigantic blocks: more pages in one piece than the buddies keep together.
 *
 * Memory in use for a while has no free GiB in one piece any more.  So whoever will want some says
 * so at boot (hugepages_1g=N) and gets them set aside; a search comes second.
 */
#ifndef MM_GIGANTIC_H
#define MM_GIGANTIC_H

#include "mm/zone.h"

/*
 * Take @pages pages that start at a multiple of @align (a power of two) and lie in one zone, from
 * free memory wherever it is.  They are single pages, each with one reference.  Sleeps.
 *
 * Returns: the first of them, NULL: no such stretch is free.
 */
struct page *page_alloc_contiguous(gfp_t gfp, unsigned long pages, unsigned long align) MUST_CHECK;

/*
 * Take a compound block of 2^@order pages, PAGE_ORDER_MAX < @order <= GIGANTIC_ORDER: one of those
 * reserved at boot if it has that order, else by search.  page_free() and page_put() take it back.
 * Sleeps.
 *
 * Returns: its head, NULL: no such stretch is free.
 */
struct page *page_alloc_gigantic(gfp_t gfp, unsigned order) MUST_CHECK;

/* How many blocks reserved at boot are left. */
unsigned gigantic_reserved(void);

/*
 * For page_init(): set aside what hugepages_1g= asks for (blocks of GIGANTIC_ORDER), as far as it
 * can be had; make these compound blocks in use, now that there are struct pages.
 */
void gigantic_reserve(void);
void gigantic_ready(void);

#endif

/*
 * Poison: patterns in freed memory, so that a use after the free shows (check builds).
 *
 * Freeing fills, allocating checks.  What was free all along since boot was never filled: a page
 * says with PAGE_POISONED that it was.
 */
#ifndef MM_POISON_H
#define MM_POISON_H

#include "lib/types.h"

struct page;

/* Bytes no pointer and no count is likely to be made of. */
enum {
    POISON_PAGE = 0xaa,   /* in a free page */
    POISON_OBJECT = 0x6b, /* in a free object of a slab */
    POISON_NEW = 0x5a,    /* in an object just allocated */
};

/* Fill the 2^@order pages at @page, which are being freed. */
void poison_pages(struct page *page, unsigned order);

/* Report each of the 2^@order pages at @page that was written to since it was poisoned. */
void poison_check_pages(struct page *page, unsigned order);

/* The first of @count bytes at @memory that is not @byte, NULL: all are. */
const u8 *poison_find_damage(const void *memory, u8 byte, size_t count);

#endif

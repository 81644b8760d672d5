/*
 * Work on pages that may lie beyond the direct map: each maps what it needs for as long as it
 * takes.  Offsets and lengths stay within one page; that is asserted.
 *
 * clear_highpage(), copy_highpage() and clear_user_highpages() are in mm/clear.h, with the loops.
 * All of these may be called in any context but NMI (in a handler: with interrupts off).
 */
#ifndef MM_HIGHMEM_H
#define MM_HIGHMEM_H

#include "lib/types.h"
#include "mm/clear.h"

struct page;

/*
 * Zero a page that a program will see at @va, or make it a copy of @from.  The caches of this
 * machine go by physical addresses, so @va makes no difference; on other machines it does.
 */
static inline void clear_user_highpage(struct page *page, vaddr_t va)
{
    (void)va;
    clear_highpage(page);
}

static inline void copy_user_highpage(struct page *to, struct page *from, vaddr_t va)
{
    (void)va;
    copy_highpage(to, from);
}

/* Copy @bytes bytes to, or from, the byte @offset of @page. */
void memcpy_to_page(struct page *page, size_t offset, const void *from, size_t bytes);
void memcpy_from_page(void *to, struct page *page, size_t offset, size_t bytes);

/* The bytes [start, end) of a page; none if they are equal. */
struct page_part {
    size_t start, end;
};

/* Zero two parts of @page under one mapping: what surrounds the bytes that are to be kept. */
void zero_user_segments(struct page *page, struct page_part first, struct page_part second);

/* Zero the @bytes bytes of @page from @start on. */
void zero_user(struct page *page, size_t start, size_t bytes);

/* Free pages beyond the direct map.  A snapshot. */
unsigned long nr_free_highpages(void);

#endif

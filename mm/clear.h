/*
 * Zeroing and copying pages, wherever they are.
 *
 * The loops are the machine's (copy.asm), chosen at boot by what the CPU does best.
 */
#ifndef MM_CLEAR_H
#define MM_CLEAR_H

struct page;

/* Choose the loops for this CPU.  Until then the plain ones serve. */
void clear_init(void);

/* Zero, or copy, one page of PAGE_BYTES at an aligned address.  Any context. */
void clear_page(void *page);
void copy_page(void *to, const void *from);

/* The same for pages that may lie beyond the direct map. */
void clear_highpage(struct page *page);
void copy_highpage(struct page *to, struct page *from);

#endif

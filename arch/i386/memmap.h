/*
 * Where the i386 keeps its struct pages: one array in low memory, a page's number its index.
 */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

struct page;

#define MEMMAP_IS_WINDOW 0

/* Set once by page_init(). */
extern struct page *memmap_array;

/* The struct page of page number 0. */
static inline struct page *memmap(void) { return memmap_array; }

#endif

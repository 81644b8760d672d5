/*
 * Where the i386 keeps its struct pages: one array in low memory, a page's number its index.
 */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

#include "gen/config.h"

struct page;

#define MEMMAP_IS_WINDOW 0
#define HAS_HIGHMEM      1
#define PHYS_BITS_MAX    (CONFIG_PAE ? 36 : 32) /* as far as a page-table entry reaches */

extern struct page *memmap_array; /* constant after page_init() */

/* The struct page of page number 0. */
static inline struct page *memmap(void) { return memmap_array; }

/* For page_init(): the array is at @array. */
static inline void memmap_place(struct page *array) { memmap_array = array; }

#endif
